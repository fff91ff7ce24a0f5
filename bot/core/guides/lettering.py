"""How wide the drawings' text is, so that it can be broken and framed before anything renders it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate

FAMILY = "DejaVu Sans"

# Advance widths of the bundled regular font in thousandths of its size, from the blank to the tilde.
_ADVANCES = (
    "318 401 460 838 636 950 780 275 390 390 500 838 318 361 318 337 636 636 636 636 636 636 636 636 636 636 337 337 "
    "838 838 838 531 1000 684 686 698 770 632 575 775 752 295 295 656 557 863 748 787 603 787 695 635 611 732 684 989 "
    "685 611 685 390 337 390 838 500 500 613 635 550 635 615 352 635 634 278 278 579 278 974 634 612 635 635 411 521 "
    "392 634 592 818 592 592 525 636 337 636 838"
)
_WIDTHS: Mapping[str, int] = {chr(32 + index): int(width) for index, width in enumerate(_ADVANCES.split())}
_WIDEST = 1000
_BOLD = 1.16


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Give the width of a line; never less than it will be for the letters of the labels."""
    plain = sum(_WIDTHS.get(letter, _WIDEST) for letter in text) * size / 1000
    return plain * _BOLD if bold else plain


def lines(text: str, size: float, room: float, *, bold: bool = False) -> list[str]:
    """Break a text at its blanks, and a word that is too long within, into lines that fit the room."""
    broken = [""]
    for word in text.split():
        longer = f"{broken[-1]} {word}".strip()
        if width(longer, size, bold=bold) <= room:
            broken[-1] = longer
            continue
        rest = word
        while width(rest, size, bold=bold) > room:
            fitting = sum(reached <= room for reached in accumulate(width(letter, size, bold=bold) for letter in rest))
            broken.append(rest[: max(fitting, 1)])
            rest = rest[max(fitting, 1) :]
        broken.append(rest)
    return [line for line in broken if line]
