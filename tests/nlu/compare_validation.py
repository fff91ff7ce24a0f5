"""Run by Rasa's Python: tells what Rasa's check of action results says, and what ours says, to each result."""

import json
import sys

from components import action_validation
from rasa.core.actions.action import RemoteAction


def verdicts(results):
    action = RemoteAction("action_example", None)
    told = []
    for result in results:
        try:
            told.append(action._validate_action_result(result))
        except Exception as error:  # noqa: BLE001 - which one is the question
            told.append(type(error).__name__)
    return told


results = json.load(sys.stdin)
of_rasa = verdicts(results)
action_validation.install()
json.dump({"of_rasa": of_rasa, "of_ours": verdicts(results)}, sys.stdout)
