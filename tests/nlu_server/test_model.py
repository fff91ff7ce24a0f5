"""Which changes make the NLU model another one."""

import shutil

import pytest

from bot.nlu_server.model import input_hash
from bot.settings import ROOT, Settings


@pytest.fixture
def inputs(tmp_path):
    (tmp_path / "nlu" / "tests").mkdir(parents=True)
    (tmp_path / "nlu" / "config.yml").write_text("language: vi\n", "utf-8")
    shutil.copytree(ROOT / "bot" / "content", tmp_path / "content")
    return tmp_path


def hash_of(folder):
    return input_hash(Settings(nlu_dir=folder / "nlu", content_dir=folder / "content"))


@pytest.mark.parametrize("changed", ["nlu/config.yml", "content/agencies.yaml", "content/localities.yaml"])
def test_what_the_model_or_its_grammar_reads_makes_another_model(inputs, changed):
    before = hash_of(inputs)
    with (inputs / changed).open("a", encoding="utf-8") as file:
        file.write("# more\n")
    assert hash_of(inputs) != before


def test_what_neither_reads_makes_no_other_model(inputs):
    before = hash_of(inputs)
    (inputs / "nlu" / "tests" / "messages.yml").write_text("one more\n", "utf-8")
    (inputs / "content" / "fees.yaml").write_text("other\n", "utf-8")
    assert hash_of(inputs) == before
