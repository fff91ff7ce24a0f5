import shutil

import pytest

from bot.core.rendering import Renderer, TemplateBrokenError, local_date, vnd
from bot.settings import ROOT


@pytest.fixture
def templates(tmp_path):
    (tmp_path / "messages" / "greet").mkdir(parents=True)
    (tmp_path / "messages" / "greet" / "vi.j2").write_text("Chào {{ name }}\n", "utf-8")
    shutil.copytree(ROOT / "templates" / "buttons", tmp_path / "buttons")
    return tmp_path


def test_a_channel_may_have_a_version_of_its_own(templates):
    (templates / "messages" / "greet" / "vi.zalo.j2").write_text("Zalo {{ name }}", "utf-8")
    renderer = Renderer(templates)
    assert renderer.render("greet", channel="web", facts={"name": "Lan"}) == "Chào Lan"
    assert renderer.render("greet", channel="zalo", facts={"name": "Lan"}) == "Zalo Lan"


@pytest.mark.parametrize("content", ["{{ name", "{{ missing }}", "{{ name | vnd }}", "{{ name | ngay }}"])
def test_a_template_that_does_not_render_is_named(templates, content):
    (templates / "messages" / "greet" / "vi.j2").write_text(content, "utf-8")
    with pytest.raises(TemplateBrokenError) as failure:
        Renderer(templates).render("greet", channel="web", facts={"name": "Lan"})
    assert failure.value.facts == {"template": "greet"}


def test_an_unknown_template_and_an_unknown_title_are_named(templates):
    renderer = Renderer(templates)
    with pytest.raises(TemplateBrokenError):
        renderer.render("nothing", channel="web", facts={})
    with pytest.raises(TemplateBrokenError):
        renderer.title("nothing")


@pytest.mark.parametrize("content", ["", "- a list", "{", None])
def test_titles_that_cannot_be_read_are_told_at_the_start(templates, content):
    file = templates / "buttons" / "vi.yaml"
    file.unlink() if content is None else file.write_text(content, "utf-8")
    with pytest.raises(TemplateBrokenError):
        Renderer(templates)


def test_amounts_and_dates_read_as_in_viet_nam():
    assert vnd(250000) == "250.000 đồng"
    assert local_date("2025-12-01") == "1/12/2025"
