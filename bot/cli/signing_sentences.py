"""What a signer reads when nothing was signed, in Vietnamese."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.errors import ProductError
from bot.signing.errors import (
    ChainUnreadableError,
    KeyUnfitError,
    ServerAddressError,
    ServerAnswerError,
    ServerRefusedError,
    ServerUnreachableError,
    SoftcertDamagedError,
    SoftcertKeyMissingError,
    SoftcertPasswordError,
    SoftcertUnsupportedError,
    StatementChangedError,
    StatementElsewhereError,
    StatementExpiredError,
    StatementForeignError,
    StatementUnexpectedError,
    TokenAmbiguousError,
    TokenCertificateAmbiguousError,
    TokenCertificateMissingError,
    TokenFailedError,
    TokenKeyMissingError,
    TokenMissingError,
    TokenModuleCrashedError,
    TokenModuleHungError,
    TokenModuleUnusableError,
    TokenPinLockedError,
    TokenPinWrongError,
)

SIGNING_FAILURES: Mapping[type[ProductError], str] = {
    SoftcertDamagedError: (
        "tệp này không phải tệp chứng thư số .p12 hoặc .pfx, hoặc bị cắt mất một phần. "
        "Hãy chép lại tệp từ bản gốc, hoặc xuất lại từ nơi giữ chứng thư số."
    ),
    SoftcertPasswordError: (
        "mật khẩu không mở được tệp chứng thư số. Hãy xem bộ gõ tiếng Việt và phím Caps Lock rồi chạy lại; "
        "nếu chắc chắn đúng mật khẩu thì tệp đã hỏng, hãy chép lại từ bản gốc."
    ),
    SoftcertKeyMissingError: (
        "tệp này không có khóa riêng của chứng thư số nên không ký được. "
        "Hãy xuất lại tệp .p12 và chọn xuất kèm khóa riêng."
    ),
    SoftcertUnsupportedError: (
        "tệp chứng thư số dùng kiểu khóa hoặc kiểu mã hóa chưa hỗ trợ. "
        "Hãy xuất lại tệp .p12 với khóa RSA hoặc ECDSA và mã hóa AES-256."
    ),
    ChainUnreadableError: (
        "không đọc được chứng thư số của đơn vị cấp trong {path}. Hãy tải lại tệp đó từ đơn vị cấp (PEM hoặc DER)."
    ),
    TokenModuleUnusableError: (
        "{module} không phải phần mềm PKCS#11 của thiết bị ký, hoặc không chạy được. "
        "Hãy cài phần mềm của nhà cung cấp và nêu đúng đường dẫn tệp .so, .dylib hoặc .dll."
    ),
    TokenModuleCrashedError: (
        "phần mềm của thiết bị ký ({module}) dừng đột ngột; chưa ký gì. "
        "Hãy cắm lại thiết bị và thử lại; nếu vẫn vậy, hãy cập nhật phần mềm của nhà cung cấp."
    ),
    TokenModuleHungError: (
        "phần mềm của thiết bị ký ({module}) không trả lời sau {seconds:.0f} giây nên đã bị dừng; chưa ký gì. "
        "Hãy cắm lại thiết bị và thử lại."
    ),
    TokenMissingError: (
        "không thấy thiết bị ký “{token}”. Hãy cắm thiết bị, xem lại nhãn bằng `hiendien sign --list --module …`, "
        "rồi chạy lại."
    ),
    TokenAmbiguousError: "có nhiều thiết bị ký cùng nhãn “{token}”. Hãy chỉ cắm thiết bị của bạn rồi chạy lại.",
    TokenCertificateMissingError: (
        "thiết bị ký “{token}” không có chứng thư số cá nhân nào như vậy. "
        "Hãy xem các nhãn bằng `hiendien sign --list --module …`."
    ),
    TokenCertificateAmbiguousError: (
        "thiết bị ký “{token}” có nhiều chứng thư số: {labels}. Hãy chọn một bằng --key NHÃN."
    ),
    TokenKeyMissingError: (
        "thiết bị ký “{token}” không có khóa riêng của chứng thư số này. Hãy chọn chứng thư số khác bằng --key NHÃN."
    ),
    TokenPinWrongError: (
        "thiết bị ký “{token}” không nhận mã PIN này; lệnh không tự thử lại. "
        "Hãy xem lại mã PIN trước khi chạy lại: sai vài lần thì thiết bị bị khóa."
    ),
    TokenPinLockedError: (
        "thiết bị ký “{token}” đã khóa vì nhập sai mã PIN nhiều lần. Hãy liên hệ đơn vị cấp để mở khóa."
    ),
    TokenFailedError: (
        "thiết bị ký “{token}” báo lỗi {problem}; chưa ký gì. "
        "Hãy cắm lại thiết bị và thử lại; nếu vẫn vậy, hãy báo nhà cung cấp tên lỗi này."
    ),
    KeyUnfitError: (
        "chữ ký làm ra không khớp với chứng thư số nên đã bị bỏ. "
        "Hãy chọn đúng chứng thư số bằng --key NHÃN, hoặc liên hệ đơn vị cấp thiết bị."
    ),
    StatementForeignError: (
        "đây không phải bản cần ký của Hiện Diện, hoặc đã bị sửa; lệnh này không ký gì khác. "
        "Hãy tải lại bản cần ký và không mở tệp bằng phần mềm soạn thảo."
    ),
    StatementElsewhereError: (
        "bản cần ký này dành cho {aud}, không phải {server}. "
        "Hãy tải bản cần ký từ đúng hệ thống của bạn, hoặc sửa --server."
    ),
    StatementExpiredError: (
        "bản cần ký đã quá hạn hoặc chưa đến giờ. Hãy xem đồng hồ của máy này, tải bản cần ký mới rồi ký lại."
    ),
    StatementUnexpectedError: (
        "máy chủ đưa một bản cần ký khác với nội dung bạn yêu cầu; chưa ký gì. "
        "Hãy báo người phụ trách an toàn thông tin."
    ),
    StatementChangedError: (
        "tệp {path} đã bị đổi sau khi bạn đọc; chữ ký không được ghi lại. "
        "Hãy tìm xem ai đã đổi tệp, tải bản cần ký mới rồi ký lại."
    ),
    ServerAddressError: (
        "địa chỉ {server} không dùng được. Hãy viết như https://tinh.example.vn; http:// chỉ dùng cho chính máy này."
    ),
    ServerUnreachableError: (
        "không kết nối được {server}, hoặc mất kết nối giữa chừng. "
        "Hãy kiểm tra mạng, xem chữ ký của bạn đã có trong danh sách chưa, rồi chạy lại."
    ),
    ServerAnswerError: (
        "máy chủ trả lời không đúng dạng (mã {status}). "
        "Hãy kiểm tra --server có đúng địa chỉ hệ thống không, rồi chạy lại."
    ),
    ServerRefusedError: "máy chủ từ chối. {sentence}",
}
