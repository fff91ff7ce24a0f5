"""Why a set-up step cannot be done: each failure is one Vietnamese sentence that says what to do.

They do not derive from the product's errors: the product may not be installed yet.
"""

from __future__ import annotations

import errno
import re
from pathlib import Path


class SetupError(Exception):
    """A step cannot be done. ``str(error)`` is the whole sentence for the person at the keyboard."""


class NoVenvModuleError(SetupError):
    """The running Python has no ``ensurepip``; Debian and Ubuntu pack it apart."""

    def __init__(self, version: str) -> None:
        super().__init__(
            f"Python {version} trên máy này chưa tạo được môi trường riêng: "
            f"hãy cài phần thiếu (Debian, Ubuntu: “sudo apt install python3-venv python{version}-venv”) rồi chạy lại."
        )


class NoNluPythonError(SetupError):
    """Neither Python 3.11 nor 3.10 is on the machine and none could be fetched."""

    def __init__(self) -> None:
        super().__init__(
            "Phần hiểu tiếng Việt cần Python 3.11 mà máy này chưa có và cũng chưa tải về được: "
            "hãy cài python3.11 (ví dụ “sudo apt install python3.11” hoặc “pyenv install 3.11”) rồi chạy lại."
        )


class DiskFullError(SetupError):
    """Too little room on the disk; ``free`` and ``needed`` are bytes, when known."""

    def __init__(self, *, free: int | None = None, needed: int | None = None) -> None:
        if free is None or needed is None:
            what = "Ổ đĩa đã đầy"
        else:
            what = f"Ổ đĩa chỉ còn trống {gigabytes(free)} GB mà cần {gigabytes(needed)} GB"
        super().__init__(f"{what}: hãy xóa bớt tệp không dùng rồi chạy lại.")


class ReadOnlyError(SetupError):
    """The checkout, or a folder in it, cannot be written to."""

    def __init__(self, path: str) -> None:
        super().__init__(f"Không ghi được vào {path}: hãy chạy bằng tài khoản có quyền ghi thư mục này.")


class NotExecutableError(SetupError):
    """A program that has just been installed may not be started, as on a disk mounted with ``noexec``."""

    def __init__(self, program: str) -> None:
        super().__init__(
            f"Không chạy được {program}: hãy chuyển mã nguồn sang ổ đĩa cho phép chạy chương trình rồi chạy lại."
        )


class LockMissingError(SetupError):
    """A lock file is not in the checkout."""

    def __init__(self, lock: Path) -> None:
        super().__init__(
            f"Thiếu tệp {lock}: hãy lấy lại mã nguồn cho đủ (ví dụ “git checkout -- {lock}”) rồi chạy lại."
        )


class LockMismatchError(SetupError):
    """A package does not have the hash that the lock file promises."""

    def __init__(self, lock: Path) -> None:
        super().__init__(
            f"Gói tải về không khớp mã kiểm tra trong {lock} nên chưa cài: "
            f"hãy lấy lại tệp này từ mã nguồn gốc, và nếu vẫn lỗi thì báo người quản trị kho gói Python."
        )


class NoWheelError(SetupError):
    """The index has no wheel for this machine of some package, and we build none from source."""

    def __init__(self, lock: Path) -> None:
        super().__init__(
            f"Kho gói Python thiếu bản cài sẵn cho máy này của một gói trong {lock}: hãy dùng kho gói đầy đủ hơn, "
            f"hoặc máy Linux 64 bit hay macOS chip Apple có Python 3.11, rồi chạy lại."
        )


class LockAddressError(SetupError):
    """A lock file would record where a package was downloaded from."""

    def __init__(self, lock: Path) -> None:
        super().__init__(
            f"Tệp {lock} vừa ghi cả địa chỉ tải về: "
            f"hãy bỏ các gói khai báo bằng địa chỉ, hoặc đặt kho gói bằng biến môi trường, rồi chạy lại."
        )


class IndexUnreachableError(SetupError):
    """No package index answers."""

    def __init__(self) -> None:
        super().__init__(
            "Không kết nối được kho gói Python: hãy kiểm tra mạng, proxy và địa chỉ kho gói của máy này rồi chạy lại."
        )


class CertificateError(SetupError):
    """The package index, or a proxy before it, shows a certificate that is not trusted."""

    def __init__(self) -> None:
        super().__init__(
            "Máy này không tin chứng chỉ của kho gói Python: "
            "hãy cài chứng chỉ của cơ quan bạn, đặt biến SSL_CERT_FILE và PIP_CERT trỏ tới tệp đó, rồi chạy lại."
        )


class ToolFailedError(SetupError):
    """A tool failed in a way that we do not know; what it said last is in the log."""

    def __init__(self, log: Path) -> None:
        super().__init__(f"Bước này không xong: hãy xem lý do ở cuối tệp {log}, sửa rồi chạy lại.")


class StoppedError(SetupError):
    """Somebody stopped the command; it goes on from there next time."""

    def __init__(self) -> None:
        super().__init__("Đã dừng theo yêu cầu: chạy lại lệnh vừa rồi để làm tiếp.")


DISK_FULL = re.compile(r"No space left on device|Disk quota exceeded|\[Errno 28\]|os error (28|122)\b")
HASH_MISMATCH = re.compile(r"DO NOT MATCH THE HASHES|[Hh]ash mismatch|require-hashes mode|[Mm]issing hash")
NO_VENV_MODULE = re.compile(r"ensurepip is not available|No module named '?(venv|ensurepip)\b")
UNTRUSTED_CERTIFICATE = re.compile(r"CERTIFICATE_VERIFY_FAILED|SSLError|invalid peer certificate")
INDEX_UNREACHABLE = re.compile(
    r"connection broken by|NewConnectionError|Connection refused|Network is unreachable|[Rr]ead timed out|ProxyError"
    r"|name resolution|Name or service not known|Failed to (fetch|download)|error sending request"
    r"|network (was|connectivity is) disabled"
    # What pip says when it was told not to try again.
    r"|\(from versions: none\)"
)
NO_WHEEL = re.compile(r"no usable wheels|building from source is disabled")


def explain(output: str, *, lock: Path, python_version: str, log: Path) -> SetupError:
    """Name what a tool's ``output`` says. The order matters: a lost connection that was mended is printed too."""
    if DISK_FULL.search(output):
        return DiskFullError()
    if HASH_MISMATCH.search(output):
        return LockMismatchError(lock)
    if NO_VENV_MODULE.search(output):
        return NoVenvModuleError(python_version)
    if UNTRUSTED_CERTIFICATE.search(output):
        return CertificateError()
    if INDEX_UNREACHABLE.search(output):
        return IndexUnreachableError()
    if NO_WHEEL.search(output):
        return NoWheelError(lock)
    return ToolFailedError(log)


def explain_os_error(error: OSError) -> SetupError | None:
    """Name a refusal of the operating system, or None when it is a fault of ours."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFullError()
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return ReadOnlyError(str(error.filename or "thư mục này"))
    return None


def gigabytes(size: int) -> str:
    """``1610612736`` → ``"1,5"``: rounded to tenths, with the Vietnamese decimal comma."""
    return f"{size / 2**30:.1f}".replace(".", ",").removesuffix(",0")
