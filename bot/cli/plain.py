"""Failures told as one sentence that says what to do; a traceback only for what nobody foresaw."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from bot.core.errors import ProductError
from bot.core.programme import ContentError
from bot.core.rendering import TemplateBrokenError
from bot.main import PortInUseError
from bot.nlu_server.model import NluEnvironmentMissingError, TrainingFailedError
from bot.settings import SecretFileUnusableError, Settings

EXIT_REFUSED = 2


class BusyElsewhereError(ProductError):
    """Another product process has this SQLite database open."""


class NeedsPostgresqlError(ProductError):
    """A single role was asked for on SQLite."""


def say(text: str) -> None:
    """Print one line for the operator."""
    print(text, file=sys.stderr, flush=True)


def refuse(text: str) -> NoReturn:
    """Print one sentence and end with exit code 2."""
    say(f"Lỗi: {text}")
    raise SystemExit(EXIT_REFUSED)


def read_settings() -> Settings:
    """Read the settings, or end with a sentence that names each wrong one."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(f"{_setting_name(item['loc'])}: {item['msg']}" for item in error.errors())
        refuse(f"thiết lập chưa đúng ({wrong}). Hãy sửa biến môi trường đó rồi chạy lại.")


@contextmanager
def plainly() -> Iterator[None]:
    """Turn the failures an operator can mend into one sentence each."""
    try:
        yield
    except ExceptionGroup as group:
        _explain(_first(group))
        raise
    except Exception as error:
        _explain(error)
        raise


def sentence_for(error: BaseException) -> str | None:
    """Return the sentence for a failure an operator can mend; None for any other."""
    if isinstance(error, ContentError):
        return f"tệp nội dung {error.file} dòng {error.line} chưa đúng: {error.problem} Hãy sửa tệp đó rồi chạy lại."
    if isinstance(error, PortInUseError):
        port, setting = error.facts["port"], error.facts["setting"]
        return (
            f"cổng {port} đang có chương trình khác dùng. Hãy tắt chương trình đó, hoặc đặt {setting} sang cổng khác."
        )
    if isinstance(error, NluEnvironmentMissingError):
        return "chưa cài môi trường NLU (nlu/.venv). Hãy chạy `make run` để cài."
    if isinstance(error, TrainingFailedError):
        return f"huấn luyện phần hiểu tiếng Việt không thành công. Xem lý do trong {error.facts['log']}."
    if isinstance(error, TemplateBrokenError):
        return f"mẫu câu bị thiếu hoặc hỏng ({error.facts}). Hãy khôi phục thư mục templates/."
    if isinstance(error, SecretFileUnusableError):
        return (
            f"tệp khóa {error.facts['path']} bị hỏng hoặc người khác đọc được. "
            "Hãy khôi phục tệp từ bản sao lưu và đặt quyền 600 (chmod 600)."
        )
    if isinstance(error, BusyElsewhereError):
        return "cơ sở dữ liệu này đang được một tiến trình Hiện Diện khác dùng. Hãy dừng tiến trình đó trước."
    if isinstance(error, NeedsPostgresqlError):
        return (
            "với SQLite chỉ có một tiến trình: hãy dùng `hiendien up`, "
            "hoặc đặt HIENDIEN_DATABASE_URL tới PostgreSQL để tách riêng từng phần."
        )
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "đĩa đã đầy. Hãy giải phóng chỗ trống rồi chạy lại."
    if isinstance(error, SQLAlchemyError):
        if "disk is full" in str(error):
            return "đĩa đã đầy. Hãy giải phóng chỗ trống rồi chạy lại."
        return f"không mở được cơ sở dữ liệu ({type(error).__name__}). Hãy kiểm tra HIENDIEN_DATABASE_URL."
    if isinstance(error, OSError):
        return f"{error.strerror or error} ({error.filename or 'hệ thống'}). Hãy kiểm tra quyền ghi và đường dẫn."
    return None


def _explain(error: BaseException) -> None:
    sentence = sentence_for(error)
    if sentence is not None:
        refuse(sentence)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error


def _setting_name(location: tuple[int | str, ...]) -> str:
    return f"HIENDIEN_{str(location[0]).upper()}" if location else "HIENDIEN_*"
