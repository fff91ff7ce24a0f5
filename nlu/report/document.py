"""The report as a Markdown page with its two pictures."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from report.charts import draw_confusion, draw_reliability
from report.intents import CALIBRATION_BINS, LARGEST_REJECTION
from report.measuring import Measured
from report.tables import WORST_CONFUSIONS, confusion_table, entity_table, slice_table, summary_table


@dataclass(frozen=True)
class Circumstances:
    """Under which the figures came about; ``training`` and ``test`` name the data as a reader knows it.

    ``test_messages_trained`` others were left out, because they stand among the training messages too (`data.unseen`).
    """

    measured_at: datetime
    training: str
    training_messages: int
    intents: int
    test: str
    test_messages: int
    test_messages_trained: int


def write_document(folder: Path, pipelines: Sequence[Measured], circumstances: Circumstances) -> Path:
    """Write ``nlu-report.md`` and its pictures into a folder, in place of earlier ones; give the page's path.

    The first pipeline is the one whose confusions are shown.
    """
    confusion = Path("images/nlu-confusion.png")
    reliability = Path("images/nlu-reliability.png")
    draw_confusion(pipelines[0], folder / confusion)
    draw_reliability(pipelines, folder / reliability)
    entities = entity_table(pipelines)
    parts = [
        "# How well messages are understood",
        "Written by `make nlu-report`; do not edit by hand.",
        _setting(circumstances),
        *_notes(pipelines),
        summary_table(pipelines),
        "## How to read the figures",
        _explanations(),
        "## By kind of message",
        slice_table(pipelines),
        _explanation_of_slices(),
        *(("## By entity", entities, _explanation_of_entities()) if entities else ()),
        "## Confusions",
        f"The {WORST_CONFUSIONS} mistakes that “{pipelines[0].name}” makes most often:",
        confusion_table(pipelines[0]),
        f"![Confusion matrix]({confusion})",
        "## How far a confidence can be trusted",
        f"![Reliability curves]({reliability})",
    ]
    path = folder / "nlu-report.md"
    path.write_text("\n\n".join(parts) + "\n", "utf-8")
    return path


def _setting(circumstances: Circumstances) -> str:
    day = f"{circumstances.measured_at:%Y-%m-%d}"
    return (
        f"Measured on {day} with Rasa {version('rasa')} and Python {platform.python_version()} on "
        f"{os.cpu_count()} processors ({platform.machine()}), without a graphics card. "
        f"Training data: {circumstances.training}, {circumstances.training_messages:,} messages, "
        f"{circumstances.intents} intents. Test data: {circumstances.test}, {circumstances.test_messages:,} messages, "
        f"without {circumstances.test_messages_trained:,} that stand in the training data too (accents, case and signs "
        "aside)."
    )


def _notes(pipelines: Sequence[Measured]) -> list[str]:
    notes = [note for measured in pipelines for note in measured.notes]
    notes += [
        f"The model of “{measured.name}” was kept from an earlier run on the same messages and configuration; its "
        f"training time and memory are of that run."
        for measured in pipelines
        if measured.was_kept
    ]
    return ["\n".join(f"- {note}" for note in notes)] if notes else []


def _explanations() -> str:
    limit = f"{100 * LARGEST_REJECTION:.0f} %"
    return f"""\
- **Both pipelines** learn from the same messages and parse the same test messages, each in processes of its own, one
  after the other. “Rasa default” is what `rasa init` gets: DIET and its featurizers. NLU alone: no rules, no actions.
- **Accuracy** and **macro-F1** are of the likeliest intent, whatever a threshold does afterwards; `out_of_scope` is an
  intent like the others. Macro-F1 is the mean over the intents of the test data.
- **Out-of-scope recall, turning away ≤ {limit}**: one threshold on the probability of the likeliest intent in scope; of
  all thresholds that turn away no more of the messages in scope, the best. It is found on the test data, for both
  alike, and says what the probabilities are worth, not what is shipped.
- **As shipped** is what a citizen meets with the pipeline's own thresholds; asked back: answered with “not understood”,
  by the fallback or as `out_of_scope`.
- **Entity F1** counts every occurrence the same (micro average), and only entities that the test data marks at all.
  Exact span: name, start and end; normalised value: name and value, wherever it was read.
- **Expected calibration error**: how far confidence and accuracy lie apart, in {CALIBRATION_BINS} stretches of equal
  width; 0 is best.
- **Parsing** is one message at a time inside one process, after a warm-up, without the network. **Memory** is the peak
  of the whole process, Rasa and its libraries included."""


def _explanation_of_slices() -> str:
    return (
        "By file, and by how the messages in scope are typed: *no diacritics* have no accented letter at all; *full "
        "diacritics* have an accent on at least seven in ten words, not counting the commonest words that rightly have "
        "none, nor what holds digits, dots or @; *mixed* are the others. Macro-F1 is over the intents of each part."
    )


def _explanation_of_entities() -> str:
    return "P / R: precision and recall in percent, by value."
