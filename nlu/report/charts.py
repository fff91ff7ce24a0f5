"""The pictures of the report: which intents are taken for which, and how far a stated confidence can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

from report.intents import calibration, calibration_error, confusions
from report.measuring import Measured
from report.messages import OUT_OF_SCOPE

_INCHES_AN_INTENT = 0.19
_SMALLEST_INCHES = 5.0
_COLOURS = ("#0b6e4f", "#c1440e")


def draw_confusion(measured: Measured, path: Path) -> None:
    """Draw how often each intent (rows) was read as which (columns), as shares of the row."""
    counts = confusions(measured.scored)
    names = sorted({name for pair in counts for name in pair}, key=lambda name: (name in OUT_OF_SCOPE, name))
    place = {name: at for at, name in enumerate(names)}
    matrix = np.zeros((len(names), len(names)))
    for (meant, read), count in counts.items():
        matrix[place[meant], place[read]] = count
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    side = max(_SMALLEST_INCHES, _INCHES_AN_INTENT * len(names))
    figure, axes = plt.subplots(figsize=(side + 2.5, side + 2), layout="constrained")
    image = axes.imshow(shares, cmap="Greens", vmin=0, vmax=1)
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7)
    axes.set_yticks(range(len(names)), names, fontsize=7)
    axes.set_xticks(np.arange(len(names)) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(names)) - 0.5, minor=True)
    axes.grid(which="minor", color="#e6e6e6", linewidth=0.4)
    axes.tick_params(which="minor", length=0)
    axes.set_xlabel("read as")
    axes.set_ylabel("meant")
    axes.set_title(f"Intents, pipeline “{measured.name}” ({len(measured.scored)} messages)")
    figure.colorbar(image, ax=axes, shrink=0.5, label="share of the messages meant")
    _save(figure, path)


def draw_reliability(pipelines: Sequence[Measured], path: Path) -> None:
    """Draw for each pipeline how often it is right beside how sure it says it is, and how often it says so."""
    figure, (above, below) = plt.subplots(2, 1, figsize=(6, 7), sharex=True, height_ratios=(3, 1), layout="constrained")
    above.plot([0, 1], [0, 1], color="#999999", linestyle="--", linewidth=1, label="as sure as right")
    for measured, colour in zip(pipelines, _COLOURS, strict=False):
        bins = calibration(measured.scored)
        error = calibration_error(measured.scored)
        sure = [part.confidence for part in bins]
        label = f"{measured.name} (expected calibration error {error:.3f})"
        above.plot(sure, [part.accuracy for part in bins], marker="o", color=colour, label=label)
        shares = [part.count / len(measured.scored) for part in bins]
        below.plot(sure, shares, marker="o", markersize=4, linewidth=1, color=colour)
    above.set_ylabel("share that is right")
    above.set_ylim(0, 1.02)
    above.legend(fontsize=9)
    below.set_ylabel("share of messages")
    below.set_xlabel("confidence in the likeliest intent")
    below.set_xlim(0, 1.02)
    _save(figure, path)


def _save(figure: plt.Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    plt.close(figure)
