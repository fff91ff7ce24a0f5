import re
from dataclasses import replace
from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.guides import load_guides
from bot.core.guides.records import Level, Medium, Place, Platform, Procedure, Provider
from bot.core.guides.walk import Chosen, Ended, Missing, NoGuide, Position, Reason, Rung, Walk, Wish
from bot.settings import ROOT

CONTENT = load_guides(ROOT / "bot" / "content")
WALK = Walk(CONTENT)
EVERY_STEP = [(guide.id, step.n) for guide in CONTENT.guides for step in guide.steps]
EVERY_WISH = [
    Wish(*said)
    for said in product(*((None, *get_args(values)) for values in (Provider, Procedure, Platform, Medium, Level)))
]


def mycukai(procedure, platform=None, medium=None, level=None):
    return Wish("mycukai", procedure, platform, medium, level)


@pytest.mark.parametrize(
    ("wish", "guide", "step"),
    [
        (mycukai("sign", "windows", "softcert", "high"), "sign-softcert-high", 1),
        (mycukai("sign", "windows", "softcert", "medium"), "sign-softcert-medium", 1),
        (mycukai("sign", "windows", "softcert", "unknown"), "sign-softcert-high", 1),
        (mycukai("sign", "windows", "token"), "sign-token", 1),
        (mycukai("install_esign", "windows"), "install-esign-windows", 1),
        (mycukai("install_esign", "windows", "token"), "install-esign-windows", 1),
        (mycukai("install_esign", "mac", "softcert"), "install-esign-mac", 1),
        (mycukai("install_middleware", "mac"), "install-st3-mac", 1),
        (mycukai("import_softcert", "windows"), "import-softcert-windows", 1),
        (mycukai("import_softcert", "mac"), "install-esign-mac", 10),
        (mycukai("verify", "windows", "softcert"), "verify-softcert", 1),
    ],
)
def test_each_guide_is_found_by_what_it_is_for(wish, guide, step):
    assert WALK.choose(wish) == Chosen(Position(guide, step))


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        (Wish(provider="vn_provider"), Reason.VN_PROVIDER),
        (Wish("vn_provider", "sign", "linux", "roaming"), Reason.VN_PROVIDER),
        (Wish("unknown", "sign", "windows", "token"), Reason.UNKNOWN_PROVIDER),
        (Wish(platform="linux"), Reason.LINUX),
        (Wish(platform="phone"), Reason.PHONE),
        (Wish(medium="roaming"), Reason.ROAMING),
        (mycukai("sign", "mac"), Reason.MAC_SIGNING),
        (mycukai("verify", "mac", "softcert"), Reason.MAC_VERIFYING),
        (mycukai("verify", "windows", "token"), Reason.TOKEN_VERIFYING),
        (mycukai("install_middleware", "windows", "token"), Reason.WINDOWS_MIDDLEWARE),
        (mycukai("install_middleware", "mac", "softcert"), Reason.SOFTCERT_MIDDLEWARE),
        (mycukai("import_softcert", "mac", "token"), Reason.TOKEN_IMPORT),
    ],
)
def test_what_has_no_steps_is_refused_with_its_reason(wish, reason):
    assert WALK.choose(wish) == NoGuide(reason)


@pytest.mark.parametrize(
    ("wish", "asks"),
    [
        (Wish(), ("token_provider", "procedure", "platform")),
        (Wish(procedure="install_esign", platform="mac"), ("token_provider",)),
        (mycukai("sign"), ("platform", "medium")),
        (mycukai("sign", "windows", "softcert"), ("level",)),
        (mycukai("verify", "windows"), ("medium",)),
        (mycukai("import_softcert"), ("platform",)),
        (mycukai("install_middleware"), ("platform",)),
        (mycukai(None, "windows", "token"), ("procedure",)),
    ],
)
def test_only_what_decides_is_asked_and_whose_token_it_is_first(wish, asks):
    assert WALK.choose(wish) == Missing(asks)


def test_every_wish_is_answered_and_none_leads_another_provider_s_token_through_the_steps():
    for wish in EVERY_WISH:
        found = WALK.choose(wish)
        if isinstance(found, Chosen):
            guide = WALK.guide(found.position)
            assert wish.provider == "mycukai"
            assert guide.platform == wish.platform
            assert wish.medium is None or wish.medium in guide.media
            assert guide.procedure_at(found.position.step) == wish.procedure
        elif isinstance(found, Missing):
            first = {"token_provider": "provider"}.get(found.asks[0], found.asks[0])
            assert getattr(wish, first) is None


