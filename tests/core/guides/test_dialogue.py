"""What follows from what people say and press in a guide."""

import pytest
import yaml

from bot.core.guides.counts import Tally
from bot.core.guides.dialogue import AT, GUIDING, Dialogue, Stand, every_title, read_code
from bot.core.guides.records import LANGUAGES
from bot.core.guides.walk import Position, Wish
from bot.settings import ROOT

CONTACT = "quầy một cửa"
SIGNING = Wish("mycukai", "sign", "windows", "token")


@pytest.fixture
def dialogue(guides):
    return Dialogue(guides, CONTACT)


def tallies(said):
    return [(one.tally, one.guide, one.step) for one in said.counted]


def topics(said):
    return [reply.topic for reply in said.replies]


def button(said, title):
    return next(button.press for button in said.replies[-1].buttons if button.title == title)


def titles(said):
    return [button.title for button in said.replies[-1].buttons]


def test_whose_token_it_is_is_asked_before_any_step(dialogue):
    said = dialogue.start(Stand(), Wish(procedure="sign", platform="windows", medium="token"))
    assert (topics(said), said.stand.position) == (["start_token_guide"], None)
    assert button(said, "guide_token_provider_mycukai").entities == (("token_provider", "mycukai"),)


def test_only_what_is_missing_is_asked(dialogue):
    stand = dialogue.start(Stand(), Wish(procedure="sign")).stand
    asked = []
    for heard in (Wish("mycukai"), Wish(platform="windows"), Wish(medium="softcert"), Wish(level="unknown")):
        asked.append(dialogue.asked(stand.wish))
        stand = dialogue.start(stand, heard).stand
    assert asked == ["token_provider", "platform", "medium", "level"]
    assert stand.position == Position("sign-softcert-high", 1)


@pytest.mark.parametrize(
    "wish",
    [
        Wish("vn_provider"),
        Wish("vn_provider", "sign", "windows", "token"),
        Wish("unknown", "sign"),
        Wish("mycukai", "sign", "linux"),
        Wish("mycukai", "sign", "phone"),
        Wish("mycukai", "sign", "windows", "roaming"),
    ],
)
def test_where_there_is_no_guide_no_step_is_told_and_a_person_is_named(dialogue, said, wish):
    refused = dialogue.start(Stand(), wish)
    assert refused.is_over
    assert refused.stand.position is None
    assert topics(refused) == ["start_token_guide"]
    assert CONTACT in said(refused.replies[0])


def test_a_vietnamese_token_in_the_middle_of_a_guide_gets_none_of_its_steps(dialogue):
    at = dialogue.start(Stand(), SIGNING).stand
    refused = dialogue.start(at, Wish("vn_provider"))
    assert topics(refused) == ["start_token_guide"]
    assert "guide_resume" not in titles(refused)
    assert (refused.is_over, refused.stand) == (True, Stand())
    assert tallies(refused) == [(Tally.LEFT, "sign-token", 1)]


def test_a_guide_opens_and_its_first_step_comes_with_a_picture_where_there_is_one(dialogue, guides):
    opened = dialogue.start(Stand(), SIGNING)
    assert topics(opened) == ["guide.sign-token.1", "guide.sign-token.1"]
    assert titles(opened) == ["guide_done", "guide_stuck", "cancel"]
    assert tallies(opened) == [(Tally.REACHED, "sign-token", 1)]
    second = dialogue.next(opened.stand, opened.stand.position)
    assert second.replies[0].picture.name == "sign-token/2"
    assert second.replies[0].picture.template == "guide_picture"
    assert titles(second) == ["guide_done", "guide_branch_one_certificate", "guide_stuck", "guide_back", "cancel"]


def test_going_on_counts_the_step_as_done_and_the_next_as_reached(dialogue):
    at = dialogue.start(Stand(), SIGNING).stand
    moved = dialogue.next(at, at.position)
    assert tallies(moved) == [(Tally.DONE, "sign-token", 1), (Tally.REACHED, "sign-token", 2)]
    assert tallies(dialogue.back(moved.stand, moved.stand.position)) == []


def test_a_button_pressed_twice_does_what_it_says_once(dialogue):
    at = dialogue.start(Stand(), SIGNING).stand
    first = dialogue.next(at, at.position)
    again = dialogue.next(first.stand, at.position)
    assert again.stand == first.stand


