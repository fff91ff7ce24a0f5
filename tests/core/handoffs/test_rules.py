"""What may be passed on, to whom, and what may follow what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.handoffs.fields import FIELDS, ContactInvalidError, check_contact, check_domain
from bot.core.handoffs.rotation import in_turn, taking_part
from bot.core.handoffs.rules import ENDED, REASONS, HandoffState, HandoffStateError, ReasonInvalidError, check_report
from bot.core.programme.records import PRODUCTS

LAN = {"name": "Nguyễn Thị Lan", "phone": "+84900000002"}


def test_only_a_name_a_way_to_reach_somebody_and_the_wished_name_are_asked_for():
    assert {field.name for product in PRODUCTS for field in FIELDS[product]} == {"name", "phone", "email", "domain"}


@pytest.mark.parametrize(
    ("contact", "passed_on"),
    [
        (LAN, LAN),
        ({"name": "  Lan   Anh ", "email": "Lan@Example.vn"}, {"name": "Lan Anh", "email": "lan@example.vn"}),
        (LAN | {"email": ""}, LAN),
        ({"name": "H’Hen Niê", "phone": "+84900000002"}, {"name": "H’Hen Niê", "phone": "+84900000002"}),
    ],
)
def test_contact_data_is_passed_on_as_it_is_meant(contact, passed_on):
    assert check_contact(contact) == passed_on


@pytest.mark.parametrize(
    ("contact", "field"),
    [
        ({}, "name"),
        ({"name": "Lan"}, "phone"),
        (LAN | {"name": ""}, "name"),
        (LAN | {"name": "<script>"}, "name"),
        (LAN | {"name": "Lan 0900000002"}, "name"),
        (LAN | {"name": "https://example.com"}, "name"),
        (LAN | {"name": "Lan\nAnh"}, "name"),
        (LAN | {"name": "a" * 81}, "name"),
        (LAN | {"phone": "0900 000 002"}, "phone"),
        (LAN | {"phone": "+84900000002\n"}, None),
        (LAN | {"email": "not an address"}, "email"),
        (LAN | {"email": "lan@localhost"}, "email"),
        (LAN | {"identity_number": "012345678901"}, "identity_number"),
        (LAN | {"birth_date": "2000-01-01"}, "birth_date"),
    ],
)
def test_what_cannot_be_used_or_is_not_asked_for_is_refused(contact, field):
    if field is None:
        assert check_contact(contact)["phone"] == LAN["phone"]
        return
    with pytest.raises(ContactInvalidError) as refusal:
        check_contact(contact)
    assert refusal.value.field == field


@given(st.text())
def test_no_name_ever_holds_markup_numbers_or_several_lines(text):
    try:
        name = check_contact(LAN | {"name": text})["name"]
    except ContactInvalidError:
        return
    assert not set(name) & set('<>&"/\\@:;=%\n\r\t0123456789')
    assert 0 < len(name) <= 80


@pytest.mark.parametrize(
    "domain", ["", "id.vn", "a.b.id.vn", "lan.biz.vn", "lan", "-lan.id.vn", "lan id.vn", "lan.id.vn."]
)
def test_a_wish_stands_directly_under_its_product(domain):
    with pytest.raises(ContactInvalidError):
        check_domain("id.vn", domain)
    assert check_domain("id.vn", " Lan-Anh.id.vn ") == "lan-anh.id.vn"


EVERYBODY = {"tenten.vn", "pavietnam.vn", "inet.vn", "bkns.vn", "matbao.net"}


def test_turns_are_fair_among_those_of_whom_something_shows_that_they_take_part(programme):
    counts = {}
    for _ in range(30):
        chosen = in_turn(programme.registrars, counts, product="id.vn", connected=EVERYBODY)[0]
        counts[chosen] = counts.get(chosen, 0) + 1
    assert set(counts) == {registrar.key for registrar in taking_part(programme.registrars, "id.vn")}
    assert set(counts.values()) == {10}


@pytest.mark.parametrize(
    ("connected", "chosen"), [({"inet.vn", "bkns.vn"}, ["inet.vn"]), ({"bkns.vn"}, []), (set(), [])]
)
def test_no_request_waits_where_nobody_looks(programme, connected, chosen):
    assert in_turn(programme.registrars, {"inet.vn": 100}, product="id.vn", connected=connected) == chosen


def test_whoever_had_a_request_does_not_get_it_again_and_in_the_end_nobody_is_left(programme):
    tried = []
    while left := in_turn(programme.registrars, {}, product="id.vn", connected=EVERYBODY, without=tried):
        assert left[0] not in tried
        tried.append(left[0])
    assert len(tried) == 3


def test_nothing_follows_an_end():
    for ended in ENDED:
        for reported in HandoffState:
            with pytest.raises((HandoffStateError, ReasonInvalidError)):
                check_report(ended, reported, REASONS.get(reported, ("",))[0])


def test_a_registrar_reports_only_what_is_its_to_tell():
    for reported in (HandoffState.WAITING, HandoffState.WITHDRAWN, HandoffState.EXPIRED):
        with pytest.raises(HandoffStateError):
            check_report(HandoffState.ACKNOWLEDGED, reported, "")


def test_reasons_are_codes_of_their_status_and_never_free_words():
    for state, reason in [
        (HandoffState.DECLINED, ""),
        (HandoffState.DECLINED, "identity_paper"),
        (HandoffState.CONTACTED, "other"),
        (HandoffState.DECLINED, "gọi ngay 0900 000 009"),
    ]:
        with pytest.raises(ReasonInvalidError):
            check_report(HandoffState.ACKNOWLEDGED, state, reason)
