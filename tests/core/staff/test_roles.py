"""Who holds which role when, and for whom."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.staff.errors import DeputyRefusedError
from bot.core.staff.roles import Holding, Role, check_deputy, in_force
from bot.core.staff.tokens import new_token, token_digest
from bot.core.statements.models import Grant
from tests.fakes import MORNING

DAY = timedelta(days=1)


def holding(role=Role.ADMIN, *, areas=(), begins=MORNING, days=30, for_whom=None):
    return Holding("nv-1", role, areas, begins, begins + days * DAY, for_whom)


def deputy(*, roles=("admin",), areas=(), begins=MORNING, days=10, person="nv-2"):
    return Grant(
        id="grt-1",
        version=1,
        drafter="nv-3",
        editors=(person,),
        person=person,
        action="give",
        roles=roles,
        areas=areas,
        not_before=begins,
        not_after=begins + days * DAY,
        substitute_for="nv-1",
    )


@pytest.mark.parametrize(
    ("now", "holds"),
    [
        (MORNING - timedelta(seconds=1), False),
        (MORNING, True),
        (MORNING + 30 * DAY, True),
        (MORNING + 30 * DAY + timedelta(seconds=1), False),
    ],
)
def test_a_role_counts_from_its_first_moment_to_its_last(now, holds):
    assert (in_force([holding()], Role.ADMIN, now=now) is not None) is holds


def test_one_s_own_role_comes_before_a_deputy_s():
    held = [holding(for_whom="nv-9"), holding()]
    assert in_force(held, Role.ADMIN, now=MORNING) == held[1]
    assert in_force(held, Role.EDITOR, now=MORNING) is None


@pytest.mark.parametrize(
    ("own", "asked", "covers"),
    [
        ((), (), True),
        ((), ("a",), True),
        (("a", "b"), ("a",), True),
        (("a",), ("a", "b"), False),
        (("a",), (), False),
    ],
)
def test_a_role_for_some_areas_counts_in_these_only(own, asked, covers):
    assert (in_force([holding(areas=own)], Role.ADMIN, now=MORNING, areas=asked) is not None) is covers


def test_a_deputy_may_hold_what_the_other_holds():
    check_deputy(deputy(), [holding()], now=MORNING)
    check_deputy(deputy(areas=("a",)), [holding(areas=("a", "b"))], now=MORNING)


@pytest.mark.parametrize(
    ("asked", "held"),
    [
        (deputy(days=61), [holding(days=100)]),
        (deputy(person="nv-1"), [holding()]),
        (deputy(roles=("admin", "editor")), [holding()]),
        (deputy(), [holding(areas=("a",))]),
        (deputy(), [holding(for_whom="nv-9")]),
        (deputy(days=31), [holding()]),
        (deputy(), []),
    ],
    ids=["long", "oneself", "another-role", "more-areas", "a-deputy-s-deputy", "longer-than-the-role", "nothing"],
)
def test_a_deputy_never_holds_more(asked, held):
    with pytest.raises(DeputyRefusedError):
        check_deputy(asked, held, now=MORNING)


def test_a_token_is_random_and_only_its_beginning_and_digest_are_for_keeping():
    one, other = new_token(), new_token()
    assert one.text != other.text
    assert one.text.startswith(one.prefix)
    assert len(one.text) - len(one.prefix) >= 35
    assert one.digest == token_digest(one.text)
    assert one.text not in repr(one.digest)
