"""Line drawings of what a step shows, from the step's data: SVG, and PNG for chats.

A drawing holds labels of the screen only, so it is the same in every language; its description in words is the template
``guide_picture``. What is to be pressed or filled in is ringed in red and numbered in order; where one of several
is to be pressed, the rings carry no number. Nothing in it is copied from a screen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from resvg_py import svg_to_bytes

from bot.core.guides.lettering import FAMILY, lines, width
from bot.core.guides.records import GuidedPlatform, Screen

WIDTH = 640
"""Of a drawing, in pixels: at half of it, on a small phone, the smallest letters are 12 pixels high."""

_FONTS = [str(Path(__file__).parent / "fonts" / name) for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")]
_LETTER = 26
_SMALL = 24
_LEADING = 1.3
_EDGE = 24
_PADDING = 30
_LEFT = _EDGE + _PADDING
_ROOM = WIDTH - 2 * _LEFT
_GAP = 20
_ARROW = 46
_APART = 28
_ROW = 52
_INK, _GREY, _PALE, _PAPER, _RED, _BLUE = "#202124", "#5f6368", "#dadce0", "#ffffff", "#c62828", "#e8f0fe"


@dataclass(frozen=True, slots=True)
class _Box:
    x: float
    y: float
    width: float
    height: float


def draw(screen: Screen, platform: GuidedPlatform) -> str:
    """Draw what a step shows, as SVG; a screen of kind ``none`` gives an empty window."""
    return _Drawing(screen, platform).svg()


def png(svg: str) -> bytes:
    """Render a drawing, with the fonts beside this module only: the same bytes on every machine."""
    return bytes(svg_to_bytes(svg_string=svg, font_files=_FONTS, skip_system_fonts=True, font_family=FAMILY))


class _Drawing:
    """One drawing, made from top to bottom; `y` is where the next thing goes."""

    def __init__(self, screen: Screen, platform: GuidedPlatform) -> None:
        self._screen = screen
        self._platform = platform
        self._marks = _marks(screen)
        self._marked: set[str] = set()
        self._parts: list[str] = []
        self._rings: list[str] = []
        self._y: float = _EDGE

    def svg(self) -> str:
        screen = self._screen
        if screen.kind == "tray":
            self._y += _PADDING
        else:
            self._title_bar()
        self._chips(screen.menu)
        self._tabs()
        if screen.pane is not None:
            self._paragraph(screen.pane, bold=True)
        if screen.kind == "installer" or (screen.kind == "page" and not screen.menu):
            self._lines_of_text()
        if screen.message is not None:
            self._message(screen.message)
        self._table()
        self._each(screen.shown, self._shown)
        self._each(screen.files, self._file)
        self._each(screen.commands, self._command)
        self._each(screen.options, self._option)
        self._each(screen.fields, self._field)
        self._each(screen.boxes, self._tick_box)
        if screen.kind == "tray":
            self._tray()
        elif not screen.commands and screen.kind == "terminal":
            self._command("")
        self._buttons([*screen.others, *(label for label in screen.press if label not in self._marked)])
        bottom = self._y + _PADDING - _GAP
        window = _rectangle(_Box(_EDGE, _EDGE, WIDTH - 2 * _EDGE, bottom - _EDGE), radius=10)
        height = (bottom if screen.then_message is None else self._following(bottom)) + _EDGE
        inside = "\n".join([window, *self._parts, *self._rings])
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height:.0f}" '
            f'viewBox="0 0 {WIDTH} {height:.0f}" font-family="{FAMILY}, sans-serif">\n'
            f'<rect width="100%" height="100%" fill="#f1f3f4"/>\n{inside}\n</svg>\n'
        )

    # What a window is made of, in the order in which it is drawn.

    def _title_bar(self) -> None:
        mac = self._platform == "mac"
        title = self._screen.window or ""
        left = _EDGE + (112 if mac else 20)
        told = lines(title, _LETTER, WIDTH - _EDGE - left - (20 if mac else 120), bold=True)
        height = max(_ROW + 4, len(told) * _LETTER * _LEADING + 22)
        middle = self._y + height / 2
        if mac:
            self._parts += [
                f'<circle cx="{_EDGE + 28 + 28 * n}" cy="{middle}" r="9" {_stroke(_GREY)}/>' for n in range(3)
            ]
        else:
            x = WIDTH - _EDGE - 100
            shapes = (
                f"M{x} {middle}h18 M{x + 34} {middle - 9}h18v18h-18z",
                f"M{x + 68} {middle - 9}l18 18 M{x + 86} {middle - 9}l-18 18",
            )
            self._parts.append(f'<path d="{" ".join(shapes)}" {_stroke(_GREY)}/>')
        self._texts(told, left, self._y + (height - len(told) * _LETTER * _LEADING) / 2, bold=True)
        self._y += height
        self._parts.append(f'<path d="M{_EDGE} {self._y}H{WIDTH - _EDGE}" {_stroke(_GREY)}/>')
        self._y += _PADDING

    def _chips(self, labels: Sequence[str]) -> None:
        """Draw the way through menus: a chip for each, an arrow between two."""
        if not labels:
            return
        x: float = _LEFT
        for index, label in enumerate(labels):
            wide = width(label, _SMALL) + 28
            if index and x + _ARROW + wide > _LEFT + _ROOM:
                x, self._y = _LEFT, self._y + 46 + 26
            if index:
                self._parts.append(f'<path d="M{x + 14} {self._y + 13}l10 10l-10 10" {_stroke(_INK)}/>')
                x += _ARROW
            box = _Box(x, self._y, wide, 46)
            self._parts.append(_rectangle(box, radius=6, fill="#f8f9fa"))
            self._texts([label], x + 14, self._y + 7, size=_SMALL)
            self._ring(label, box)
            x += wide
        self._y += 46 + _GAP + 6

    def _tabs(self) -> None:
        x: float = _LEFT
        for label in self._screen.tabs:
            box = _Box(x, self._y, width(label, _SMALL) + 26, 46)
            self._parts.append(_rectangle(box, radius=4, fill="#f8f9fa"))
            self._texts([label], x + 13, self._y + 7, size=_SMALL)
            self._ring(label, box)
            x += box.width + 14
        if self._screen.tabs:
            self._y += 46 + _GAP + 6

    def _lines_of_text(self) -> None:
        """Draw bars for text that does not matter here."""
        for share in (1.0, 0.9, 0.6):
            bar = _Box(_LEFT, self._y, _ROOM * share, 12)
            self._parts.append(_rectangle(bar, radius=4, fill=_PALE, stroke=_PALE))
            self._y += 26
        self._y += _GAP

    def _message(self, text: str) -> None:
        told = lines(text, _LETTER, _ROOM - 60)
        middle = self._y + 22
        self._parts.append(f'<circle cx="{_LEFT + 22}" cy="{middle}" r="20" {_stroke("#1a56b0")}/>')
        self._parts.append(_text("i", _LEFT + 18, middle + 10, size=_LETTER, bold=True, fill="#1a56b0"))
        self._texts(told, _LEFT + 60, self._y + 6)
        self._y += max(len(told) * _LETTER * _LEADING + 6, 44) + _GAP

    def _table(self) -> None:
        """Draw a list: its columns' names one to a line where they are too long for one, then its rows."""
        columns = self._screen.columns
        if not columns:
            return
        # Each column gets its share by its longest word, so that no word is broken.
        needs = [max(width(word, _SMALL, bold=True) for word in name.split()) + 20 for name in columns]
        shares = [need * _ROOM / sum(needs) for need in needs]
        lefts = [_LEFT + sum(shares[:index]) + 10 for index in range(len(columns))]
        told = [lines(name, _SMALL, share - 16, bold=True) for name, share in zip(columns, shares, strict=True)]
        head = max(map(len, told)) * _SMALL * _LEADING + 16
        box = _Box(_LEFT, self._y, _ROOM, head + 2 * _ROW)
        self._parts.append(_rectangle(box, radius=2))
        self._parts.append(f'<path d="M{_LEFT} {self._y + head}h{_ROOM}" {_stroke(_GREY)}/>')
        for left, texts in zip(lefts, told, strict=True):
            self._texts(texts, left, self._y + 8, size=_SMALL, bold=True)
        named = next((label for label in self._screen.press if label.startswith("<")), "")
        for row, text in enumerate([named, ""]):
            y = self._y + head + row * _ROW
            for left, share in zip(lefts, shares, strict=True):
                if left > lefts[0] + width(text, _SMALL) or not text:
                    bar = _Box(left, y + 18, min(share - 30, 150), 16)
                    self._parts.append(_rectangle(bar, radius=4, fill=_PALE, stroke=_PALE))
            if text:
                self._texts([text], lefts[0], y + 9, size=_SMALL)
                self._ring(text, _Box(_LEFT + 4, y + 6, width(text, _SMALL) + 14, _ROW - 12))
        self._y += box.height + _GAP

    def _shown(self, text: str) -> None:
        self._paragraph(text, size=_SMALL)

    def _file(self, name: str) -> None:
        pressed = name in self._marks
        told = lines(name, _LETTER, _ROOM - 64)
        height = max(_ROW, len(told) * _LETTER * _LEADING + 14)
        x, y = _LEFT + 12, self._y + height / 2 - 18
        self._parts.append(f'<path d="M{x} {y}h18l10 10v26h-28z M{x + 18} {y}v10h10" {_stroke(_INK)}/>')
        self._texts(told, _LEFT + 54, self._y + 8)
        if pressed:
            self._ring(name, _Box(_LEFT, self._y, max(width(line, _LETTER) for line in told) + 70, height))
            self._y += 14
        self._y += height + 10

    def _command(self, text: str) -> None:
        told = lines(f"$ {text}".strip(), _LETTER, _ROOM - 40)
        box = _Box(_LEFT, self._y, _ROOM, len(told) * _LETTER * _LEADING + 26)
        self._parts.append(_rectangle(box, radius=4, fill=_INK))
        self._texts(told, _LEFT + 16, self._y + 12, fill=_PAPER)
        if text:
            self._ring(text, box)
            self._y += 10
        else:
            self._parts.append(f'<rect x="{_LEFT + 42}" y="{self._y + 14}" width="14" height="30" fill="{_PAPER}"/>')
        self._y += box.height + _GAP

    def _option(self, label: str) -> None:
        chosen = label == self._screen.option
        told = lines(label, _LETTER, _ROOM - 56)
        middle = self._y + _LETTER * _LEADING / 2 + 2
        self._parts.append(f'<circle cx="{_LEFT + 22}" cy="{middle}" r="13" {_stroke(_INK)}/>')
        if chosen:
            self._parts.append(f'<circle cx="{_LEFT + 22}" cy="{middle}" r="7" fill="{_INK}"/>')
        self._texts(told, _LEFT + 50, self._y)
        height = len(told) * _LETTER * _LEADING
        if label in self._marks:
            wide = max(width(line, _LETTER) for line in told) + 62
            self._ring(label, _Box(_LEFT, self._y - 4, min(wide, _ROOM), height + 12))
            self._y += 16
        self._y += height + _GAP

    def _field(self, label: str) -> None:
        self._paragraph(label, gap=26 if label in self._screen.fill else 12)  # room for the number
        box = _Box(_LEFT, self._y, _ROOM, _ROW)
        self._parts.append(_rectangle(box, radius=4))
        self._parts.append(f'<path d="M{_LEFT + 16} {self._y + 13}v26" {_stroke(_GREY)}/>')
        if label in self._screen.fill:
            self._ring(label, box)
        self._y += _ROW + _GAP

    def _tick_box(self, label: str) -> None:
        self._parts.append(_rectangle(_Box(_LEFT + 8, self._y + 3, 26, 26), radius=3))
        self._texts(lines(label, _LETTER, _ROOM - 56), _LEFT + 50, self._y)
        self._y += _LETTER * _LEADING + _GAP

    def _tray(self) -> None:
        box = _Box(_LEFT, self._y, _ROOM, 76)
        self._parts.append(_rectangle(box, radius=6, fill="#f8f9fa"))
        for index in range(3):
            icon = _Box(_LEFT + 24 + index * 70, self._y + 20, 36, 36)
            self._parts.append(_rectangle(icon, radius=8, fill=_PALE, stroke=_GREY))
        for label in self._screen.press:
            wide = width(label, _LETTER) + 32
            chip = _Box(_LEFT + _ROOM - wide - 30, self._y + 14, wide, 48)
            self._parts.append(_rectangle(chip, radius=8))
            self._texts([label], chip.x + 16, chip.y + 7)
            self._ring(label, chip)
        self._y += 76 + _GAP

    def _buttons(self, labels: Sequence[str]) -> None:
        """Draw buttons in rows that end at the right, as dialogs do."""
        if not labels:
            return
        self._y += 8
        rows: list[list[str]] = [[]]
        for label in labels:
            if rows[-1] and sum(self._button_width(other) + _APART for other in (*rows[-1], label)) > _ROOM + _APART:
                rows.append([])
            rows[-1].append(label)
        for row in rows:
            x = _LEFT + _ROOM - sum(self._button_width(label) + _APART for label in row) + _APART
            for label in row:
                self._button(label, x)
                x += self._button_width(label) + _APART
            self._y += _ROW + _APART
        self._y += _GAP - _APART

    def _button(self, label: str, x: float) -> None:
        told = self._caption(label)
        box = _Box(x, self._y, self._button_width(label), _ROW + (len(told) - 1) * _LETTER * _LEADING)
        pressed = self._is_pressed(label)
        self._parts.append(_rectangle(box, radius=6, fill=_BLUE if pressed else "#f8f9fa"))
        self._texts(told, x + (box.width - width(told[0], _LETTER, bold=pressed)) / 2, self._y + 9, bold=pressed)
        self._ring(label, box)
        self._y += box.height - _ROW

    def _is_pressed(self, label: str) -> bool:
        return label in self._screen.press or label == self._screen.then_press

    def _caption(self, label: str) -> list[str]:
        """Give a button's lines; what the manual translated is followed by what it probably is on the screen."""
        meant = self._screen.press_meant if label in self._screen.press else None
        text = label if meant is None else f"{label} ({meant})"
        return lines(text, _LETTER, _ROOM - 40, bold=self._is_pressed(label))

    def _button_width(self, label: str) -> float:
        widest = max(width(line, _LETTER, bold=self._is_pressed(label)) for line in self._caption(label))
        return max(widest + 40, 110)

    def _following(self, bottom: float) -> float:
        """Draw the message that comes after pressing, as a window of its own; return where it ends."""
        self._y = bottom + 46
        x = WIDTH / 2
        self._parts.append(f'<path d="M{x} {bottom + 8}v24m-10 -10l10 10l10 -10" {_stroke(_RED, 4)}/>')
        top, place = self._y, len(self._parts)
        self._y += 22
        self._message(self._screen.then_message or "")
        self._buttons([label for label in [self._screen.then_press] if label is not None])
        end = self._y + _PADDING - _GAP
        self._parts.insert(place, _rectangle(_Box(_EDGE, top, WIDTH - 2 * _EDGE, end - top), radius=10))
        return end

    # Strokes and letters.

    def _each(self, labels: Sequence[str], part: Callable[[str], None]) -> None:
        for label in labels:
            part(label)
        if labels:
            self._y += 6

    def _paragraph(self, text: str, *, size: int = _LETTER, bold: bool = False, gap: float = _GAP) -> None:
        told = lines(text, size, _ROOM, bold=bold)
        self._texts(told, _LEFT, self._y, size=size, bold=bold)
        self._y += len(told) * size * _LEADING + gap

    def _texts(
        self, told: Sequence[str], x: float, y: float, *, size: int = _LETTER, bold: bool = False, fill: str = _INK
    ) -> None:
        """Write lines, the first one below `y`."""
        for index, line in enumerate(told):
            self._parts.append(_text(line, x, y + size * (0.98 + index * _LEADING), size=size, bold=bold, fill=fill))

    def _ring(self, label: str, box: _Box) -> None:
        """Ring what the step is about, with its number; leave everything else alone."""
        number = self._marks.get(label)
        if number is None or label in self._marked:
            return
        self._marked.add(label)
        around = _Box(box.x - 7, box.y - 7, box.width + 14, box.height + 14)
        self._rings.append(_rectangle(around, radius=12, fill="none", stroke=_RED, thick=5))
        if number:
            x, y = around.x + 2, around.y + 2
            self._rings.append(f'<circle cx="{x}" cy="{y}" r="19" fill="{_RED}"/>')
            self._rings.append(_text(number, x - 8.5, y + 9, size=_LETTER, bold=True, fill=_PAPER))


def _marks(screen: Screen) -> Mapping[str, str]:
    """Give what is ringed and its number; an empty one where any of several will do."""
    if screen.either:
        return dict.fromkeys(screen.press, "")
    order = [*screen.menu, *screen.commands, *filter(None, [screen.option]), *screen.fill, *screen.press]
    order += filter(None, [screen.then_press])
    return {label: str(index) for index, label in enumerate(dict.fromkeys(order), start=1)}


def _stroke(colour: str, thick: float = 2.5) -> str:
    return f'fill="none" stroke="{colour}" stroke-width="{thick}"'


def _rectangle(box: _Box, *, radius: float, fill: str = _PAPER, stroke: str = _GREY, thick: float = 2.5) -> str:
    return (
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="{radius}" '
        f'fill="{fill}" stroke="{stroke}" stroke-width="{thick}"/>'
    )


def _text(text: str, x: float, y: float, *, size: int, bold: bool, fill: str) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}"{weight} fill="{fill}">{escape(text)}</text>'
