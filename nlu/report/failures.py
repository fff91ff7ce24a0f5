"""Why there is no report: each failure is one Vietnamese sentence that says what to do (as ``deploy/failures.py``)."""

from __future__ import annotations

from pathlib import Path


class ReportError(Exception):
    """The report cannot be made. ``str(error)`` is the whole sentence for the person at the keyboard."""


class OptionError(ReportError):
    """An option is missing or means nothing."""


class DataMissingError(ReportError):
    """A file or folder of messages is not there."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"Không có {path}: hãy kiểm tra lại đường dẫn TRAIN hoặc TEST rồi chạy lại.")


class DataUnreadableError(ReportError):
    """Rasa cannot read a file of messages, or there is no message with an intent in it."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"Không đọc được câu mẫu trong {path} ({reason}): hãy sửa cho đúng dạng dữ liệu NLU của Rasa rồi chạy lại."
        )


class TooFewIntentsError(ReportError):
    """A classifier needs two intents at least."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"Dữ liệu trong {path} có ít hơn hai ý định: hãy thêm câu mẫu của ý định khác rồi chạy lại.")


class WorkFailedError(ReportError):
    """A process that trains or parses ended without a result; what it said last is in the log."""

    def __init__(self, pipeline: str, log: Path) -> None:
        super().__init__(f"Bước của “{pipeline}” không xong: hãy xem lý do ở cuối tệp {log}, sửa rồi chạy lại.")


class StoppedError(ReportError):
    """Somebody stopped the command."""

    def __init__(self) -> None:
        super().__init__("Đã dừng theo yêu cầu: chạy lại lệnh vừa rồi để làm lại.")