@pytest.mark.parametrize("guide", CONTENT.guides, ids=lambda guide: guide.id)
def test_a_guide_is_walked_to_its_end_and_back_again(guide):
    position = WALK.at(guide.id)
    way = [position]
    while not isinstance(outcome := WALK.next(position), Ended):
        if outcome == position:
            outcome = WALK.branch(position, WALK.step(position).branches[0].key)
        position = outcome
        way.append(position)
    assert [at.step for at in way] == list(range(1, len(guide.steps) + 1))
    assert outcome == Ended(way[-1], is_done=True)
    for before in reversed(way[:-1]):
        position = WALK.back(position)
        assert position == before
    assert WALK.back(position) == position


@pytest.mark.parametrize(
    ("guide", "step", "key", "leads_to"),
    [
        ("sign-softcert-high", 2, "one_certificate", 4),
        ("sign-softcert-medium", 2, "one_certificate", 4),
        ("sign-token", 2, "one_certificate", 4),
        ("install-st3-mac", 1, "yosemite", 1),
        ("install-st3-mac", 1, "sierra_el_capitan", 1),
        ("install-st3-mac", 4, "read_license", 4),
        ("install-st3-mac", 4, "disagree", "stopped"),
        ("install-esign-mac", 9, "softcert", 10),
        ("install-esign-mac", 9, "token", "done"),
    ],
)
def test_a_branch_leads_where_the_manual_says(guide, step, key, leads_to):
    outcome = WALK.branch(WALK.at(guide, step), key)
    if isinstance(outcome, Ended):
        assert leads_to == ("done" if outcome.is_done else "stopped")
    else:
        assert (outcome.guide, outcome.step) == (guide, leads_to)
        assert WALK.back(outcome).step == (step if leads_to != step else max(step - 1, 1))


def test_the_branches_tested_above_are_all_there_are():
    assert sum(len(step.branches) for guide in CONTENT.guides for step in guide.steps) == 9


def test_a_branch_that_the_step_does_not_have_changes_nothing():
    position = WALK.at("sign-token", 2)
    assert WALK.branch(position, "softcert") == position


def test_a_step_that_has_to_be_decided_is_not_left_by_going_on():
    position = WALK.at("install-esign-mac", 9)
    assert WALK.next(position) == position


def test_a_misprinted_branch_keeps_what_the_manual_prints():
    branch = WALK.step(WALK.at("sign-token", 2)).branch("one_certificate")
    assert (branch.goes_to, branch.manual_goes_to, branch.inferred) == (4, 3, True)


def test_help_begins_with_known_troubles_then_the_requirements_then_a_person_again_and_again():
    position, rungs = WALK.at("sign-token", 4), []
    for _ in range(5):
        offered = WALK.problem(position)
        rungs.append(offered.rung)
        position = offered.position
    assert rungs == [Rung.TROUBLES, Rung.NEEDS, Rung.PERSON, Rung.PERSON, Rung.PERSON]
    assert WALK.problem(WALK.at("sign-token", 4)).troubles == WALK.step(position).troubles


def test_help_at_a_step_without_known_troubles_begins_with_the_requirements():
    assert WALK.problem(WALK.at("install-esign-windows", 3)).rung is Rung.NEEDS


@pytest.mark.parametrize("stop", EVERY_STEP, ids=str)
def test_moving_on_forgets_how_often_help_was_asked_for(stop):
    stuck = WALK.problem(WALK.at(*stop)).position
    for moved in (WALK.next(stuck), WALK.back(stuck)):
        if isinstance(moved, Position) and (moved.guide, moved.step) != stop:
            assert moved.stuck == 0


@pytest.mark.parametrize(
    ("before", "change", "after", "keeps_place"),
    [
        (("install-esign-windows", 1), {"platform": "mac"}, ("install-esign-mac", 1), True),
        (("install-esign-windows", 10), {"platform": "mac"}, ("install-esign-mac", 6), True),
        (("install-esign-mac", 6), {"platform": "windows"}, ("install-esign-windows", 10), True),
        (("install-esign-windows", 5), {"platform": "mac"}, ("install-esign-mac", 1), False),
        (("import-softcert-windows", 4), {"platform": "mac"}, ("install-esign-mac", 10), False),
        (("install-esign-mac", 12), {"platform": "windows"}, ("import-softcert-windows", 1), False),
        (("sign-softcert-high", 3), {"medium": "token"}, ("sign-token", 3), True),
        (("sign-softcert-high", 4), {"level": "medium"}, ("sign-softcert-medium", 4), True),
        (("sign-token", 4), {"medium": "softcert", "level": "high"}, ("sign-softcert-high", 1), False),
        (("sign-token", 2), {"medium": "softcert", "level": "medium"}, ("sign-softcert-medium", 2), True),
        (("install-esign-windows", 5), {"medium": "token"}, ("install-esign-windows", 5), True),
    ],
)
def test_a_change_half_way_goes_on_at_a_step_that_is_shared(before, change, after, keeps_place):
    start = WALK.at(*before)
    found = WALK.switch(start, **change)
    assert (found.position.guide, found.position.step) == after
    assert found.keeps_place is keeps_place
    if before != after:
        assert WALK.back(found.position) == start