def test_every_guide_is_walked_to_its_end_in_every_language(dialogue, guides, renderer):
    shown = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in (ROOT / "templates/buttons").glob("*.yaml")}
    for language in LANGUAGES:
        for guide in guides.guides:
            stand = Stand(language, position=Position(guide.id, 1))
            spoken = dialogue.again(stand)
            for _ in range(2 * len(guide.steps)):
                for reply in spoken.replies:
                    assert all(renderer.title(offered.title) for offered in reply.buttons)
                    prefixes = {offered.title.rpartition(":")[0] for offered in reply.buttons}
                    assert prefixes <= ({""} if language == "vi" else {language})
                if spoken.is_over:
                    break
                step = dialogue.walk.step(spoken.stand.position)
                if step.must_choose:
                    spoken = dialogue.branch(spoken.stand, spoken.stand.position, step.branches[0].key)
                else:
                    spoken = dialogue.next(spoken.stand, spoken.stand.position)
            assert spoken.is_over
            assert spoken.stand == Stand(language)
    assert set(shown) == set(LANGUAGES)


def test_every_branch_of_every_guide_has_a_title_in_every_language(guides, renderer):
    keys = {branch.key for guide in guides.guides for step in guide.steps for branch in step.branches}
    for key in keys:
        assert all(renderer.title(f"{language}:guide_branch_{key}") for language in LANGUAGES)


def test_the_other_languages_have_the_titles_of_the_guide_and_they_fit(renderer):
    titles_of = {
        language: yaml.safe_load((ROOT / "templates" / "buttons" / f"{language}.yaml").read_text("utf-8"))
        for language in LANGUAGES
    }
    assert set(titles_of["ms"]) == set(titles_of["en"])
    assert set(titles_of["ms"]) <= set(titles_of["vi"])
    assert {key for key in titles_of["vi"] if key.startswith("guide_")} <= set(titles_of["ms"])
    for titles_there in titles_of.values():
        assert all(len(title) <= 24 for title in titles_there.values())
    for language in ("ms", "en"):
        assert len(set(titles_of[language].values())) == len(titles_of[language])


def test_a_branch_that_leads_elsewhere_says_what_follows_and_goes_there(dialogue):
    at = Stand(position=Position("sign-token", 2))
    taken = dialogue.branch(at, at.position, "one_certificate")
    assert topics(taken) == ["guide.sign-token.2", "guide.sign-token.4"]
    assert tallies(taken) == [(Tally.DONE, "sign-token", 2), (Tally.REACHED, "sign-token", 4)]


def test_a_branch_that_breaks_off_is_over_and_counts_as_left(dialogue):
    at = Stand(position=Position("install-st3-mac", 4))
    stopped = dialogue.branch(at, at.position, "disagree")
    assert stopped.is_over
    assert tallies(stopped) == [(Tally.LEFT, "install-st3-mac", 4)]


def test_a_step_that_must_be_chosen_at_is_not_left_by_done(dialogue):
    at = Stand(position=Position("install-esign-mac", 9))
    assert titles(dialogue.again(at))[:2] == ["guide_branch_softcert", "guide_branch_token"]
    stayed = dialogue.next(at, at.position)
    assert (stayed.stand.position, stayed.counted) == (at.position, ())


def test_the_choice_can_be_told_in_words(dialogue):
    at = Stand(position=Position("install-esign-mac", 9))
    assert dialogue.start(at, Wish(medium="softcert")).stand.position.step == 10


def test_being_stuck_leads_to_troubles_then_needs_then_a_person_and_is_counted_once(dialogue, said):
    stand = Stand(position=Position("sign-token", 3))
    told, counted = [], []
    for _ in range(4):
        helped = dialogue.problem(stand, stand.position)
        stand = helped.stand
        told.append(helped.replies[0].template)
        counted += tallies(helped)
    assert told == ["guide_troubles", "guide_needs", "guide_person", "guide_person"]
    assert counted == [(Tally.STUCK, "sign-token", 3)]
    assert CONTACT in said(helped.replies[0])


def test_a_trouble_that_another_step_helps_with_offers_to_go_there_and_the_way_back(dialogue):
    at = Stand(position=Position("sign-softcert-high", 3))
    helped = dialogue.problem(at, at.position)
    press = dict(button(helped, "guide_go_there").entities)
    assert press[GUIDING] == "go:verify-softcert.1"
    there = dialogue.go_to(
        helped.stand, dialogue.walk.decode(press[AT]), dialogue.walk.step(at.position).troubles[0].leads_to
    )
    assert there.stand.position.guide == "verify-softcert"
    back = dialogue.back(there.stand, there.stand.position)
    assert (back.stand.position.guide, back.stand.position.step) == ("sign-softcert-high", 3)


