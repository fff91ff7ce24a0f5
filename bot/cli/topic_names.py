"""What staff call each intent of the taxonomy, in Vietnamese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.core.text import fold

TOPIC_NAMES: Mapping[str, str] = {
    "ask_programme": "Chương trình là gì, ai làm, cho ai",
    "ask_why_vn": "Vì sao nên dùng .vn, so với Facebook hay .com",
    "ask_offer": "Gói miễn phí có gì; id.vn, biz.vn là gì",
    "ask_eligibility": "Ai thuộc diện được ưu đãi (hỏi chung)",
    "check_eligibility": "Trường hợp của riêng mình có được ưu đãi không",
    "ask_cost": "Có miễn phí không, giá bao nhiêu",
    "ask_duration": "Miễn phí trong bao lâu",
    "ask_renewal": "Hết ưu đãi thì sao, gia hạn, giá về sau",
    "ask_programme_period": "Đăng ký đến khi nào, chương trình còn không",
    "ask_how_to_register": "Các bước đăng ký",
    "ask_documents": "Cần giấy tờ, thông tin gì để đăng ký",
    "ask_registrars": "Nhà đăng ký nào, đăng ký ở đâu",
    "start_registration": "Muốn đăng ký ngay, nhờ chuyển tới nhà đăng ký",
    "check_registration_status": "Yêu cầu của tôi đến đâu rồi",
    "check_domain": "Tên miền này còn không, có hợp lệ không",
    "ask_naming_rules": "Đặt tên miền thế nào cho đúng",
    "ask_use_services": "Làm website, email, CV sau khi có tên miền",
    "ask_support": "Ai giúp trực tiếp, hỏi ở đâu, số nào",
    "ask_training": "Lớp học, hội thảo, cuộc thi về tên miền",
    "ask_materials": "Tài liệu truyền thông, TT02, TT03, logo",
    "ask_targets": "Chỉ tiêu, con số của kế hoạch",
    "ask_agency_role": "Cơ quan nào lo việc gì",
    "ask_legal_basis": "Căn cứ văn bản, luật",
    "ask_reporting": "Báo cáo, thời hạn báo cáo của cán bộ",
    "ask_scam_safety": "Có chính thức, an toàn không; nhận ra lừa đảo",
    "report_scam": "Kể rằng bị gọi, bị đòi tiền, bị hỏi OTP",
    "check_bulletin": "Bản tin này thật hay giả",
    "ask_privacy": "Giữ dữ liệu gì về tôi, ai xem",
    "delete_my_data": "Xin xóa dữ liệu của mình",
    "withdraw_consent": "Rút lại một sự đồng ý",
    "ask_dx_day": "Ngày Chuyển đổi số: là gì, khi nào",
    "ask_dx_activities": "Hoạt động của Ngày Chuyển đổi số",
    "ask_dx_participate": "Cách tham gia Ngày Chuyển đổi số",
    "ask_community_team": "Tổ công nghệ số cộng đồng",
    "start_token_guide": "Nhờ hướng dẫn cài, ký bằng chứng thư số",
    "ask_token_requirements": "Máy nào cài được token, chứng thư số",
    "ask_certificate_info": "Chứng thư số, token là gì, mua ở đâu",
    "guide_next": "Xong bước này, làm tiếp",
    "guide_back": "Quay lại bước trước",
    "guide_repeat": "Nói lại bước này",
    "guide_problem": "Mắc kẹt: lỗi, thiếu cửa sổ, quên mã PIN",
    "subscribe_bulletin": "Muốn nhận bản tin",
    "unsubscribe_bulletin": "Thôi nhận bản tin",
    "ask_bulletin_latest": "Xem bản tin mới nhất",
    "greet": "Chào hỏi",
    "goodbye": "Tạm biệt",
    "thank": "Cảm ơn",
    "affirm": "Đồng ý, đúng rồi",
    "deny": "Không, sai rồi",
    "cancel": "Dừng việc đang làm",
    "start_over": "Bắt đầu lại, về menu",
    "ask_capabilities": "Trợ lý làm được gì",
    "bot_challenge": "Là người hay máy",
    "request_human": "Muốn gặp người thật",
    "change_language": "Muốn dùng tiếng khác",
    "give_feedback": "Khen, chê, góp ý",
    "dont_know": "Không biết, không chắc",
    "inform": "Chỉ nêu thông tin (tuổi, ngày, tên) để trả lời",
    "out_of_scope": "Chuyện khác, ngoài chương trình",
}

LONGEST_RESULT = 9


def topic_name(intent: str) -> str:
    """Return the name of an intent; an older release's that is no more stands for itself."""
    return TOPIC_NAMES.get(intent, intent)


def find_topics(part: str) -> Sequence[str]:
    """Return up to nine intents whose name, or own word, holds the words typed, however they are accented."""
    words = fold(part).split()
    found = [
        intent
        for intent, name in TOPIC_NAMES.items()
        if words and all(word in fold(f"{name} {intent}") for word in words)
    ]
    return found[:LONGEST_RESULT]
