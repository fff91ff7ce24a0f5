"""What an operator reads about a failure that they can mend: one place for all of it, in Vietnamese."""

from __future__ import annotations

import errno
from collections.abc import Mapping

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from bot.approving import DemonstrationRootError, LogKeyMissingError, SigningRootsUnusableError
from bot.cli.database import (
    BusyElsewhereError,
    DatabaseFileUnusableError,
    DatabaseNotReadyError,
    DatabaseRefusedError,
    DatabaseUnreachableError,
    NeedsPostgresqlError,
)
from bot.cli.demonstration import DemonstrationMissingError, PersonUnknownError
from bot.cli.signing_sentences import SIGNING_FAILURES
from bot.core.audit.errors import (
    AuditLogBehindError,
    AuditLogBrokenError,
    AuditLogForkedError,
    WitnessUnreadableError,
)
from bot.core.audit.keys import LogKeyUnusableError
from bot.core.errors import ProductError
from bot.core.misreadings.service import MisreadingDecidedError, MisreadingGoneError
from bot.core.programme import ContentError
from bot.core.programme.content_problems import ContentProblem
from bot.core.rendering import TemplateBrokenError
from bot.core.reports.service import ReportNotFoundError
from bot.gateway.telegram.client import TelegramOffError
from bot.gateway.zalo.authorising import ZaloAnswerUnreadableError, ZaloOffError
from bot.gateway.zalo.client import RefreshRefusedError
from bot.listening import AddressUnusableError, PortForbiddenError, PortInUseError
from bot.log_token import LogTokenPathError, LogTokenPinDoubtfulError, LogTokenPinUnusableError
from bot.main import NotPolledError
from bot.nlu_server.model import NluEnvironmentMissingError, TrainingFailedError
from bot.revocation.pieces import ListUnreadableError
from bot.settings import (
    PREFIX,
    BeyondLoopbackError,
    DatabaseUnknownError,
    FixedDayRefusedError,
    LogTokenIncompleteError,
    LoopbackRefusedError,
    ProxyRangeTooWideError,
    SecretFileUnusableError,
    SecretMissingError,
    SecretSharedError,
    SecretWeakError,
    SettingRefusedError,
)

FULL_DISK = "đĩa đã đầy. Hãy giải phóng chỗ trống rồi chạy lại."

