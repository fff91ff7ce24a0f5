import unicodedata
from pathlib import Path

import pytest
import yaml

from bot.core.programme import answers, eligibility, topics
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


def test_every_button_has_a_title(programme):
    buttons = [*topics.menu_buttons()]
    for intent in answers.ANSWERED:
        buttons += answers.Answers(programme).answer(Question(intent), on=OPEN_DAY).buttons
    for slot in ("product", "age", "founding"):
        for failures in (0, 3):
            buttons += eligibility.question_reply(programme, slot, failures=failures).buttons
    buttons += eligibility.founding_day_reply(unknown=True).buttons
    cases = [{"age": 20}, {"age": 23}, {"age": 24}, {"subject": "foreigner"}, {"subject": "household_business"}]
    for told in cases:
        buttons += eligibility.verdict_reply(programme, eligibility.Case(**told), OPEN_DAY).buttons
    assert {button.title for button in buttons} <= set(TITLES)
