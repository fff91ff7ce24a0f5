import re
import unicodedata
from typing import get_args

import pytest

from bot.core.guides import load_guides
from bot.core.guides.records import LANGUAGES
from bot.core.guides.telling import Telling
from bot.core.guides.walk import Asked, Ended, Reason, Rung, Walk
from bot.settings import ROOT

CONTENT = load_guides(ROOT / "bot" / "content")
WALK = Walk(CONTENT)
MACROS = ROOT / "templates" / "messages" / "_macros"
STEPS = [(guide, step) for guide in CONTENT.guides for step in guide.steps]
CONTACT = "quầy một cửa của Ủy ban nhân dân xã, phường nơi bạn ở"

LONGEST = 700
"""What fits a small phone's screen; the rule is 1,000."""

NOBODY_ASKS = {
    "vi": ("Không ai, kể cả mình", "PIN", "mật khẩu", "OTP", "điều khiển máy"),
    "ms": ("Tiada sesiapa, termasuk pembantu ini", "PIN", "kata laluan", "OTP", "kawalan komputer"),
    "en": ("Nobody, this assistant included", "PIN", "password", "OTP", "control of your computer"),
}
languages = pytest.mark.parametrize("language", LANGUAGES)
steps = pytest.mark.parametrize(("guide", "step"), STEPS, ids=[f"{guide.id}.{step.n}" for guide, step in STEPS])


def warns(text, language):
    return all(part in text for part in NOBODY_ASKS[language])


def everything_said_at(guide, step, language):
    telling, position = Telling(CONTENT, language), WALK.at(guide.id, step.n)
    yield telling.opening(position)
    yield telling.step(position)
    yield telling.step(position, resumed=True)
    yield telling.paused(position)
    yield telling.secret_refused(position)
    yield telling.picture(position) if step.has_picture else telling.step(position)
    yield from (telling.branch(position, branch) for branch in step.branches)
    yield from (telling.ended(Ended(position, is_done=is_done)) for is_done in (True, False))
    offered = WALK.problem(position)
    for _ in Rung:
        yield telling.help(offered, contact=CONTACT)
        offered = WALK.problem(offered.position)


def test_every_language_has_the_same_words_to_say():
    macros = {
        language: re.findall(r"{% macro (\w+\(.*?\))", (MACROS / f"guide_{language}.j2").read_text("utf-8"))
        for language in LANGUAGES
    }
    assert macros["vi"]
    assert macros["ms"] == macros["vi"]
    assert macros["en"] == macros["vi"]


@languages
@steps
def test_whatever_is_said_at_a_step_fits_a_phone_and_names_its_step_and_section(said, guide, step, language):
    for reply in everything_said_at(guide, step, language):
        text = said(reply)
        assert 0 < len(text) <= LONGEST
        assert unicodedata.is_normalized("NFC", text)
        assert "None" not in text
        assert "  " not in text
        assert reply.topic == f"guide.{guide.id}.{step.n}"
        assert [source.section for source in reply.sources] == [guide.section]


@languages
@steps
def test_a_step_tells_what_to_do_its_exact_labels_and_what_comes_then(said, guide, step, language):
    text = said(Telling(CONTENT, language).step(WALK.at(guide.id, step.n)))
    assert text.splitlines()[0].endswith(f" {step.n}/{len(guide.steps)} (MyCukai)")
    assert step.do.told(language) in text
    pressed = [label for label in step.screen.press if not label.startswith("<") and not step.screen.either]
    for label in (*pressed, *step.screen.commands, *filter(None, [step.screen.option, step.screen.then_press])):
        assert label in text
    if step.see is not None:
        assert step.see.told(language) in text
    for key in step.gaps:
        assert CONTENT.manual.gap(key).says.told(language) in text
    for key in step.cautions:
        assert CONTENT.manual.caution(key).says.told(language) in text


@languages
@steps
def test_each_opening_and_each_sensitive_step_says_that_nobody_asks_for_secrets(said, guide, step, language):
    telling, position = Telling(CONTENT, language), WALK.at(guide.id, step.n)
    assert warns(said(telling.opening(position)), language)
    assert warns(said(telling.step(position)), language) == step.is_sensitive


@languages
@pytest.mark.parametrize("guide", CONTENT.guides, ids=lambda guide: guide.id)
def test_an_opening_says_whose_guide_it_is_and_what_must_be_at_hand(said, guide, language):
    text = said(Telling(CONTENT, language).opening(WALK.at(guide.id)))
    assert {"vi": "MyCukai (Malaysia)", "ms": "MyCukai (Malaysia)", "en": "MyCukai's guide (Malaysia)"}[
        language
    ] in text
    assert guide.title.told(language) in text
    for precondition in guide.preconditions:
        assert precondition.says.told(language) in text


@languages
@pytest.mark.parametrize("reason", Reason)
def test_a_refusal_gives_the_safety_rule_and_whom_to_ask_and_no_step(said, reason, language):
    text = said(Telling(CONTENT, language).none(reason, contact=CONTACT))
    assert len(text) <= LONGEST
    assert warns(text, language)
    assert CONTACT in text
    assert text.count("\n") == 3
    assert not any(step.do.told(language) in text for _, step in STEPS)


@languages
@pytest.mark.parametrize("asked", get_args(Asked))
def test_what_is_missing_is_asked_in_every_language(said, asked, language):
    assert 0 < len(said(Telling(CONTENT, language).question(asked))) <= 400


@languages
def test_the_requirements_name_each_package_with_its_systems_and_what_is_out_of_date(said, language):
    telling = Telling(CONTENT, language)
    windows, mac = said(telling.needs("windows")), said(telling.needs("mac"))
    for told in ("Windows XP", "Firefox version 45.0", "Pentium III 800 MHz", "256 MB RAM", "USB", "2014", "2016"):
        assert told in windows
    packages = {line.split(": ")[1]: line for line in mac.splitlines() if line.endswith(".pkg")}
    assert "Yosemite" in packages["ST3_1.0.17.0303.pkg"]
    assert "Sierra" in packages["ST3_1.0.17.0313.pkg"]
    assert "El Capitan" in packages["ST3_1.0.17.0313.pkg"]
    assert CONTENT.manual.caution("os_x_yosemite").says.told(language) in mac


@languages
def test_the_kinds_of_certificates_are_told_with_their_suppliers(said, language):
    text = said(Telling(CONTENT, language).carriers())
    for told in ("Token Certificate", "Softcert", "Roaming Certificate", "MSC Trustgate", "Pos Digicert", "TM"):
        assert told in text
    assert len(text) <= LONGEST


@languages
@steps
def test_what_the_manual_does_not_say_is_starred(said, guide, step, language):
    telling, offered = Telling(CONTENT, language), WALK.problem(WALK.at(guide.id, step.n))
    if offered.rung is Rung.TROUBLES:
        text = said(telling.help(offered, contact=CONTACT))
        for trouble in step.troubles:
            line = next(line for line in text.splitlines() if trouble.problem.told(language) in line)
            assert line.endswith(" *") == trouble.inferred


@languages
def test_a_picture_is_described_in_one_line_with_what_to_press(said, language):
    telling = Telling(CONTENT, language)
    for guide, step in STEPS:
        if step.has_picture:
            text = said(telling.picture(WALK.at(guide.id, step.n)))
            assert "\n" not in text
            assert all(label in text for label in (*step.screen.press, *step.screen.commands))