_FAILURES: Mapping[type[ProductError], str] = {
    PortInUseError: (
        "cổng {port} đang có chương trình khác dùng. Hãy tắt chương trình đó, hoặc đặt {setting} sang cổng khác."
    ),
    PortForbiddenError: "cổng {port} cần quyền quản trị. Hãy đặt {setting} từ 1024 trở lên.",
    AddressUnusableError: "máy này không có địa chỉ {host}. Hãy sửa {setting}.",
    TelegramOffError: "chưa có mã của bot Telegram. Hãy đặt HIENDIEN_TELEGRAM_TOKEN.",
    ZaloOffError: (
        "chưa bật Zalo. Hãy đặt HIENDIEN_ZALO_APP_ID và HIENDIEN_ZALO_APP_SECRET của ứng dụng trên developers.zalo.me."
    ),
    ZaloAnswerUnreadableError: (
        "trong địa chỉ vừa dán không có mã cho phép của lần này. Hãy chạy lại lệnh và dán nguyên địa chỉ đó."
    ),
    RefreshRefusedError: (
        "Zalo không nhận mã này (mã lỗi {told}). Mã chỉ dùng một lần, trong 10 phút: hãy chạy lại lệnh."
    ),
    NotPolledError: (
        "đã đặt HIENDIEN_TELEGRAM_WEBHOOK_SECRET nên Telegram tự gọi tới. "
        "Hãy bỏ thiết lập đó nếu muốn dùng `hiendien polling`."
    ),
    NluEnvironmentMissingError: "chưa cài môi trường NLU (nlu/.venv). Hãy chạy `make run` để cài.",
    TrainingFailedError: "huấn luyện phần hiểu tiếng Việt không thành công. Xem lý do trong {log}.",
    SecretFileUnusableError: (
        "tệp khóa {path} bị hỏng hoặc người khác đọc được. "
        "Hãy khôi phục tệp từ bản sao lưu và đặt quyền 600 (chmod 600)."
    ),
    BusyElsewhereError: "cơ sở dữ liệu này đang được một tiến trình Hiện Diện khác dùng. Hãy dừng tiến trình đó trước.",
    NeedsPostgresqlError: (
        "với SQLite chỉ có một tiến trình: hãy dùng `hiendien up`, "
        "hoặc đặt HIENDIEN_DATABASE_URL tới PostgreSQL để tách riêng từng phần."
    ),
    DatabaseUnreachableError: (
        "không kết nối được cơ sở dữ liệu. Hãy kiểm tra máy chủ PostgreSQL và HIENDIEN_DATABASE_URL."
    ),
    DatabaseRefusedError: (
        "PostgreSQL từ chối tài khoản này. Hãy kiểm tra tên người dùng, mật khẩu và tên cơ sở dữ liệu trong "
        "HIENDIEN_DATABASE_URL, và quyền tạo bảng."
    ),
    DatabaseNotReadyError: "chưa có cơ sở dữ liệu, hoặc chưa đúng phiên bản. Hãy chạy `make run` một lần.",
    MisreadingGoneError: "câu này không còn nữa: người viết đã rút lại, hoặc đã hết thời hạn giữ.",
    MisreadingDecidedError: "câu này vừa có người khác xử lý.",
    ReportNotFoundError: "không có báo cáo {reference}: đã được rút lại, hoặc đã hết thời hạn giữ.",
    AuditLogBrokenError: (
        "nhật ký kiểm tra bị sửa hoặc mất dòng (dòng {seq}). "
        "Hãy giữ nguyên máy, báo người phụ trách an toàn thông tin, rồi khôi phục bản sao lưu mới nhất."
    ),
    AuditLogBehindError: (
        "nhật ký kiểm tra có {size} dòng, ít hơn {known} dòng đã được ký: bị cắt, hoặc bản sao lưu cũ vừa được khôi "
        "phục. Hãy khôi phục bản sao lưu mới hơn và báo người phụ trách an toàn thông tin."
    ),
    AuditLogForkedError: (
        "nhật ký kiểm tra khác với mốc đã ký ở dòng {seq}. "
        "Hãy giữ nguyên máy, báo người phụ trách an toàn thông tin, rồi khôi phục bản sao lưu mới nhất."
    ),
    WitnessUnreadableError: "tệp giữ mốc ký mới nhất {path} bị hỏng. Hãy khôi phục tệp đó từ bản sao lưu.",
    SigningRootsUnusableError: (
        "không đọc được chứng thư số gốc ở {path}. Hãy để vào đó các tệp .pem của đơn vị cấp chứng thư số."
    ),
    DemonstrationRootError: (
        "trong {path} có chứng thư số gốc thử nghiệm, ai cũng ký được. Hãy bỏ tệp dev-root.pem và bắt đầu với cơ sở dữ "
        "liệu mới, không dùng lại cơ sở dữ liệu đã dùng thử."
    ),
    DemonstrationMissingError: "chưa có đơn vị cấp thử nghiệm trong {path}. Hãy chạy `hiendien dev ca` trước.",
    PersonUnknownError: "đơn vị cấp thử nghiệm không có người này. Hãy chọn một trong: {names}.",
    ListUnreadableError: (
        "{source} không phải là danh sách thu hồi còn dùng được. Hãy tải lại tệp .crl từ đơn vị cấp chứng thư số."
    ),
    LogKeyMissingError: "chưa có khóa ký nhật ký. Hãy đặt HIENDIEN_LOG_KEY tới tệp khóa và chứng thư số (PEM).",
    LogTokenPinUnusableError: (
        "tệp mã PIN {path} của thiết bị ký nhật ký không dùng được. Tệp chỉ gồm mã PIN, chỉ chủ sở hữu đọc được "
        "(chmod 600)."
    ),
    LogTokenPinDoubtfulError: (
        "thiết bị ký nhật ký {token} báo lần trước nhập sai mã PIN, nên mã PIN trong {path} không được thử lại. "
        "Hãy sửa tệp đó, rồi nhập đúng mã PIN một lần bằng phần mềm của nhà cung cấp để thiết bị nhận lại."
    ),
    LogTokenPathError: (
        "không có chứng thư số của đơn vị cấp và gốc cho khóa ký nhật ký trên thiết bị {token}. "
        "Hãy đặt HIENDIEN_LOG_TOKEN_CHAIN tới tệp chứa các chứng thư số đó (PEM)."
    ),
    LogKeyUnusableError: (
        "tệp khóa ký nhật ký {path} không dùng được. Tệp cần khóa P-256, chứng thư số của khóa và chứng thư số gốc, "
        "chỉ chủ sở hữu đọc được (chmod 600)."
    ),
    DatabaseFileUnusableError: (
        "không dùng được tệp cơ sở dữ liệu {file}. Hãy kiểm tra quyền ghi và tắt chương trình khác đang mở tệp; "
        "nếu tệp hỏng, hãy khôi phục từ bản sao lưu."
    ),
    **SIGNING_FAILURES,
}

