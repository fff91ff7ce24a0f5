"""Figures as Markdown tables."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from report.entities import Key, by_span, by_span_and_value, by_value, marked_names, overall, tally_entities
from report.intents import accuracy, as_shipped, calibration_error, confusions, macro_f1, out_of_scope_recall
from report.measuring import Measured
from report.slices import ALL, slice_messages

WORST_CONFUSIONS = 20
_MEBIBYTE = 2**20


def summary_table(pipelines: Sequence[Measured]) -> str:
    """Give one row a figure and one column a pipeline: what the README shows."""
    shipped = [as_shipped(measured.scored) for measured in pipelines]
    rows: list[tuple[str, list[str]]] = [
        ("intent accuracy", [_percent(accuracy(measured.scored)) for measured in pipelines]),
        ("macro-F1 over intents", [_percent(macro_f1(measured.scored)) for measured in pipelines]),
        (
            "out-of-scope recall, turning away ≤ 3 % in scope",
            [_percent(out_of_scope_recall(measured.scored)) for measured in pipelines],
        ),
        ("as shipped, in scope: answered as meant", [_percent(figures.right) for figures in shipped]),
        ("as shipped, in scope: asked back", [_percent(figures.rejected) for figures in shipped]),
        ("as shipped, in scope: misread", [_percent(figures.misread) for figures in shipped]),
        ("as shipped: out-of-scope recall", [_percent(figures.out_of_scope_recall) for figures in shipped]),
        ("entity F1, exact span", [_entity_f1(measured, by_span) for measured in pipelines]),
        ("entity F1, normalised value", [_entity_f1(measured, by_value) for measured in pipelines]),
        ("entity F1, span and value", [_entity_f1(measured, by_span_and_value) for measured in pipelines]),
        ("expected calibration error", [_number(calibration_error(measured.scored), 3) for measured in pipelines]),
        ("parsing a message, p50 / p99", [_times(measured) for measured in pipelines]),
        ("messages a second, one after the other", [_number(_throughput(measured), 0) for measured in pipelines]),
        ("training", [_duration(measured.training_seconds) for measured in pipelines]),
        ("model archive", [_mebibytes(measured.model_bytes) for measured in pipelines]),
        ("memory, training / parsing (peak)", [_memory(measured) for measured in pipelines]),
    ]
    return _table(["", *(measured.name for measured in pipelines)], ((name, *cells) for name, cells in rows))


def slice_table(pipelines: Sequence[Measured]) -> str:
    """Give accuracy and macro-F1 by part of the test set; a part that is the whole of it is left out."""
    parts = [slice_messages(measured.scored) for measured in pipelines]
    heads = [f"{measured.name}: {figure}" for measured in pipelines for figure in ("accuracy", "macro-F1")]
    rows = [
        (
            name,
            str(len(parts[0][name])),
            *(_percent(figure(part[name])) for part in parts for figure in (accuracy, macro_f1)),
        )
        for name in parts[0]
        if name == ALL or len(parts[0][name]) < len(parts[0][ALL])
    ]
    return _table(["messages", "number", *heads], rows)


def entity_table(pipelines: Sequence[Measured]) -> str:
    """Give F1 by span and by value for each entity, the commonest first; empty where nothing is marked."""
    names = marked_names(pipelines[0].scored)
    tallies = [[tally_entities(measured.scored, names, key) for key in (by_span, by_value)] for measured in pipelines]
    if not names:
        return ""
    order = sorted(names, key=lambda name: (-tallies[0][0][name].meant, name))
    heads = [
        f"{measured.name}: {figure}" for measured in pipelines for figure in ("span F1", "value F1", "value P / R")
    ]
    rows = []
    for name in order:
        cells = []
        for by_key in tallies:
            span, value = (tally[name] for tally in by_key)
            cells += [_percent(span.f1), _percent(value.f1), _pair(value.precision, value.recall)]
        rows.append((f"`{name}`", str(tallies[0][0][name].meant), *cells))
    totals = [[overall(tally) for tally in by_key] for by_key in tallies]
    total_cells = [
        cell
        for span, value in totals
        for cell in (_percent(span.f1), _percent(value.f1), _pair(value.precision, value.recall))
    ]
    rows.append(("**all (micro)**", str(totals[0][0].meant), *total_cells))
    return _table(["entity", "marked", *heads], rows)


def confusion_table(measured: Measured) -> str:
    """Give the pairs of intents that a pipeline confuses most often; only counts, no message."""
    wrong = [(pair, count) for pair, count in confusions(measured.scored).items() if pair[0] != pair[1]]
    worst = sorted(wrong, key=lambda item: (-item[1], item[0]))[:WORST_CONFUSIONS]
    rows = ((f"`{meant}`", f"`{read}`", str(count)) for (meant, read), count in worst)
    return _table(["meant", "read as", "messages"], rows)


def percentile(values: Sequence[float], share: float) -> float:
    """Give the smallest value that at least this share of the values does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]


def _entity_f1(measured: Measured, key: Key) -> str:
    names = marked_names(measured.scored)
    return _percent(overall(tally_entities(measured.scored, names, key)).f1)


def _times(measured: Measured) -> str:
    seconds = [one.reading.seconds for one in measured.scored]
    return f"{1000 * percentile(seconds, 0.5):.1f} ms / {1000 * percentile(seconds, 0.99):.1f} ms"


def _throughput(measured: Measured) -> float:
    return len(measured.scored) / sum(one.reading.seconds for one in measured.scored)


def _memory(measured: Measured) -> str:
    return f"{_mebibytes(measured.training_bytes)} / {_mebibytes(measured.parsing_bytes)}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _mebibytes(size: int) -> str:
    return f"{size / _MEBIBYTE:,.0f} MiB" if size >= 10 * _MEBIBYTE else f"{size / _MEBIBYTE:.1f} MiB"


def _percent(share: float) -> str:
    return "–" if math.isnan(share) else f"{100 * share:.1f} %"


def _pair(first: float, second: float) -> str:
    return " / ".join("–" if math.isnan(share) else f"{100 * share:.0f}" for share in (first, second))


def _number(number: float, digits: int) -> str:
    return "–" if math.isnan(number) else f"{number:,.{digits}f}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] + ["---:"] * (len(heads) - 1), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
