"""The misread messages of the development set, for whoever improves the pipeline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from report.entities import marked_names
from report.measuring import Measured
from report.messages import Mark


def write_misread(path: Path, measured: Measured) -> None:
    """Write a Markdown list of messages with a wrong intent or wrong entity values, with what was meant and read."""
    names = marked_names(measured.scored)
    lines = [f"# Misread by “{measured.name}”", ""]
    for one in measured.scored:
        meant, read = _values(one.example.marks, names), _values(one.reading.marks, names)
        if one.is_right and meant == read:
            continue
        lines.append(f"- {one.example.text}")
        if not one.is_right:
            sure = f"{one.reading.likeliest} {one.reading.confidence:.2f}"
            lines.append(f"  - intent: meant {one.example.intent}, read {sure}, decided {one.reading.intent}")
        if meant != read:
            lines.append(f"  - entities: meant {_listed(meant - read)}, read {_listed(read - meant)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", "utf-8")


def _values(marks: Iterable[Mark], names: frozenset[str]) -> Counter[str]:
    return Counter(f"{mark.entity}={mark.value}" for mark in marks if mark.entity in names)


def _listed(values: Counter[str]) -> str:
    return ", ".join(sorted(values.elements())) or "nothing"
