import pytest

from bot.core.handoffs.draft import (
    Draft,
    announces_person,
    contact_in,
    is_acceptable,
    judge_wish,
    missing,
    person_in,
    registrar_in,
    registrars_for,
    wished_in,
)

NAMED = Draft(wish="quanbaba.id.vn")
ASKED = Draft("quanbaba.id.vn", None, True, "inet.vn")
AGREED = Draft("quanbaba.id.vn", None, True, "inet.vn", agreed=True)


@pytest.mark.parametrize(
    ("draft", "question"),
    [
        (Draft(), "name"),
        (Draft(wish="quanbaba"), "product"),
        (Draft(wish="quanbaba", product="biz.vn"), "registrar"),
        (NAMED, "adult"),
        (Draft("quanbaba.id.vn", None, True), "registrar"),
        (ASKED, "consent"),
        (AGREED, "person"),
        (Draft("quanbaba.id.vn", None, True, "inet.vn", True, "Lan"), "contact"),
        (Draft("quanbaba.id.vn", None, True, "inet.vn", True, "Lan", "+84900000001"), "sending"),
        (Draft("quanbaba.id.vn", None, False), None),
        (Draft("quanbaba.id.vn", None, True, "inet.vn", False), None),
        (Draft("quanbaba.id.vn", None, True, "inet.vn", True, "Lan", "+84900000001", True), None),
        (Draft(sent=False), None),
    ],
)
def test_one_thing_is_asked_at_a_time_and_how_to_be_reached_only_after_the_yes(draft, question):
    assert missing(draft) == question


@pytest.mark.parametrize("lacking", ["wish", "registrar", "agreed", "person", "contact", "sent"])
def test_a_request_that_lacks_anything_is_not_complete(lacking):
    told = {"wish": "a.biz.vn", "registrar": "bkns.vn", "agreed": True, "person": "Lan", "contact": "+84", "sent": True}
    assert Draft(**told).is_complete
    assert not Draft(**{**told, lacking: None}).is_complete
    assert not Draft(**told, adult=False).is_complete


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Lan", "Lan"),
        ("chị Lan", "chị Lan"),
        ("em ten Hoa", "Hoa"),
        ("Tôi tên là Nguyễn Thị Lan ạ", "Nguyễn Thị Lan"),
        ("họ tên: Trần Minh", "Trần Minh"),
        ("cứ gọi tôi là chú Tư", "chú Tư"),
        ("Nguyễn Văn A", "Nguyễn Văn A"),
        ("Lan 0900 000 001", "Lan"),
        ("Lan, lan@example.vn", "Lan"),
        ("để làm gì", None),
        ("sao lại hỏi tên", None),
        ("Lan?", None),
        ("12345", None),
        ("tôi bán hủ tiếu ở chợ từ năm kia đến nay", None),
    ],
)
def test_a_person_s_name_is_read_out_of_what_they_say(text, name):
    assert person_in(text) == name


def test_who_says_that_a_name_follows_is_known():
    assert announces_person("em tên Dung")
    assert not announces_person("dừng lại")


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("quán bà ba", "quán bà ba"),
        ("toi muon lay ten quanbaba", "quanbaba"),
        ("lấy tên hoalan.id.vn đi", "hoalan.id.vn"),
        ("tên nào hay", None),
        ("tôi chưa nghĩ ra tên nhưng muốn bán hàng qua mạng", None),
    ],
)
def test_a_wished_name_is_read_out_of_what_they_say(text, wish):
    assert wished_in(text) == wish


@pytest.mark.parametrize(
    ("phone", "email", "contact"),
    [
        ("+84900000001", None, "+84900000001"),
        (None, "Lan@Example.vn", "lan@example.vn"),
        ("+84900000001", "lan@example.vn", "+84900000001"),
        ("19001234", "lan@example.vn", "lan@example.vn"),
        ("19001234", None, None),
        (None, None, None),
    ],
)
def test_one_way_to_be_reached_is_enough_and_the_phone_comes_first(phone, email, contact):
    assert contact_in(phone, email) == contact


@pytest.mark.parametrize("said", ["iNET", "inet di", "inet.vn", "chon iNet giup"])
def test_a_registrar_is_known_by_its_brand_and_its_site(programme, said):
    registrar = registrar_in(said, registrars_for(programme.registrars, "id.vn"))
    assert registrar is not None
    assert registrar.key == "inet.vn"


@pytest.mark.parametrize("said", ["PA Viet Nam", "p.a việt nam đi", "chon pavietnam"])
def test_a_registrar_of_several_words_is_known_however_it_is_spaced(programme, said):
    registrar = registrar_in(said, registrars_for(programme.registrars, "id.vn"))
    assert registrar is not None
    assert registrar.key == "pavietnam.vn"


def test_only_who_takes_part_can_be_named(programme):
    assert registrar_in("Mắt Bão", registrars_for(programme.registrars, "id.vn")) is None
    assert [registrar.key for registrar in registrars_for(programme.registrars, "biz.vn")] == ["bkns.vn"]


def test_a_name_that_may_be_protected_is_left_to_the_registrar_and_any_other_fault_is_not(programme):
    assert is_acceptable(judge_wish(programme.naming, "haisan-phuquoc", "biz.vn"))
    refused = judge_wish(programme.naming, "quán bà ba", "biz.vn")
    assert not is_acceptable(refused)
    assert len(refused.suggestions) == 2
    assert all(is_acceptable(judge_wish(programme.naming, name, "biz.vn")) for name in refused.suggestions)
