"""The communes that bulletins can be for."""

import shutil

import pytest

from bot.core.communes.directory import Communes
from bot.core.programme import ContentError, load_programme
from bot.core.programme.content_problems import ContentProblem
from bot.settings import ROOT


def test_a_commune_is_found_by_its_code(programme):
    communes = Communes(programme.communes)
    found = communes.find("bac-ninh.yen-dung")
    assert found is not None
    assert (found.full_name, found.province) == ("phường Yên Dũng", "Bắc Ninh")
    assert communes.find("bac-ninh.khong-co") is None
    assert communes.list_all() == programme.communes


def test_every_unit_of_today_has_one_commune(programme):
    renamed = {name for unit in programme.localities.units for name in unit.formed_from}
    today = {
        (unit.now, unit.province)
        for unit in programme.localities.units
        if unit.now not in renamed or unit.now in unit.formed_from
    }
    communes = {(commune.full_name, commune.province) for commune in programme.communes}
    assert len(communes) == len(programme.communes)
    assert communes <= {(unit.now, unit.province) for unit in programme.localities.units}
    assert today <= communes


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("bac-ninh.yen-dung", "bac-ninh.tan-an", ContentProblem.KEY_TAKEN),
        ("name: Yên Dũng", "name: Yên Dũngg", ContentProblem.PLACE_UNKNOWN),
        ("name: Yên Dũng, kind: phường", "name: Yên Dũng, kind: xã", ContentProblem.PLACE_UNKNOWN),
        ("bac-ninh.yen-dung", "bac-ninh.Yên-Dũng", ContentProblem.NOT_IN_FORM),
        ("bac-ninh.yen-dung", "yen-dung", ContentProblem.NOT_IN_FORM),
    ],
)
def test_a_commune_that_cannot_be_is_named_with_its_file(tmp_path, old, new, problem):
    shutil.copytree(ROOT / "bot" / "content", tmp_path, dirs_exist_ok=True)
    path = tmp_path / "communes.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ContentError) as caught:
        load_programme(tmp_path)
    assert (caught.value.file, caught.value.problem) == (path, problem)
