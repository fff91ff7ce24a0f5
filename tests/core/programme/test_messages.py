import unicodedata
from pathlib import Path

import pytest
import yaml

from bot.core.programme import cases, topics, verdicts
from bot.core.programme.answers import ANSWERED
from bot.core.programme.finding import Question
from tests.core.programme.conftest import OPEN_DAY, ROOT

MESSAGES = ROOT / "templates" / "messages"
TEMPLATES = sorted(path.parent.name for path in MESSAGES.glob("*/vi.j2") if path.parent.name != "_macros")
TITLES = yaml.safe_load((ROOT / "templates" / "buttons" / "vi.yaml").read_text("utf-8"))


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_renders_from_each_of_its_samples(renderer, template):
    samples = renderer.samples()[template]
    assert samples
    for facts in samples:
        text = renderer.render(template, channel="web", facts=facts)
        assert text
        assert len(text) <= 700
        assert "\n\n" not in text
        assert "  " not in text


@pytest.mark.parametrize("path", [*MESSAGES.glob("*/*"), ROOT / "templates" / "buttons" / "vi.yaml"], ids=str)
def test_texts_are_composed_unicode(path: Path):
    text = path.read_text("utf-8")
    assert unicodedata.is_normalized("NFC", text)


def test_titles_fit_a_small_screen_and_differ():
    assert all(len(title) <= 24 for title in TITLES.values())
    assert len(set(TITLES.values())) == len(TITLES)


def test_every_button_has_a_title(programme, answers):
    buttons = [*topics.menu_buttons()]
    for intent in ANSWERED:
        buttons += answers.answer(Question(intent), on=OPEN_DAY).buttons
    lacking = [{}, {"product": "id.vn"}, {"product": "biz.vn"}, {"subject": "household_business"}]
    lacking += [{"founding": cases.FoundedAgo(12)}, {"born": cases.parse_period("2007")}]
    for told in lacking:
        buttons += verdicts.question_reply(programme, cases.Case(**told), OPEN_DAY).buttons
    told_cases = [{"age": 20}, {"age": 23}, {"age": 24}, {"subject": "foreigner"}]
    told_cases += [{"subject": "household_business", "certificate": held} for held in (True, False)]
    told_cases += [{"founding": cases.FoundedAgo(40)}]
    for told in told_cases:
        buttons += verdicts.verdict_reply(programme, cases.Case(**told), OPEN_DAY).buttons
    assert {button.title for button in buttons} <= set(TITLES)
