import json
import subprocess
import unicodedata
from datetime import date
from pathlib import Path

import pytest
import yaml

from bot.core.misreadings.export import training_data
from bot.core.misreadings.models import Why
from bot.core.misreadings.service import Misreading
from bot.settings import ROOT

NLU_PYTHON = ROOT / "nlu" / ".venv" / "bin" / "python"
READ_AS_RASA_DOES = """
import json, sys
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader
data = RasaYAMLReader().reads(sys.stdin.read())
print(json.dumps([[m.get("intent"), m.get("text"), m.get("entities") or []] for m in data.training_examples]))
"""


def labelled(*pairs):
    return [
        Misreading(number, words, "web", "nlu_fallback", 0.2, (), Why.FALLBACK, 1, date(2026, 11, 20), label)
        for number, (words, label) in enumerate(pairs)
    ]


AWKWARD = [
    "- gạch đầu dòng",
    "# không phải chú thích",
    "giá: bao nhiêu? 'thật' \"à\"",
    "{ngoặc} | và > dấu",
    "gọi … nhé 👍🏻",
    "!!! lạ & *quá*",
]


def test_each_intent_stands_once_with_its_words():
    text = training_data(labelled(("giá sao", "ask_cost"), ("chào", "greet"), ("mấy tiền", "ask_cost")))
    assert text == (
        'version: "3.1"\n\nnlu:\n'
        "  - intent: ask_cost\n    examples: |\n      - giá sao\n      - mấy tiền\n"
        "  - intent: greet\n    examples: |\n      - chào\n"
    )


def test_the_text_is_composed():
    assert unicodedata.is_normalized("NFC", training_data(labelled((unicodedata.normalize("NFD", "giá"), "ask_cost"))))


@pytest.mark.parametrize(
    "mark",
    ["[20](age)", '[20]{"entity": "age"}', '[20][{"entity": "age"}]', "a\\nb", "[x](y:z) [", "a\uffffb"],
)
def test_what_would_be_read_as_a_mark_is_none_any_more(mark):
    text = training_data(labelled((f"em {mark} tuổi", "inform")))
    assert not set("[]\\") & set(text)
    (part,) = yaml.safe_load(text)["nlu"]
    assert part["examples"].startswith("- em ")


def test_rasa_reads_it_back_as_it_was_typed(missing_tool):
    if not Path(NLU_PYTHON).exists():
        missing_tool("Rasa's environment nlu/.venv is not installed (make run installs it)")
    pairs = [*((words, "out_of_scope") for words in AWKWARD), ("[20](age) tuổi", "inform")]
    ended = subprocess.run(
        [NLU_PYTHON, "-W", "ignore", "-c", READ_AS_RASA_DOES],
        input=training_data(labelled(*pairs)),
        capture_output=True,
        text=True,
        check=True,
    )
    read = json.loads(ended.stdout.splitlines()[-1])
    assert [tuple(example) for example in read] == [
        ("inform", "20 (age) tuổi", []),
        *(("out_of_scope", words, []) for words in AWKWARD),
    ]
