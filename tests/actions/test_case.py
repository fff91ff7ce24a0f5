from datetime import date

import pytest

from actions.case import Told, continues, known_case, read_told, slots_of_judged
from actions.chat import Chat
from bot.core.programme.cases import FoundedAgo

TODAY = date(2026, 11, 20)


@pytest.fixture
def read(programme):
    def read(*, asked=None, slots=None, intent="inform", **entities):
        chat = Chat("turn", intent, entities=tuple(entities.items()), slots=slots or {})
        return read_told(chat, asked=asked, programme=programme, on=TODAY)

    return read


@pytest.mark.parametrize(
    ("asked", "entities", "slots"),
    [
        ("age", {"age": 20}, {"age": 20}),
        ("age", {"age": "20"}, {"age": 20}),
        ("age", {"founding_date": "2018"}, {"birth": "2018"}),
        ("age", {"birth_date": "2006"}, {"birth": "2006"}),
        ("age", {"birth_date": "2006-11-21"}, {"birth": "2006-11-21"}),
        ("age", {"date": "2006-11-21"}, {"birth": "2006-11-21"}),
        ("age", {"birth_date": "2006", "age": 20}, {"age": 20}),
        ("birthday", {"founding_date": "2018-03-01"}, {"birth": "2018-03-01"}),
        ("founding", {"birth_date": "2006"}, {"founding": "2006"}),
        ("founding", {"founding_age": "P3M"}, {"founding": "P3M"}),
        ("founding_day", {"date": "2025-11-20"}, {"founding": "2025-11-20"}),
        ("founding_day", {"birth_date": "2012-05-31"}, {"founding": "2012-05-31"}),
        ("product", {"product": "biz.vn"}, {"product": "biz.vn"}),
        ("product", {"date": "2025-11-20"}, {}),
        ("certificate", {"certificate": "yes"}, {"certificate": True}),
        ("certificate", {"certificate": "no"}, {"certificate": False}),
        (None, {"founding_date": "2026-03-15", "age": 20}, {"founding": "2026-03-15", "age": 20}),
        (None, {"date": "2026-03-15"}, {}),
    ],
)
def test_what_was_asked_decides_between_readings(read, asked, entities, slots):
    assert read(asked=asked, **entities) == Told(slots)


@pytest.mark.parametrize(
    ("told", "founding"), [("0", "2026"), ("1", "2025"), ("1-03", "2025-03"), ("2", "2024"), ("0-11", "2026-11")]
)
def test_last_year_is_the_year_before_the_day_of_the_answer(read, told, founding):
    assert read(founding_relative=told).slots == {"founding": founding}


@pytest.mark.parametrize(
    ("slots", "told"),
    [
        ({"product": "biz.vn", "founding": "P12M", "judged": True}, {"founding": "2012-05-31"}),
        ({"subject": "enterprise", "founding": "P3M", "judged": True}, {"founding": "2012-05-31"}),
        ({"product": "id.vn", "judged": True}, {"birth": "2012-05-31"}),
        ({"product": "biz.vn"}, {}),
    ],
)
def test_a_day_after_a_verdict_is_of_what_was_judged(read, slots, told):
    assert read(slots=slots, date="2012-05-31").slots == told


@pytest.mark.parametrize(
    ("asked", "slots", "intent", "told"),
    [
        ("certificate", {"subject": "household_business"}, "affirm", {"certificate": True}),
        ("certificate", {"subject": "household_business"}, "deny", {"certificate": False}),
        ("birthday", {"birth": "2008"}, "affirm", {"age": 18, "birth": None}),
        ("birthday", {"birth": "2008"}, "deny", {"age": 17, "birth": None}),
        ("age", {"product": "id.vn"}, "affirm", {}),
        ("founding", {"product": "biz.vn"}, "deny", {}),
        (None, {"birth": "2008"}, "affirm", {}),
    ],
)
def test_a_plain_yes_or_no_answers_what_takes_one(read, asked, slots, intent, told):
    assert read(asked=asked, slots=slots, intent=intent) == Told(told)


def test_whether_the_birthday_is_past_may_be_said_in_words(read):
    known = {"birth": "2008"}
    assert read(asked="birthday", slots=known, birthday="past").slots == {"age": 18, "birth": None}
    assert read(asked="birthday", slots=known, birthday="to_come").slots == {"age": 17, "birth": None}
    assert read(asked="certificate", birthday="past").slots == {}


def test_a_no_that_brings_a_fact_is_the_fact(read):
    told = read(asked="certificate", slots={"subject": "household_business"}, intent="deny", subject="enterprise")
    assert told.slots == {"subject": "enterprise"}


def test_an_age_replaces_a_birth_and_a_birth_an_age(read):
    assert read(slots={"birth": "2008"}, age=18).slots == {"age": 18, "birth": None}
    assert read(slots={"age": 20}, birth_date="2001-06-01").slots == {"birth": "2001-06-01", "age": None}


