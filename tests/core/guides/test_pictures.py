"""The pictures by name."""

import pytest

from bot.core.guides.pictures import Pictures


def test_every_step_with_a_screen_has_a_picture_drawn_once(guides):
    pictures = Pictures(guides)
    guide = guides.by_id["sign-token"]
    for step in guide.steps:
        drawn = pictures.find(f"{guide.id}/{step.n}")
        assert (drawn is not None) == step.has_picture
        assert drawn is None or (drawn.png.startswith(b"\x89PNG") and drawn.svg.startswith(b"<svg"))
        assert pictures.find(f"{guide.id}/{step.n}") is drawn


@pytest.mark.parametrize(
    "name", ["", "sign-token", "sign-token/", "sign-token/0", "sign-token/01", "sign-token/99", "x/1"]
)
def test_no_other_name_has_one(guides, name):
    assert Pictures(guides).find(name) is None
