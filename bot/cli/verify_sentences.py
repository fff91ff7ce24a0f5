"""What somebody reads who checks a bundle of evidence: what each finding means, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.core.audit.findings import Check, Finding, Outcome, Problem, Verdict
from bot.core.audit.unpacking import BundleProblem, BundleUnusableError
from bot.core.clock import on_local_clocks
from bot.core.statements import (
    Approval,
    BroadcastApproval,
    ContentChangeApproval,
    EnrolmentApproval,
    GrantApproval,
    PolicyChangeApproval,
    SeriesApproval,
)
from bot.core.statements.values import read_moment

PARTS: Mapping[Check, str] = {
    Check.ROOTS: "Chứng thư số gốc",
    Check.LOG_ROOTS: "Gốc của khóa nhật ký",
    Check.LOG: "Nhật ký",
    Check.CHECKPOINT: "Mốc của nhật ký",
    Check.LOG_END: "Cuối nhật ký",
    Check.EARLIER: "Mốc cũ của bạn",
    Check.PROOFS: "Chứng cứ thu hồi",
    Check.DEPLOYMENT: "Hệ thống",
    Check.STATEMENT: "bản đã ký",
    Check.SIGNATURE: "chữ ký",
    Check.ENTRY: "dòng nhật ký",
    Check.WITNESS: "làm chứng",
    Check.ENTRIES: "Số lần duyệt",
    Check.POLICY: "Quy định duyệt",
    Check.AUTHORS: "Người soạn và sửa",
    Check.PEOPLE: "Những người duyệt",
    Check.COUNT: "Đủ người",
}

HOLDS: Mapping[Check, str] = {
    Check.ROOTS: "dùng {count} chứng thư số bạn đưa vào.",
    Check.LOG_ROOTS: "dùng {count} chứng thư số bạn đưa vào.",
    Check.LOG: "{size} dòng nối nhau nguyên vẹn.",
    Check.CHECKPOINT: "khóa nhật ký ({holder}) đã ký lúc {at}.",
    Check.LOG_END: "đúng dòng thứ {size} mà mốc đã ký.",
    Check.EARLIER: "nhật ký nối tiếp đúng từ mốc {size} dòng lúc {at}.",
    Check.PROOFS: "{count} tệp, đúng mã băm trong tên.",
    Check.DEPLOYMENT: "mọi bản ký đều dành cho {deployment}. Hãy xem đây có đúng là hệ thống bạn kiểm tra không.",
    Check.STATEMENT: "tài khoản {staff} ký đúng nội dung trong subject.json.",
    Check.SIGNATURE: (
        "của {holder}, chứng thư số {serial} do {issuer} cấp, {algorithm}; lúc duyệt còn hiệu lực, chưa bị thu hồi."
    ),
    Check.ENTRY: "dòng {seq}, lúc {at}, khớp với bản ký, chữ ký và chứng thư số.",
    Check.WITNESS: "{size} dòng đầu của nhật ký đúng như người này đã ký.",
    Check.ENTRIES: "nhật ký ghi {told} lần duyệt phiên bản này, gói có đủ.",
    Check.POLICY: "“{policy}” phiên bản {version}, cần {required} người, đúng bản gốc của phần mềm.",
    Check.AUTHORS: "không ai trong số đó duyệt nội dung của chính mình.",
    Check.PEOPLE: "{count} người khác nhau, khóa khác nhau.",
    Check.COUNT: "{count} người duyệt, cần {required}.",
}

_SUSPECT = "Đừng tin gói này; hãy hỏi nơi đưa ra nó và báo người phụ trách an toàn thông tin."
_FETCH_AGAIN = "Hãy tải lại nguyên gói .zip; nếu vẫn vậy, đừng tin gói này."

PROBLEMS: Mapping[str, str] = {
    Problem.ROOTS_OF_THE_BUNDLE: (
        "lấy từ chính gói này, nên không cho biết ai đã làm ra gói. Hãy lấy {source} và chạy lại với {option}."
    ),
    Problem.ROOTS_UNREADABLE: (
        "tệp không phải chứng thư số dùng được. Hãy lấy lại tệp .pem hoặc .cer từ đơn vị cấp chứng thư số."
    ),
    Problem.LOG_BROKEN: f"dòng {{seq}} bị sửa, thiếu hoặc sai chỗ. {_SUSPECT}",
    Problem.LOG_SHORT: f"nhật ký chỉ có {{size}} dòng, trong khi đã ký là có {{told}}: phần cuối bị cắt. {_SUSPECT}",
    Problem.LOG_LONG: (
        f"nhật ký có {{size}} dòng, mốc chỉ ký {{told}} dòng: các dòng sau chưa ai làm chứng. {_FETCH_AGAIN}"
    ),
    Problem.LOG_OTHER: f"dòng thứ {{told}} khác với dòng đã ký: nhật ký bị viết lại. {_SUSPECT}",
    Problem.PROOF_RENAMED: f"tệp {{file}} không phải tệp đã lưu lúc duyệt. {_FETCH_AGAIN}",
    Problem.DEPLOYMENTS_DIFFER: f"các bản ký dành cho nhiều hệ thống khác nhau. {_SUSPECT}",
    Problem.STATEMENT_UNREADABLE: f"không đọc được, hoặc không ở dạng chuẩn mà người ta ký. {_FETCH_AGAIN}",
    Problem.STATEMENT_OF_OTHER_KIND: f"là một loại bản ký khác. {_SUSPECT}",
    Problem.NOT_AS_APPROVER: f"tài khoản {{staff}} không ký với tư cách người duyệt, nên không tính. {_SUSPECT}",
    Problem.SUBJECT_DIFFERS: f"tài khoản {{staff}} đã ký một nội dung khác với subject.json. {_SUSPECT}",
    Problem.REVOCATION_STALE: (
        "của {holder} ({issuer} cấp, {algorithm}) khớp, nhưng danh sách thu hồi dùng lúc duyệt đã quá hạn. "
        "Hãy hỏi đơn vị cấp xem chứng thư số {serial} có bị thu hồi trước lúc đó không."
    ),
    Problem.ENTRY_MISSING: f"nhật ký không ghi lần duyệt này, nên không rõ duyệt lúc nào. {_SUSPECT}",
    Problem.ENTRY_TWICE: f"nhật ký ghi lần duyệt này hai lần (lần sau ở dòng {{seq}}). {_SUSPECT}",
    Problem.ENTRY_DIFFERS: f"dòng {{seq}} ghi khác với tệp trong gói ở mục “{{member}}”. {_SUSPECT}",
    Problem.ENTRY_OUT_OF_TIME: f"dòng {{seq}} ghi lúc duyệt nằm ngoài thời hạn của bản ký. {_SUSPECT}",
    Problem.ENTRY_BEFORE_CHALLENGE: f"dòng {{seq}} đứng trước lúc bản ký được tạo. {_SUSPECT}",
    Problem.APPROVALS_LEFT_OUT: (
        f"nhật ký ghi {{told}} lần duyệt, gói chỉ có {{count}}: có bản bị bỏ ra ngoài. {_FETCH_AGAIN}"
    ),
    Problem.POLICIES_DIFFER: f"những người duyệt đã ký các quy định khác nhau. {_SUSPECT}",
    Problem.POLICY_ALTERED: (
        f"“{{policy}}” phiên bản {{version}} cần {{required}} người, khác bản gốc của phần mềm. {_SUSPECT}"
    ),
    Problem.POLICY_CHANGED: (
        "“{policy}” phiên bản {version}, cần {required} người: đã thay đổi so với bản gốc của phần mềm. "
        "Hãy xin thêm gói chứng cứ của lần thay đổi quy định (loại policy-changes) và kiểm tra nó."
    ),
    Problem.AUTHOR_APPROVED: f"tài khoản {{staff}} đã soạn hoặc sửa nội dung này mà lại duyệt. {_SUSPECT}",
    Problem.SAME_ACCOUNT: f"một tài khoản duyệt hai lần, chỉ tính một. {_SUSPECT}",
    Problem.SAME_PERSON: f"một người duyệt hai lần bằng hai chứng thư số, chỉ tính một. {_SUSPECT}",
    Problem.SAME_KEY: f"hai lần duyệt dùng chung một khóa, chỉ tính một. {_SUSPECT}",
    Problem.TOO_FEW: "chỉ có {count} lần duyệt đứng vững, cần {required}. Nội dung này chưa được duyệt.",
    "signature-malformed": f"tệp chữ ký không đúng dạng. {_FETCH_AGAIN}",
    "algorithm-not-allowed": f"dùng thuật toán không được chấp nhận, chẳng hạn SHA-1. {_SUSPECT}",
    "weak-key": f"một khóa trong chuỗi chứng thư số quá yếu. {_SUSPECT}",
    "content-mismatch": f"là chữ ký của một nội dung khác: bản ký đã bị sửa hoặc tráo. {_SUSPECT}",
    "certificate-substituted": f"chứng thư số kèm theo không phải cái đã dùng để ký. {_SUSPECT}",
    "signature-invalid": f"không do khóa của chứng thư số kèm theo ký ra. {_SUSPECT}",
    "certificate-expired": f"chứng thư số đã hết hạn vào lúc ký. {_SUSPECT}",
    "certificate-not-yet-valid": f"chứng thư số chưa có hiệu lực vào lúc ký. {_SUSPECT}",
    "certificate-usage": f"chứng thư số không phải loại dùng để ký. {_SUSPECT}",
    "certificate-untrusted": (
        "chứng thư số không dẫn tới chứng thư số gốc nào đã cho. "
        "Hãy xem bạn đã đưa đúng gốc của đơn vị cấp chưa; nếu đúng rồi, đừng tin gói này."
    ),
    "certificate-revoked": f"chứng thư số, hoặc của đơn vị cấp, đã bị thu hồi. {_SUSPECT}",
    "revocation-unavailable": (
        "gói thiếu danh sách hoặc câu trả lời còn hạn lúc duyệt, nên không rõ chứng thư số đã bị thu hồi chưa. "
        + _FETCH_AGAIN
    ),
}

OPTIONS: Mapping[Check, str] = {Check.ROOTS: "--roots TỆP", Check.LOG_ROOTS: "--log-roots TỆP"}
SOURCES: Mapping[Check, str] = {
    Check.ROOTS: "chứng thư số gốc TỪ ĐƠN VỊ CẤP, không phải từ nơi đưa gói này,",
    Check.LOG_ROOTS: "bản đã công bố, hoặc bản giữ từ lần kiểm tra trước,",
}

VERDICTS: Mapping[Verdict, str] = {
    Verdict.PROVEN: "KẾT LUẬN: ĐÚNG. {what} đã được {count} người khác nhau duyệt, đúng từng byte trong subject.json.",
    Verdict.REFUTED: "KẾT LUẬN: KHÔNG ĐẠT. {fails} chỗ sai ở trên (✗). Đừng dựa vào gói này.",
    Verdict.UNPROVEN: (
        "KẾT LUẬN: CHƯA XONG. Các tệp khớp với nhau, nhưng chứng thư số gốc lấy từ chính gói này nên ai cũng làm giả "
        "được cả gói. Hãy lấy {source} rồi chạy lại với {option}."
    ),
}
LOG_PROVEN = "KẾT LUẬN: ĐÚNG. Nhật ký {size} dòng nguyên vẹn đến mốc đã ký; gói này không có lần duyệt nào."

KINDS: Mapping[type[Approval], str] = {
    BroadcastApproval: "Bản tin",
    SeriesApproval: "Loạt bản tin",
    ContentChangeApproval: "Thay đổi nội dung",
    PolicyChangeApproval: "Thay đổi quy định duyệt",
    EnrolmentApproval: "Đăng ký chứng thư số",
    GrantApproval: "Cấp hoặc thu vai trò",
}

BUNDLES: Mapping[BundleProblem, str] = {
    BundleProblem.NOT_A_BUNDLE: (
        "đây không phải gói chứng cứ (.zip). Hãy chọn tệp .zip đã tải về, hoặc thư mục đã giải nén."
    ),
    BundleProblem.DAMAGED: "gói bị hỏng ({file}). Hãy tải lại.",
    BundleProblem.TOO_LARGE: "tệp {file} lớn bất thường nên không được mở. Hãy tải lại gói từ hệ thống.",
    BundleProblem.TOO_MANY_FILES: "gói có quá nhiều tệp nên không được mở. Hãy tải lại gói từ hệ thống.",
    BundleProblem.NAME_REFUSED: (
        "trong gói có tên tệp hoặc thư mục lạ nên không được mở. Hãy dùng nguyên tệp .zip đã tải về, không nén lại."
    ),
    BundleProblem.NAME_TWICE: "trong gói có hai tệp cùng tên {file} nên không được mở. Hãy tải lại gói từ hệ thống.",
    BundleProblem.PACKED_ODDLY: (
        "tệp {file} có mật khẩu hoặc nén kiểu lạ. Hãy dùng nguyên tệp .zip đã tải về, không nén lại."
    ),
    BundleProblem.NOT_A_FILE: "{file} là liên kết hoặc thư mục, cần một tệp. Hãy giải nén lại gói vào thư mục mới.",
    BundleProblem.MISSING: "gói thiếu tệp {file}. Hãy tải lại nguyên gói, hoặc đưa tệp đó bằng tùy chọn của lệnh.",
}


def sentence_of(finding: Finding) -> str:
    """Return what a finding means, and, where something is wrong, what to do."""
    facts = {name: _shown(name, value) for name, value in finding.facts.items()}
    facts |= {"option": OPTIONS.get(finding.check, ""), "source": SOURCES.get(finding.check, "")}
    text = HOLDS[finding.check] if finding.outcome is Outcome.HOLDS else PROBLEMS[finding.problem]
    part = PARTS[finding.check]
    place = f"Người duyệt {finding.number}, {part}" if finding.number else part
    return f"{place}: {text.format_map(facts)}"


def sentence_of_bundle(error: BundleUnusableError) -> str:
    """Return why a bundle was not read, and what to do."""
    return BUNDLES[error.problem].format(file=visible(error.file) or "này")


def what_is_approved(approval: Approval) -> str:
    """Return what a statement is about, in one line."""
    subject = approval.subject
    return f"{KINDS[type(approval)]} {subject.id}, phiên bản {subject.version}"


def visible(text: str) -> str:
    """Return a text that others wrote so that it stays in its line and hides nothing."""
    return text if text.isprintable() else text.encode("unicode_escape").decode("ascii")


def _shown(name: str, value: str | int) -> str:
    moment = read_moment(value) if name == "at" else None
    if isinstance(moment, datetime):
        return f"{on_local_clocks(moment):%H:%M:%S ngày %d/%m/%Y} (giờ Việt Nam)"
    return visible(str(value))