_REFUSED_SETTINGS: Mapping[type[SettingRefusedError], str] = {
    DatabaseUnknownError: "{setting} phải là tệp SQLite (sqlite:////đường/dẫn) hoặc PostgreSQL (postgresql://…)",
    ProxyRangeTooWideError: "{setting} không được gồm mọi địa chỉ: chỉ ghi các máy proxy của bạn",
    BeyondLoopbackError: "{setting} mở ra ngoài máy này thì cần HIENDIEN_ENVIRONMENT=production",
    SecretMissingError: "thiếu {setting}: đặt một chuỗi ngẫu nhiên từ 32 ký tự",
    SecretWeakError: "{setting} quá ngắn hoặc dễ đoán: dùng một chuỗi ngẫu nhiên từ 32 ký tự",
    SecretSharedError: "{setting} trùng với một khóa khác: đặt cho mỗi khóa một giá trị riêng",
    LogTokenIncompleteError: "thiếu {setting}: cần có khi đặt HIENDIEN_LOG_TOKEN_MODULE",
    FixedDayRefusedError: "{setting} chỉ để dùng thử: bỏ thiết lập này khi chạy thật",
    LoopbackRefusedError: "{setting} chỉ để thử trên máy này: bỏ thiết lập này khi chạy thật",
}

_EXPECTED_SETTINGS: Mapping[str, str] = {
    "environment": "phải là development hoặc production",
    "port": "phải là số từ 1 đến 65535",
    "nlu_port": "phải là số từ 1 đến 65535",
    "actions_port": "phải là số từ 1 đến 65535",
    "public_url": "phải là địa chỉ bắt đầu bằng http:// hoặc https://",
    "nlu_url": "phải là địa chỉ bắt đầu bằng http:// hoặc https://",
    "trusted_proxies": "phải là các địa chỉ IP hoặc dải mạng, cách nhau bằng dấu phẩy",
    "chat_rate_limit": "phải viết như 30/1m (30 tin mỗi phút), hoặc 0 để không giới hạn",
    "keep_misread": "phải là on hoặc off",
    "registrar_loopback": "phải là on hoặc off",
    "telegram_token": "phải là mã mà BotFather đưa, viết như 123456789:AAE…",
    "telegram_api_url": "phải là địa chỉ bắt đầu bằng https:// (http:// chỉ cho địa chỉ của chính máy này)",
    "telegram_webhook_secret": "chỉ gồm chữ không dấu, số, gạch ngang và gạch dưới, tối đa 256 ký tự",
    "telegram_proxy": "phải là địa chỉ bắt đầu bằng http://, https://, socks5:// hoặc socks5h://",
    "telegram_rate": "phải viết như 29/1s (29 tin mỗi giây), hoặc 0 để không giới hạn",
    "telegram_group_rate": "phải viết như 1/4s burst 5 (một tin mỗi 4 giây, 5 tin liền nhau), hoặc 0 để không giới hạn",
    "late_minutes": "phải là số phút từ 1 đến 1440",
    "lease_seconds": "phải là số giây từ 1 đến 300",
    "zalo_app_id": "phải là dãy số của ứng dụng, xem trên trang developers.zalo.me",
    "zalo_oa_id": "phải là dãy số của Official Account, xem trên trang oa.zalo.me",
    "zalo_verifier": "phải là phần mã trong tên tệp zalo_verifier….html mà Zalo đưa",
    "zalo_api_url": "phải là địa chỉ bắt đầu bằng https:// (http:// chỉ cho địa chỉ của chính máy này)",
    "zalo_oauth_url": "phải là địa chỉ bắt đầu bằng https:// (http:// chỉ cho địa chỉ của chính máy này)",
    "zalo_rate": "phải viết như 20/1s (20 tin mỗi giây), hoặc 0 để không giới hạn",
    "zalo_group_word": "phải là một từ gọi trợ lý trong nhóm, tối đa 40 chữ cái",
    "zalo_billed": "phải là on hoặc off",
    "signing_roots": "phải là đường dẫn tới tệp hoặc thư mục chứng thư số gốc",
    "crl_urls": "phải là các địa chỉ http:// hoặc https:// của danh sách thu hồi, cách nhau bằng dấu phẩy",
    "crl_dir": "phải là đường dẫn tới thư mục để danh sách thu hồi",
    "revocation_hosts": (
        "phải là các tên máy chủ, địa chỉ IP hoặc dải mạng được hỏi về thu hồi, cách nhau bằng dấu phẩy, "
        "không gồm mọi địa chỉ"
    ),
    "log_key": "phải là đường dẫn tới tệp khóa ký nhật ký",
    "log_token_module": "phải là đường dẫn tới thư viện PKCS#11 của thiết bị giữ khóa ký nhật ký",
    "log_token_label": "phải là nhãn của thiết bị giữ khóa ký nhật ký",
    "log_token_key": "phải là nhãn của khóa ký nhật ký trong thiết bị",
    "log_token_pin_file": "phải là đường dẫn tới tệp chứa mã PIN của thiết bị",
    "log_token_chain": "phải là đường dẫn tới tệp chứng thư số từ đơn vị cấp tới gốc (PEM)",
    "allow_rs256": "phải là on hoặc off",
    "offline_signing_hours": "phải là số giờ từ 0 đến 24",
    "stale_crl_hours": "phải là số giờ từ 0 đến 72",
    "today": "phải là một ngày có thật, viết như 2026-11-20",
}

