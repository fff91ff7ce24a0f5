"""Every reply about the Day, as citizens read it, against the golden files."""

from tests.core.events.golden import DIRECTORY, files


def test_replies_read_as_reviewed(programme, renderer):
    expected = {path.stem: path.read_text("utf-8") for path in DIRECTORY.glob("*.txt")}
    assert files(programme, renderer) == expected, "review the change, then: python -m tests.core.events.golden"
