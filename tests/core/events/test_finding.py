"""Which questions are about the Day, and which belong to the programme of names."""

import pytest


@pytest.mark.parametrize("intent", ["ask_cost", "ask_legal_basis", "ask_agency_role", "out_of_scope", "nlu_fallback"])
@pytest.mark.parametrize(
    ("typed", "template"),
    [
        ("kinh phí ngày chuyển đổi số lấy từ đâu", "ask_dx_statements"),
        ("ke hoach 136 can cu quyet dinh nao", "ask_dx_statements"),
        ("viettel làm gì trong ngày cđs", "ask_dx_duties"),
        ("triển lãm dịp ngày chuyển đổi số ở đâu", "ask_dx_activity"),
    ],
)
def test_who_names_the_day_is_answered_whatever_was_understood(ask, typed, template, intent):
    reply = ask(typed, intent)
    assert reply is not None
    assert reply.template == template


@pytest.mark.parametrize("intent", ["ask_agency_role", "ask_training", "ask_legal_basis", "ask_cost", "out_of_scope"])
@pytest.mark.parametrize(
    "typed",
    [
        "sở công thương làm gì",
        "hội thảo về tên miền phải xong khi nào",
        "kế hoạch 45 căn cứ quyết định nào",
        "kinh phí của chương trình tên miền lấy từ đâu",
        "ai ký kế hoạch của Trà Vinh",
        "bộ chỉ số chuyển đổi số của địa phương",
        "giá bao nhiêu một năm",
        "thời tiết hôm nay thế nào",
        "",
    ],
)
def test_what_is_about_the_names_is_left_to_their_programme(ask, typed, intent):
    assert ask(typed, intent) is None


@pytest.mark.parametrize("intent", ["ask_dx_day", "ask_dx_activities", "ask_dx_participate"])
def test_a_question_understood_to_be_about_the_day_always_gets_an_answer(ask, intent):
    assert ask("xyz", intent) is not None


@pytest.mark.parametrize("intent", ["ask_agency_role", "out_of_scope", "nlu_fallback"])
@pytest.mark.parametrize("typed", ["Sở Nội vụ có nhiệm vụ gì", "VNPT làm gì", "viettel lam gi"])
def test_what_a_body_of_the_day_has_to_do_needs_no_other_word(ask, typed, intent):
    assert ask(typed, intent).template == "ask_dx_duties"


@pytest.mark.parametrize("typed", ["đăng ký ở VNPT được không", "sim viettel bị khóa", "lắp mạng vnpt giá bao nhiêu"])
def test_the_name_of_a_firm_alone_is_not_enough(ask, typed):
    assert ask(typed, "out_of_scope") is None
    assert ask(typed, "ask_registrars") is None


def test_an_entity_that_is_no_day_is_no_day(ask):
    assert ask("có gì hay", date="--13-45").template != "ask_dx_date"
