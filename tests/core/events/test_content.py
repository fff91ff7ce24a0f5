"""What may not be wrong in the content of the Day, and how it is named when it is."""

import shutil

import pytest

from bot.core.programme import ContentError, load_programme
from bot.core.programme.content_problems import ContentProblem
from tests.core.events.conftest import ROOT


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        ("dx_day", "    to: 2024-10-10", "    to: 2024-09-10", ContentProblem.ENDS_BEFORE_IT_BEGINS),
        ("dx_day", "    to: 2024-10-10", "    to: 2024-10-11", ContentProblem.WRITTEN_OTHERWISE),
        ("dx_day_activities", "written: ngày 09/10/2024", "written: ngày 08/10/2024", ContentProblem.WRITTEN_OTHERWISE),
        ("dx_day_activities", "lead: [Sở Công Thương]", "lead: [Sở Công thương]", ContentProblem.BODY_UNKNOWN),
        ("dx_day_activities", "key: honours", "key: media", ContentProblem.ACTIVITY_NOT_ONCE),
        ("dx_day_activities", "key: honours", "key: fireworks", ContentProblem.NOT_A_CHOICE),
        ("dx_day_bodies", "belongs_to: carriers", "belongs_to: carrier", ContentProblem.BODY_UNKNOWN),
        ("dx_day_duties", "bodies: [department_of_planning]", "bodies: [planning]", ContentProblem.BODY_UNKNOWN),
        ("dx_day_duties", "key: dx_trade_booths", "key: dx_trade_shopping", ContentProblem.KEY_TAKEN),
        ("dx_day_duties", "due_before: 2024-10-20", "due_before: soon", ContentProblem.NOT_A_DAY),
        ("dx_day_statements", "section: III.2}", "section: III.2, page: 4}", ContentProblem.UNKNOWN_FIELD),
        (
            "dx_day_statements",
            "136/KH-UBND, section: III.2}",
            "137/KH-UBND, section: III.2}",
            ContentProblem.DOCUMENT_UNKNOWN,
        ),
    ],
)
def test_a_broken_record_is_named_with_its_file(tmp_path, file, old, new, problem):
    shutil.copytree(ROOT / "bot" / "content", tmp_path, dirs_exist_ok=True)
    path = tmp_path / f"{file}.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ContentError) as caught:
        load_programme(tmp_path)
    assert (caught.value.file, caught.value.problem) == (path, problem)


def test_every_body_that_leads_or_helps_can_be_asked_about(programme):
    names = [name for body in programme.dx_day_bodies for name in (body.name, *body.aliases)]
    folded = [name.lower() for name in names]
    assert len(set(folded)) == len(folded), sorted(name for name in folded if folded.count(name) > 1)
