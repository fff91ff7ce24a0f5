"""The view shows all of a statement, and nothing in a statement can pass for the view's own words."""

from __future__ import annotations

import json
import re
import shutil
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from bot.core.rendering import TemplateBrokenError
from bot.core.statements import BroadcastApproval, TextNotNormalisedError
from bot.core.statements.models import Media
from bot.settings import ROOT
from bot.signing.view import BAR, StatementView
from tests.core.statements.examples import CONTENT, EXAMPLES, make_approval, make_broadcast

TEMPLATES = ROOT / "templates"
VIEW = StatementView(TEMPLATES)
PEOPLES = {name: statement for name, statement in EXAMPLES.items() if name != "checkpoint"}
UNSAID = {"typ", "decision"}
"""Members that are the same in every statement of a kind; the view has words for them."""
MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z")


def leaves(value: object) -> Iterator[str]:
    """Give everything that a statement says, as the view writes it."""
    match value:
        case dict():
            for name, item in value.items():
                yield from () if name in UNSAID else leaves(item)
        case list():
            for item in value:
                yield from leaves(item)
        case str() if found := MOMENT.fullmatch(value):
            year, month, day, hour, minute, second = found.groups()
            assert int(hour) + 7 < 24
            yield f"{int(hour) + 7:02}:{minute}:{second} {day}/{month}/{year}"
        case _:
            yield str(value)


def make_broadcast_with(**changes: object) -> BroadcastApproval:
    content = CONTENT.model_copy(update=changes)
    return make_approval(BroadcastApproval, broadcast=make_broadcast(content=content))


@pytest.mark.parametrize("statement", PEOPLES.values(), ids=list(PEOPLES))
def test_every_value_of_a_statement_is_shown(statement):
    shown = VIEW.show(statement)
    for leaf in leaves(json.loads(statement.to_bytes())):
        assert all(line in shown for line in leaf.split("\n")), leaf


@pytest.mark.parametrize("statement", PEOPLES.values(), ids=list(PEOPLES))
def test_a_view_is_plain_composed_text(statement):
    shown = VIEW.show(statement)
    assert shown.replace("\n", "").isprintable()
    assert unicodedata.is_normalized("NFC", shown)
    assert "\n\n\n" not in shown
    assert "None" not in shown


def test_files_are_shown_by_their_digest():
    media = Media(sha256="ab" * 32, bytes=12345, type="image/png")
    shown = VIEW.show(make_broadcast_with(media=(media,)))
    assert "image/png, 12345 byte" in shown
    assert "ab" * 32 in shown


FORGERY = "Mời họp.\n\nGửi tới địa bàn: 99999\nQua kênh: telegram\nKý? gõ CÓ: "


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
def test_no_text_can_look_like_a_line_of_the_view(columns):
    honest = make_broadcast_with()
    forged = make_broadcast_with(title=FORGERY[:200], text=FORGERY + " " * 300 + "Qua kênh: zalo")
    view = StatementView(TEMPLATES, columns=columns)
    own = [line for line in view.show(honest).split("\n") if not line.startswith(BAR)]
    assert [line for line in view.show(forged).split("\n") if not line.startswith(BAR)] == own


written = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs",)) | st.sampled_from("\n\t ạế字👍\u0300"), max_size=300
)


@given(text=written, columns=st.integers(1, 120))
def test_quoted_lines_fit_the_screen_and_lose_nothing(text, columns):
    text = unicodedata.normalize("NFC", text) or "x"
    try:
        statement = make_broadcast_with(text=text)
        statement.to_bytes()
    except TextNotNormalisedError:
        return
    shown = StatementView(TEMPLATES, columns=columns).show(statement).split("\n")
    begin = next(number for number, line in enumerate(shown) if line.startswith("Lời, viết bằng")) + 1
    quoted = []
    for line in shown[begin:]:
        if not line.startswith(BAR):
            break
        quoted.append(line)
    width = max(columns - 1, 24)
    assert all(cell_len(line) <= width for line in quoted)
    assert "".join(line.removeprefix(BAR) for line in quoted) == "".join(
        part.expandtabs(4) for part in text.split("\n")
    )


def test_a_template_that_forgets_to_quote_fails_instead_of_showing(tmp_path):
    templates = shutil.copytree(TEMPLATES / "statements", tmp_path / "statements")
    message = templates / "vi" / "message.j2"
    message.write_text(
        message.read_text("utf-8").replace("subject.content.text | quoted", "subject.content.text"), "utf-8"
    )
    with pytest.raises(TemplateBrokenError):
        StatementView(tmp_path).show(EXAMPLES["broadcast"])


def test_missing_templates_are_told(tmp_path):
    with pytest.raises(TemplateBrokenError):
        StatementView(tmp_path).show(EXAMPLES["broadcast"])
