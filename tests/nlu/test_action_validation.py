import json
import os
import subprocess
from pathlib import Path

import pytest

from bot.settings import ROOT

pytestmark = pytest.mark.nlu_server

SLOT_SET = {"event": "slot", "name": "age", "value": 20, "timestamp": None}
GOOD = [
    {},
    {"events": [], "responses": []},
    {"events": [SLOT_SET], "responses": [{"custom": {"topic": "greet"}}]},
    {"events": [{"event": "followup", "name": "eligibility_form", "timestamp": None}]},
    {"events": [{"event": "restart", "timestamp": None}, {"event": "active_loop", "name": None}]},
    {"events": [{"event": "user", "text": "x", "parse_data": {"intent": {"name": "greet"}, "entities": []}}]},
    {"responses": [{"text": "x"}], "more": 1},
]
BAD = [
    [],
    "text",
    None,
    {"events": {}},
    {"events": ["slot"]},
    {"events": [{"event": "no_such_event"}]},
    {"events": [{"event": "slot", "value": 20}]},
    {"events": [{"event": "slot", "name": 5, "value": 20}]},
    {"events": [{"event": "user", "parse_data": {"intent": 5}}]},
    {"responses": {}},
    {"responses": ["text"]},
]


def test_the_compiled_check_judges_as_rasa_does(nlu_python):
    told = subprocess.run(
        [nlu_python, Path(__file__).with_name("compare_validation.py")],
        input=json.dumps(GOOD + BAD),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "nlu"), "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    verdicts = json.loads(told.stdout)
    assert verdicts["of_ours"] == verdicts["of_rasa"]
    assert verdicts["of_rasa"] == [True] * len(GOOD) + ["ValidationError"] * len(BAD)
