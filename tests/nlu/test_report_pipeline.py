"""The report on somebody else's data: reading it, our pipeline trained and measured on it, and what is refused."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import ROOT
from deploy.commands import report_options

NLU = ROOT / "nlu"
TRAIN = """
version: "3.1"
nlu:
  - intent: order
    examples: |
      - tôi muốn một tô [phở bò](dish)
      - cho em hai dĩa [cơm tấm](dish)
      - lấy giùm một ly [chè bưởi](dish)
      - đặt ba phần [bánh xèo](dish)
      - bán cho chị tô [bún nước lèo](dish)
      - một phần [phở gà](dish) nha
      - cho tôi [cơm tấm](dish) mang về
      - đặt [bánh xèo](dish) cho bàn số năm
  - intent: hours
    examples: |
      - mấy giờ quán mở cửa
      - quán mở tới mấy giờ
      - chủ nhật có bán không
      - giờ mở cửa của quán
      - tối nay còn mở không
      - sáng sớm đã bán chưa
  - intent: tell_age
    examples: |
      - bé nhà tôi [5 tuổi]{"entity": "age", "value": "5"}
      - cháu [12 tuổi]{"entity": "age", "value": "12"} rồi
      - con em mới [3 tuổi]{"entity": "age", "value": "3"}
      - thằng nhỏ [8 tuổi]{"entity": "age", "value": "8"} ạ
"""
TEST = """
version: "3.1"
nlu:
  - intent: order
    examples: |
      - cho toi mot to [pho bo]{"entity": "dish", "value": "phở bò"}
      - đặt hai phần [bánh xèo](dish)
  - intent: hours
    examples: |
      - quán mở cửa mấy giờ
  - intent: tell_age
    examples: |
      - con tôi [7 tuổi]{"entity": "age", "value": "7"} rồi
"""


@pytest.fixture(scope="session")
def measured(nlu_python: Path, tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("report")
    (folder / "train.yml").write_text(TRAIN, "utf-8")
    (folder / "test.yml").write_text(TEST, "utf-8")
    program = Path(__file__).parent / "measure_ours.py"
    finished = subprocess.run(
        [nlu_python, program, folder / "train.yml", folder / "test.yml", folder],
        env={"PYTHONPATH": str(NLU), "PATH": "/usr/bin:/bin", "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return folder, json.loads(finished.stdout)


@pytest.mark.nlu_server
def test_marks_are_read_with_their_places_and_normalised_values(measured):
    _, result = measured
    first, second, *_ = result["examples"]
    assert first == {
        "text": "cho toi mot to pho bo",
        "intent": "order",
        "marks": [{"entity": "dish", "start": 15, "end": 21, "value": "phở bò"}],
        "file": "test",
    }
    assert second["marks"] == [{"entity": "dish", "start": 13, "end": 21, "value": "bánh xèo"}]


@pytest.mark.nlu_server
def test_our_pipeline_learns_foreign_intents_and_entities_and_keeps_the_grammar_for_shared_ones(measured):
    _, result = measured
    assert "components.extractor.GrammarExtractor" not in result["components"]
    assert {"report.foreign.SharedGrammar", "report.foreign.FoldedEntityExtractor"} <= set(result["components"])
    assert result["components"][-1] == "FallbackClassifier"
    assert any("age" in note for note in result["notes"])
    assert any("dish" in note for note in result["notes"])
    assert [one["intent"] for one in result["scored"]] == [example["intent"] for example in result["examples"]]
    found = [(mark["entity"], mark["start"], mark["end"]) for one in result["scored"] for mark in one["marks"]]
    # The dish was learnt with its accents and is found without them.
    assert ("dish", 15, 21) in found
    assert ("age", 8, 14) in found


@pytest.mark.nlu_server
def test_sizes_are_measured_and_the_report_is_written(measured):
    folder, result = measured
    assert all(size > 10_000 for size in result["sizes"])
    page = (folder / "nlu-report.md").read_text("utf-8")
    assert result["summary"] in page
    assert {path.name for path in (folder / "images").iterdir()} == {"nlu-confusion.png", "nlu-reliability.png"}


@pytest.mark.nlu_server
def test_messages_that_were_trained_on_are_left_out_whatever_their_accents(measured):
    _, result = measured
    # "quán mở cửa mấy giờ" has the words of a training message, but in another order.
    assert result["unseen"] == [len(result["examples"]), 0]


@pytest.mark.nlu_server
def test_the_report_quotes_no_test_message(measured):
    folder, result = measured
    page = (folder / "nlu-report.md").read_text("utf-8")
    assert not any(example["text"] in page for example in result["examples"])


@pytest.mark.nlu_server
def test_the_default_pipeline_is_the_one_of_rasa_init_and_gets_marks_from_the_grammar(measured):
    _, result = measured
    assert [component["name"] for component in result["default"]] == [
        "WhitespaceTokenizer", "RegexFeaturizer", "LexicalSyntacticFeaturizer", "CountVectorsFeaturizer",
        "CountVectorsFeaturizer", "DIETClassifier", "EntitySynonymMapper", "ResponseSelector", "FallbackClassifier",
    ]  # fmt: skip
    assert [component["epochs"] for component in result["default"] if "epochs" in component] == [7, 7]
    # As if the data were ours: the grammar's marks stand in place of the author's, and the author's are untouched.
    assert 4 <= result["default_marks"] < result["original_marks"]


@pytest.mark.parametrize(
    "options",
    [
        ("--train", "a.yml"),
        ("--test", "b.yml"),
        ("--set", "training"),
        ("--errors", "misread.md"),
        ("--train", "a.yml", "--test", "b.yml", "--set", "development", "--errors", "misread.md"),
        ("--epochs", "0"),
        ("--epochs", "many"),
        ("--epochs", "½"),
    ],
)
def test_options_that_mean_nothing_are_refused_in_a_sentence(options):
    refused = subprocess.run(
        [sys.executable, "-m", "report", *options], cwd=NLU, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 2
    assert refused.stdout == ""
    (sentence,) = refused.stderr.splitlines()
    assert ": hãy " in sentence


@pytest.mark.nlu_server
@pytest.mark.parametrize("content", [None, "nlu: [", "version: '3.1'\nnlu: []\n"])
def test_data_that_cannot_be_read_is_named_in_a_sentence(nlu_python, tmp_path, content):
    data = tmp_path / "data.yml"
    if content is not None:
        data.write_text(content, "utf-8")
    refused = subprocess.run(
        [nlu_python, "-m", "report", "--train", data, "--test", data],
        cwd=NLU,
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 2
    (sentence,) = refused.stderr.splitlines()
    assert str(data) in sentence


def test_make_hands_its_variables_over_as_options():
    assert report_options({"PATH": "/usr/bin", "TRAIN": "", "FRESH": ""}) == []
    assert report_options({"SET": "development", "EPOCHS": "20", "FRESH": "1", "OURS": "1"}) == [
        "--set", "development", "--epochs", "20", "--ours", "--fresh",
    ]  # fmt: skip
    # The report runs in another folder than make.
    assert report_options({"TRAIN": "/data/a.yml", "TEST": "b.yml"}) == [
        "--train", "/data/a.yml", "--test", str(Path.cwd() / "b.yml"),
    ]  # fmt: skip
