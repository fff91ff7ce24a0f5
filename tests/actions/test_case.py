from datetime import date

import pytest

from actions.case import Told, known_case, read_told
from actions.chat import Chat
from bot.core.programme.eligibility import FoundedAgo

TODAY = date(2026, 11, 20)


@pytest.fixture
def read(programme):
    def read(*, asked=None, slots=None, **entities):
        chat = Chat("turn", "inform", entities=tuple(entities.items()), slots=slots or {})
        return read_told(chat, asked=asked, programme=programme, on=TODAY)

    return read


@pytest.mark.parametrize(
    ("asked", "entities", "slots"),
    [
        ("age", {"age": 20}, {"age": 20}),
        ("age", {"age": "20"}, {"age": 20}),
        ("age", {"founding_date": "2018"}, {"age": 8}),
        ("age", {"birth_date": "2006"}, {"age": 20}),
        ("age", {"birth_date": "2006-11-21"}, {"age": 19}),
        ("age", {"birth_date": "2006-11-20"}, {"age": 20}),
        ("age", {"birth_date": "2003-03"}, {"age": 23}),
        ("founding", {"birth_date": "2006"}, {"founding": "2006"}),
        ("founding", {"founding_age": "P3M"}, {"founding": "P3M"}),
        ("product", {"product": "biz.vn"}, {"product": "biz.vn"}),
        (None, {"founding_date": "2026-03-15", "age": 20}, {"founding": "2026-03-15", "age": 20}),
    ],
)
def test_what_was_asked_decides_between_readings(read, asked, entities, slots):
    assert read(asked=asked, **entities) == Told(slots)


def test_a_year_of_birth_on_the_edge_needs_the_birthday(read):
    assert read(asked="age", birth_date="2003") == Told(needs_birthday=True)
    assert read(asked="age", birth_date="2008") == Told(needs_birthday=True)


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


@pytest.mark.parametrize(
    "slots", [{"age": "old"}, {"age": 500}, {"founding": "soon"}, {"product": "x.vn"}, {"subject": 5}, {"founding": 3}]
)
def test_slots_of_another_release_count_as_not_told(slots):
    assert known_case(slots) == known_case({})


def test_a_case_is_what_the_slots_say():
    case = known_case({"product": "biz.vn", "subject": "enterprise", "age": 20.0, "founding": "P3M"})
    assert (case.product, case.subject, case.age, case.founding) == ("biz.vn", "enterprise", 20, FoundedAgo(3))