CONTENT_PROBLEMS: Mapping[ContentProblem, str] = {
    ContentProblem.UNREADABLE: "không đọc được tệp. Hãy khôi phục tệp và quyền đọc",
    ContentProblem.NOT_TEXT: "có ký tự không phải chữ. Hãy xóa ký tự đó",
    ContentProblem.NOT_YAML: "viết sai kiểu YAML. Hãy xem lại dấu hai chấm, dấu ngoặc và khoảng trắng đầu dòng",
    ContentProblem.NOT_ONE_TOP_KEY: "tệp phải bắt đầu bằng đúng một mục “{key}:”",
    ContentProblem.REPEATED_KEY: "“{key}” có hai lần. Hãy giữ lại một",
    ContentProblem.MISSING_FIELD: "thiếu “{place}”. Hãy thêm mục này",
    ContentProblem.UNKNOWN_FIELD: "không có mục “{place}”. Hãy xóa hoặc sửa tên mục",
    ContentProblem.NOT_A_CHOICE: "“{place}” phải là một trong các giá trị: {choices}",
    ContentProblem.NOT_A_DAY: "“{place}” phải là một ngày có thật, viết như 2025-12-31",
    ContentProblem.NOT_A_WHOLE_NUMBER: "“{place}” phải là số nguyên, không có dấu chấm",
    ContentProblem.NOT_POSITIVE: "“{place}” phải lớn hơn 0",
    ContentProblem.NOT_TRUE_OR_FALSE: "“{place}” phải là true hoặc false",
    ContentProblem.NOT_A_TEXT: "“{place}” phải là chữ. Hãy đặt trong dấu nháy",
    ContentProblem.EMPTY: "“{place}” không được để trống",
    ContentProblem.WRONG_SHAPE: "“{place}” chưa đúng dạng. Hãy viết giống các mục bên cạnh",
    ContentProblem.NOT_IN_FORM: "“{place}” chưa viết đúng dạng. Hãy viết giống các mục bên cạnh",
    ContentProblem.KEY_TAKEN: "khóa “{key}” đã đặt cho mục khác. Hãy chọn khóa khác",
    ContentProblem.CALLING_SHARED: "“{calling}” đang là tên gọi của hai cơ quan. Hãy giữ ở một cơ quan",
    ContentProblem.AGENCY_UNKNOWN: "agencies.yaml chưa có cơ quan “{agency}”. Hãy thêm cơ quan hoặc sửa tên",
    ContentProblem.TOPIC_NOT_ONCE: "“{intent}” phải có đúng một mục",
    ContentProblem.PLACE_UNKNOWN: "localities.yaml chưa có “{name}” của {province}. Hãy thêm vào đó hoặc sửa tên",
    ContentProblem.ACTIVITY_NOT_ONCE: "hoạt động “{activity}” phải có đúng một mục",
    ContentProblem.BODY_UNKNOWN: "“{body}” chưa có trong dx_day_bodies.yaml; thêm cơ quan vào đó hoặc sửa tên",
    ContentProblem.WRITTEN_OTHERWISE: "ngày ghi bằng chữ khác ngày ghi bên cạnh; sửa một trong hai",
    ContentProblem.LISTED_TWICE: "văn bản {number} có hai lần. Hãy giữ lại một",
    ContentProblem.DOCUMENT_UNKNOWN: (
        "văn bản {number} chưa có trong legal_bases.yaml. Hãy thêm văn bản vào đó hoặc sửa số hiệu"
    ),
    ContentProblem.ENDS_BEFORE_IT_BEGINS: "ngày hết hạn đứng trước ngày bắt đầu. Hãy sửa một trong hai ngày",
    ContentProblem.OFFER_MISSING: "thiếu bản ghi “kind: {kind}” cho {product}. Hãy thêm một bản ghi",
    ContentProblem.FEE_NOT_ONCE: "phải có đúng một mức phí “kind: {kind}” cho {product}",
    ContentProblem.FEE_UNCONFIRMED: "mức phí này chưa có văn bản nào xác nhận (confidence: confirmed)",
}

