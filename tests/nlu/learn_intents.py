"""Run by Rasa's Python: learns a small model of intents, keeps it, reads it back and tells what it says as JSON."""

import json
import sys
import tempfile
from pathlib import Path

import numpy as np
from components.grammar import find_entities
from components.importing import MessagesImporter
from components.ngrams import IntentModel, read
from components.settling import meaning
from components.tokenizer import cut

asked = json.load(sys.stdin)


def readings(texts):
    return [read(cut(text), [entity.name for entity in find_entities(text)]) for text in texts]


def learn():
    texts, intents = zip(*asked["learnt"], strict=True)
    return IntentModel.learn(readings(texts), np.array(intents), np.arange(len(texts)), bias=0.0)


def told(model, bias=0.0):
    rows = model.probabilities(readings(asked["read"]), bias=bias)
    return [{str(name): float(value) for name, value in zip(model.intents, row, strict=True)} for row in rows]


def messages(path):
    data = MessagesImporter(training_data_paths=[str(path)]).get_nlu_data()
    return [[message.get("text"), message.get("intent")] for message in data.intent_examples]


with tempfile.TemporaryDirectory() as folder:
    file = Path(folder) / "intents.npz"
    model = learn()
    model.save(file)
    result = {
        "first": told(model),
        "again": told(learn()),
        "kept": told(IntentModel.load(file)),
        "biased": told(model, bias=0.5),
        "meanings": [meaning(parsed)["intent"]["name"] for parsed in asked["parsed"]],
        "imported": [messages(path) for path in asked["files"]],
    }
json.dump(result, sys.stdout)
