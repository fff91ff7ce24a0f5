"""Run by Rasa's Python: measures our pipeline alone on other people's data and tells what came of it as JSON."""

import json
import sys
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path

from report.data import read_examples, read_training, unseen
from report.document import Circumstances, write_document
from report.errors import write_misread
from report.measuring import Laboratory
from report.pipelines import default_pipeline, our_pipeline
from report.progress import Progress
from report.tables import summary_table

train, test, folder = map(Path, sys.argv[1:])
training, examples = read_training(train), read_examples(test)
pipeline = our_pipeline(training, own_data=False)
default = default_pipeline(training, own_data=True, epochs=7)
measured = Laboratory(folder / "kept", folder / "log", Progress(sys.stderr), fresh=True).measure(pipeline, examples)
day = datetime(2026, 11, 21, tzinfo=timezone.utc)  # noqa: UP017 - Rasa's Python may be older
write_document(folder, [measured], Circumstances(day, "train", 1, 2, "test", len(examples), 0))
write_misread(folder / "misread.md", measured)
result = {
    "examples": [asdict(example) for example in examples],
    "scored": [
        {"intent": one.reading.likeliest, "marks": list(map(asdict, one.reading.marks))} for one in measured.scored
    ],
    "components": [component["name"] for component in pipeline.config["pipeline"]],
    "notes": measured.notes,
    "sizes": [measured.training_bytes, measured.parsing_bytes, measured.model_bytes],
    "unseen": [len(unseen(training, examples)), len(unseen(training, read_examples(train)))],
    "summary": summary_table([measured]),
    "default": default.config["pipeline"],
    "default_marks": sum(len(message.get("entities", [])) for message in default.training.intent_examples),
    "original_marks": sum(len(message.get("entities", [])) for message in training.intent_examples),
}
json.dump(result, sys.stdout)
