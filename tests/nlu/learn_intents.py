"""Run by Rasa's Python: learns a small model of intents, keeps it, reads it back and tells what it says as JSON."""

import copy
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
from components.weighing import Vocabulary, as_matrix, ngrams_of_characters, ngrams_of_words
from sklearn.feature_extraction.text import TfidfVectorizer

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


def farthest_from_scikit_learn(ngrams, **options):
    learnt = [text for text, _ in asked["learnt"]]
    vocabulary = Vocabulary.learn(map(ngrams, learnt))
    vectorizer = TfidfVectorizer(lowercase=False, sublinear_tf=True, **options).fit(learnt)
    weighed = as_matrix([vocabulary.weigh(ngrams(text)) for text in asked["read"]], len(vocabulary))
    same = [vectorizer.vocabulary_[ngram] for ngram in vocabulary.numbers]
    return float(abs(weighed - vectorizer.transform(asked["read"])[:, same]).max())


def what_becomes_of_a_copied_message(path):
    data = MessagesImporter(training_data_paths=[str(path)]).get_nlu_data()
    first, copied = data.training_examples[0], copy.deepcopy(data).training_examples[0]
    was_equal = first == copied
    copied.set("intent", "goodbye")
    return [was_equal, first == copied, first.get("intent")]


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
        "weights_off": [
            farthest_from_scikit_learn(ngrams_of_characters, analyzer="char_wb", ngram_range=(2, 5)),
            farthest_from_scikit_learn(ngrams_of_words, token_pattern=r"\S+", ngram_range=(1, 2)),
        ],
        "copied": what_becomes_of_a_copied_message(asked["files"][0]),
        "imported": [messages(path) for path in asked["files"]],
    }
json.dump(result, sys.stdout)
