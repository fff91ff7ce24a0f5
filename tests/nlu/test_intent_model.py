"""The model of intents, learnt by Rasa's own Python from a few messages."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from bot.settings import ROOT

pytestmark = pytest.mark.nlu_server

LEARNT = [
    *((text, "ask_cost") for text in ("giá bao nhiêu", "một năm mấy tiền", "phí bao nhiêu", "tốn tiền không", "giá")),
    *((text, "greet") for text in ("xin chào", "chào em", "alo", "hello shop", "chào buổi sáng")),
    *((text, "out_of_scope") for text in ("trời mưa quá", "giá vàng hôm nay", "đá banh", "thời tiết", "vé số chiều")),
    *((text, "cancel") for text in ("dừng lại", "thôi dừng", "hủy đi", "dừng nha", "dừng giùm")),
    *((text, "affirm") for text in ("đúng rồi", "đúng", "ừ đúng", "phải rồi", "đúng vậy")),
]
READ = [
    "giá bao nhiêu vậy", "gia bao nhieu z", "GIA\u0301 BAO NHIE\u0302U", "chào", "dừng", "đúng",
    "วันนี้อากาศ", "🐸🐸🐸", "qzqzqz",
]  # fmt: skip
NAME = {"entity": "domain_name", "value": "quanbaba.biz.vn"}
PARSED = [
    {"intent": {"name": "inform"}, "entities": [NAME]},
    {"intent": {"name": "inform"}, "entities": [NAME, {"entity": "age", "value": 20}]},
    {"intent": {"name": "ask_cost"}, "entities": [NAME]},
    {"intent": {"name": "inform"}, "entities": []},
]
PLAIN = 'version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - chào "em"\n    - em [20 tuổi](age) 👍\n'
WITH_SYNONYMS = PLAIN + "- synonym: chào\n  examples: |\n    - hi\n"


@pytest.fixture(scope="module")
def told(nlu_python, tmp_path_factory):
    folder = tmp_path_factory.mktemp("messages")
    files = [folder / "plain.yml", folder / "more.yml"]
    for file, text in zip(files, (PLAIN, WITH_SYNONYMS), strict=True):
        file.write_text(text, "utf-8")
    asked = {"learnt": LEARNT, "read": READ, "parsed": PARSED, "files": list(map(str, files))}
    answer = subprocess.run(
        [nlu_python, Path(__file__).with_name("learn_intents.py")],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "nlu"), "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    return json.loads(answer.stdout)


def likeliest(probabilities):
    return [max(each, key=each.get) for each in probabilities]


def test_messages_are_read_with_and_without_accents(told):
    assert likeliest(told["first"])[:4] == ["ask_cost", "ask_cost", "ask_cost", "greet"]


def test_an_accent_decides_between_stop_and_right(told):
    assert likeliest(told["first"])[4:6] == ["cancel", "affirm"]


def test_what_nothing_is_known_of_is_out_of_scope(told):
    assert likeliest(told["first"])[6:] == ["out_of_scope"] * 3


def test_probabilities_are_probabilities(told):
    for each in told["first"]:
        assert sum(each.values()) == pytest.approx(1)


def test_the_same_messages_give_the_same_model_and_keeping_it_changes_nothing(told):
    for first, again, kept in zip(told["first"], told["again"], told["kept"], strict=True):
        assert again == pytest.approx(first)
        assert kept == pytest.approx(first, abs=1e-6)


def test_the_bias_favours_out_of_scope_and_nothing_else(told):
    for plain, biased in zip(told["first"][:6], told["biased"][:6], strict=True):
        assert biased["out_of_scope"] > plain["out_of_scope"]
        assert biased["greet"] / biased["affirm"] == pytest.approx(plain["greet"] / plain["affirm"])


def test_a_name_alone_is_a_fact_that_is_to_be_looked_up(told):
    assert told["meanings"] == ["check_domain", "inform", "ask_cost", "inform"]


def test_messages_are_imported_alike_the_fast_way_and_rasa_s_own(told):
    assert told["imported"][0] == [['chào "em"', "greet"], ["em 20 tuổi 👍", "greet"]]
    assert told["imported"][1] == told["imported"][0]


def test_a_copy_of_a_message_is_equal_until_it_is_changed_and_changes_nothing_else(told):
    assert told["copied"] == [True, False, "greet"]


def test_weights_are_those_of_scikit_learn(told):
    assert max(told["weights_off"]) < 1e-6