_UNUSABLE_FILES: Mapping[int, str] = {
    errno.EACCES: "không có quyền dùng {file}. Hãy kiểm tra chủ và quyền của tệp hoặc thư mục đó.",
    errno.EPERM: "không có quyền dùng {file}. Hãy kiểm tra chủ và quyền của tệp hoặc thư mục đó.",
    errno.EROFS: "đĩa chứa {file} chỉ cho đọc. Hãy chọn chỗ khác cho HIENDIEN_VAR_DIR.",
    errno.ENOENT: "không có {file}. Hãy kiểm tra đường dẫn.",
    errno.ENOTDIR: "đường dẫn {file} đi qua một tệp. Hãy kiểm tra đường dẫn.",
    errno.EISDIR: "{file} là thư mục, cần một tệp. Hãy kiểm tra đường dẫn.",
    errno.EEXIST: "{file} là tệp, cần một thư mục. Hãy kiểm tra đường dẫn.",
}


def sentence_for(error: BaseException) -> str | None:
    """Return the sentence for a failure an operator can mend; None for any other."""
    if _is_full_disk(error):
        return FULL_DISK
    if isinstance(error, ContentError):
        problem = CONTENT_PROBLEMS[error.problem].format_map(error.facts)
        return f"tệp nội dung {error.file} dòng {error.line} chưa đúng: {problem}. Sửa xong, hãy chạy lại."
    if isinstance(error, TemplateBrokenError):
        return _sentence_for_template(error)
    if isinstance(error, ProductError) and type(error) in _FAILURES:
        return _FAILURES[type(error)].format_map(error.facts)
    if isinstance(error, OSError) and error.errno is not None and error.filename is not None:
        sentence = _UNUSABLE_FILES.get(error.errno)
        return sentence and sentence.format(file=error.filename)
    return None


def sentence_for_settings(error: ValidationError) -> str:
    """Return the sentence that names each wrong setting and what it should be; the values stay untold."""
    wrong = [_wrong_setting(item["loc"], item.get("ctx", {}).get("error")) for item in error.errors()]
    return f"thiết lập chưa đúng. {'. '.join(wrong)}. Sửa xong, hãy chạy lại."


def _wrong_setting(place: tuple[int | str, ...], reason: object) -> str:
    if isinstance(reason, SettingRefusedError):
        return _REFUSED_SETTINGS[type(reason)].format(setting=f"{PREFIX}{reason.facts['setting']}")
    field = str(place[0])
    return f"{PREFIX}{field.upper()} {_EXPECTED_SETTINGS[field]}"


def _sentence_for_template(error: TemplateBrokenError) -> str:
    facts = error.facts
    if "button" in facts:
        return f"thiếu tên nút “{facts['button']}”. Hãy thêm vào templates/buttons/vi.yaml."
    if "template" in facts:
        return f"mẫu câu templates/messages/{facts['template']} bị thiếu hoặc hỏng. Hãy sửa hoặc khôi phục mẫu đó."
    return f"phần templates/{facts['file']} bị thiếu hoặc hỏng. Hãy sửa hoặc khôi phục phần đó."


def _is_full_disk(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return isinstance(error, DBAPIError) and "SQLITE_FULL" in str(getattr(error.orig, "sqlite_errorname", None))