def test_stopping_keeps_the_place_and_counts_as_left(dialogue):
    at = Stand(position=Position("sign-token", 3))
    left = dialogue.pause(at)
    assert (left.is_over, left.stand) == (True, at)
    assert tallies(left) == [(Tally.LEFT, "sign-token", 3)]
    assert dialogue.resume(left.stand).replies[0].facts["resumed"] is True


def test_changing_the_platform_goes_on_where_the_step_is_shared(dialogue):
    at = Stand(position=Position("install-esign-windows", 10))
    moved = dialogue.start(at, Wish(platform="mac"))
    assert moved.stand.position.guide == "install-esign-mac"
    assert moved.stand.position.step == 6
    assert len(moved.replies) == 1
    elsewhere = dialogue.start(Stand(position=Position("install-esign-windows", 4)), Wish(platform="mac"))
    assert elsewhere.stand.position.step == 1
    assert len(elsewhere.replies) == 2


def test_a_change_for_which_there_is_no_guide_leaves_the_person_where_they_are(dialogue):
    at = Stand(position=Position("sign-token", 2))
    refused = dialogue.start(at, Wish(platform="mac"))
    assert refused.stand == at
    assert not refused.is_over
    assert titles(refused)[0] == "guide_resume"


def test_another_procedure_is_another_guide_for_which_the_provider_is_known(dialogue):
    at = Stand(position=Position("sign-token", 2))
    begun = dialogue.start(at, Wish(procedure="install_esign"))
    assert begun.stand.position == Position("install-esign-windows", 1)


def test_who_may_be_talking_with_a_swindler_is_not_urged_on(dialogue):
    at = Stand(position=Position("sign-token", 4))
    assert [reply.template for reply in dialogue.remind(at, goes_on=False).replies] == ["guide_paused"]
    assert [reply.template for reply in dialogue.remind(at).replies] == ["guide_reminder"]


def test_a_secret_is_refused_and_the_step_stays(dialogue, said):
    at = Stand(position=Position("sign-token", 4))
    refused = dialogue.secret(at, at.position)
    assert refused.stand == at
    assert "PIN" in said(refused.replies[0])


def test_the_open_question_is_asked_in_another_language(dialogue):
    asked = dialogue.start(Stand(), Wish()).stand
    spoken = dialogue.speak(asked, "en")
    assert spoken.stand.language == "en"
    assert spoken.replies[0].facts["language"] == "en"
    assert titles(spoken)[0] == "en:guide_token_provider_mycukai"


def test_who_stops_gets_a_code_that_goes_on_at_the_step_wherever_it_is_typed(dialogue, said):
    left = dialogue.pause(Stand(position=Position("install-esign-windows", 10)))
    line = said(left.replies[0])
    assert line.endswith("làm tiếp ew10")
    press = read_code("Làm tiếp ew10")
    assert press.entities == ((GUIDING, "take_up:ew10"),)
    there = dialogue.take_up(Stand(), "ew10")
    assert there.stand.position == Position("install-esign-windows", 10)
    assert [reply.topic for reply in there.replies] == ["guide.install-esign-windows.10"]


@pytest.mark.parametrize("text", ["lam tiep ew 10", "teruskan ew10", "continue ew10.", "tiếp tục ew10"])
def test_the_code_is_read_as_people_type_it(text):
    assert read_code(text).entities == ((GUIDING, "take_up:ew10"),)


@pytest.mark.parametrize("text", ["làm tiếp", "làm tiếp đi", "ew10", "làm tiếp bước 10", "làm tiếp ew100", ""])
def test_anything_else_is_no_code(text):
    assert read_code(text) is None


@pytest.mark.parametrize("code", ["zz1", "ew99", "ew0"])
def test_a_code_of_no_step_asks_as_if_nothing_was_kept(dialogue, code):
    assert [reply.template for reply in dialogue.take_up(Stand(), code).replies] == ["guide_ask"]


def test_every_title_that_is_shown_is_known_before(dialogue, guides, renderer):
    known = set(every_title(guides))
    assert all(renderer.title(title) for title in known)
    at = Stand("en", position=Position("sign-softcert-high", 3))
    shown = [dialogue.again(at), dialogue.problem(at, at.position), dialogue.pause(at), dialogue.remind(at)]
    shown += [dialogue.start(Stand("ms"), Wish()), dialogue.start(Stand(), Wish("vn_provider"))]
    assert {button.title for each in shown for reply in each.replies for button in reply.buttons} <= known