@pytest.mark.parametrize(
    ("entities", "told"),
    [
        ({"age": 200}, "200"),
        ({"age": "0"}, "0"),
        ({"age": "-5"}, "-5"),
        ({"age": "twenty"}, "twenty"),
        ({"birth_date": "2030"}, "2030"),
    ],
)
def test_an_age_that_nobody_has_is_not_taken(read, entities, told):
    assert read(asked="age", **entities) == Told(implausible_age=told)


@pytest.mark.parametrize(
    "entities", [{"product": ".vn"}, {"product": "com.vn"}, {"founding_age": "soon"}, {"birth_date": "P3M"}]
)
def test_what_the_form_cannot_use_fills_nothing(read, entities):
    assert not read(**entities).slots


def test_the_last_of_two_values_counts(programme):
    chat = Chat("turn", "inform", entities=(("age", 20), ("age", 25)))
    assert read_told(chat, asked="age", programme=programme, on=TODAY) == Told({"age": 25})


def test_naming_oneself_a_household_changes_a_case_for_id_vn_over(read):
    told = read(slots={"product": "id.vn"}, subject="household_business")
    assert told.slots == {"product": "biz.vn", "subject": "household_business"}


def test_id_vn_named_after_a_business_is_for_a_person(read):
    assert read(slots={"subject": "household_business"}, product="id.vn").slots == {"product": "id.vn", "subject": None}


def test_that_one_is_vietnamese_tells_who_asks_only_where_nothing_else_did(read):
    assert read(nationality="vn").slots == {"subject": "citizen"}
    assert read(nationality="vn", slots={"subject": "foreigner"}).slots == {"subject": "citizen"}
    assert read(nationality="vn", slots={"subject": "household_business"}).slots == {}
    assert read(nationality="vn", subject="household_business").slots == {"subject": "household_business"}


def test_the_certificate_of_another_business_is_forgotten(read):
    known = {"subject": "enterprise", "certificate": True}
    assert read(slots=known, subject="household_business").slots == {
        "subject": "household_business",
        "certificate": None,
    }


JUDGED_PERSON = {"product": "id.vn", "age": 20, "judged": True}
JUDGED_HOUSEHOLD = {"subject": "household_business", "certificate": True, "judged": True}


@pytest.mark.parametrize(
    ("slots", "entities", "text", "same"),
    [
        (JUDGED_PERSON, {}, "vậy em có được không", True),
        (JUDGED_PERSON, {"nationality": "vn"}, "em là người Việt Nam, vậy có được không", True),
        (JUDGED_PERSON, {"age": 22}, "con gái tôi 22 tuổi có được không", True),
        (JUDGED_PERSON, {"subject": "enterprise"}, "công ty em có được không", False),
        (JUDGED_PERSON, {"product": "biz.vn"}, "biz.vn có được không", False),
        (JUDGED_PERSON, {}, "", False),
        ({**JUDGED_PERSON, "judged": None}, {}, "vậy em có được không", False),
        (JUDGED_HOUSEHOLD, {"subject": "household_business"}, "còn quán chị tôi có được không", False),
        (
            JUDGED_HOUSEHOLD,
            {"subject": "household_business", "certificate": "no"},
            "quán chưa có giấy có được không",
            True,
        ),
    ],
)
def test_a_request_is_about_the_judged_case_unless_it_may_be_another(programme, slots, entities, text, same):
    chat = Chat("turn", "check_eligibility", text=text, entities=tuple(entities.items()), slots=slots)
    told = read_told(chat, asked=None, programme=programme, on=TODAY)
    assert continues(chat, told, programme, TODAY) is same


def test_of_a_birth_only_the_age_is_kept_once_it_was_judged():
    assert slots_of_judged(known_case({"birth": "2009-03-15"}), TODAY) == {"judged": True, "age": 17, "birth": None}
    assert slots_of_judged(known_case({"birth": "2008", "unknown": "birthday"}), TODAY) == {"judged": True}
    assert slots_of_judged(known_case({"age": 20}), TODAY) == {"judged": True}


@pytest.mark.parametrize(
    "slots",
    [
        {"age": "old"},
        {"age": 500},
        {"founding": "soon"},
        {"product": "x.vn"},
        {"subject": 5},
        {"founding": 3},
        {"birth": "P3M"},
        {"birth": 2006},
        {"certificate": "yes"},
        {"unknown": ["age"]},
        {"unknown": "height"},
    ],
)
def test_slots_of_another_release_count_as_not_told(slots):
    assert known_case(slots) == known_case({})


def test_a_case_is_what_the_slots_say():
    case = known_case({"product": "biz.vn", "subject": "enterprise", "age": 20.0, "founding": "P3M"})
    assert (case.product, case.subject, case.age, case.founding) == ("biz.vn", "enterprise", 20, FoundedAgo(3))