@pytest.mark.parametrize(
    ("before", "change", "answer"),
    [
        (("sign-token", 2), {"platform": "mac"}, NoGuide(Reason.MAC_SIGNING)),
        (("sign-token", 2), {"platform": "linux"}, NoGuide(Reason.LINUX)),
        (("install-st3-mac", 3), {"platform": "windows"}, NoGuide(Reason.WINDOWS_MIDDLEWARE)),
        (("import-softcert-windows", 3), {"medium": "token"}, NoGuide(Reason.TOKEN_IMPORT)),
        (("sign-token", 3), {"medium": "softcert"}, Missing(("level",))),
    ],
)
def test_a_change_to_what_has_no_steps_is_refused_and_one_that_lacks_something_asks(before, change, answer):
    assert WALK.switch(WALK.at(*before), **change) == answer


def test_a_trouble_leads_into_another_guide_and_back():
    position = WALK.at("sign-softcert-high", 4)
    place = next(trouble.leads_to for trouble in WALK.step(position).troubles if trouble.leads_to)
    there = WALK.go_to(position, place)
    assert (there.guide, there.step) == ("sign-softcert-medium", 4)
    assert WALK.back(there) == position
    assert WALK.go_to(position, Place(guide="sign-token", step=30)) == position


@pytest.mark.parametrize(("guide", "step"), [("sign-token", 5), ("sign-token", 0), ("nothing", 1)])
def test_there_is_no_position_at_a_step_that_is_not_there(guide, step):
    assert WALK.at(guide, step) is None


positions = st.builds(
    lambda stops, stuck: Position(*stops[0], tuple(stops[1:]), stuck),
    st.lists(st.sampled_from(EVERY_STEP), min_size=1, max_size=17),
    st.integers(0, 3),
)


@given(positions)
def test_a_position_is_written_in_a_few_bytes_and_read_again(position):
    text = WALK.encode(position)
    assert WALK.decode(text) == position
    assert len(text.encode()) <= 3 * 17 + 2
    assert re.fullmatch(r"[a-zA-Z0-9]+(-[1-3])?", text)


def test_the_way_through_the_longest_guide_takes_less_than_twenty_bytes():
    position = WALK.at("install-esign-mac")
    for _ in range(13):
        outcome = WALK.next(position)
        position = outcome if outcome != position else WALK.branch(position, "softcert")
    assert WALK.encode(position) == "emEDCBA987654321"


@given(st.text(max_size=60) | st.from_regex(r"\A[a-z]{2}[0-9A-Z]{1,4}(-\d)?\Z"))
def test_what_was_not_written_here_is_no_position(text):
    position = WALK.decode(text)
    assert position is None or WALK.step(position)


@given(positions, st.sampled_from([*get_args(Platform)]), st.sampled_from([*get_args(Medium)]), st.text(max_size=9))
def test_whatever_is_asked_of_a_position_is_answered(position, platform, medium, key):
    outcomes = [WALK.next(position), WALK.back(position), WALK.branch(position, key), WALK.problem(position).position]
    outcomes += [found.position for found in (WALK.switch(position, platform=platform),) if isinstance(found, Chosen)]
    outcomes += [found.position for found in (WALK.switch(position, medium=medium),) if isinstance(found, Chosen)]
    for outcome in outcomes:
        at = outcome.last if isinstance(outcome, Ended) else outcome
        assert WALK.decode(WALK.encode(at)) == at


def test_the_way_back_is_kept_for_more_steps_than_any_guide_has_and_no_longer():
    position = WALK.at("sign-token")
    for _ in range(40):
        position = WALK.go_to(position, Place(guide="sign-token", step=3 - position.step))
    assert len(position.before) == 16
    assert len(position.before) > max(len(guide.steps) for guide in CONTENT.guides)


def test_without_a_way_back_one_goes_to_the_step_before():
    assert WALK.back(WALK.at("install-esign-mac", 10)) == Position("install-esign-mac", 9)


def test_progress_and_topic_name_the_step():
    position = replace(WALK.at("install-esign-windows", 4), stuck=1)
    assert WALK.progress(position) == (4, 10)
    assert position.topic == "guide.install-esign-windows.4"
