"""Text as the Bot API reads it: HTML to plain text and entities, or a refusal that names the place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NoReturn

KINDS = {
    "a": "text_link",
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
NAMED_CHARACTERS = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
CHARACTER = re.compile(r"&(?:#x(?P<hex>[0-9A-Fa-f]{1,6})|#(?P<number>[0-9]{1,7})|(?P<name>lt|gt|amp|quot));?")
END_OF_NAME = re.compile(r"[\s>]")
ATTRIBUTE = re.compile(
    r"""(?P<name>[^\s=>]*)\s*(?P<equals>=)?\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<token>[A-Za-z0-9.-]+))?"""
)


class EntitiesError(Exception):
    """The markup cannot be parsed."""


@dataclass(frozen=True)
class FormattedText:
    """Text without markup, and its entities as in a message; offsets count UTF-16 units."""

    text: str
    entities: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class _Open:
    """A tag that waits for its end."""

    tag: str
    offset: int
    entity: dict[str, Any]


def utf16_length(text: str) -> int:
    """Count the UTF-16 units of a text: two for an emoji, one for a Vietnamese letter."""
    return len(text.encode("utf-16-le")) // 2


def trimmed(formatted: FormattedText) -> FormattedText:
    """Return the text without blanks around it, and the entities moved accordingly."""
    text = formatted.text.strip()
    lost = utf16_length(formatted.text) - utf16_length(formatted.text.lstrip())
    entities = []
    for entity in formatted.entities:
        start = max(entity["offset"] - lost, 0)
        end = min(entity["offset"] + entity["length"] - lost, utf16_length(text))
        if start < end:
            entities.append(entity | {"offset": start, "length": end - start})
    return FormattedText(text, tuple(entities))


def parse_html(source: str) -> FormattedText:
    """Read the HTML of the Bot API.

    Raises:
        EntitiesError: a tag is unknown, badly nested or not closed; what the real server would refuse.
    """
    return _Reader(source).read()


class _Reader:
    """One pass over a text."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._plain: list[str] = []
        self._offset = 0
        self._open: list[_Open] = []
        self._entities: list[dict[str, Any]] = []

    def read(self) -> FormattedText:
        position = 0
        while position < len(self._source):
            if self._source.startswith("</", position):
                position = self._end_tag(position)
            elif self._source[position] == "<":
                position = self._start_tag(position)
            elif reference := CHARACTER.match(self._source, position):
                self._add(_character(reference))
                position = reference.end()
            else:
                self._add(self._source[position])
                position += 1
        if self._open:
            raise EntitiesError(f'Can\'t find end tag corresponding to start tag "{self._open[-1].tag}"')
        entities = sorted(self._entities, key=lambda entity: (entity["offset"], -entity["length"]))
        return FormattedText("".join(self._plain), tuple(entities))

    def _add(self, text: str) -> None:
        self._plain.append(text)
        self._offset += utf16_length(text)

    def _refuse(self, reason: str, position: int, more: str = "") -> NoReturn:
        raise EntitiesError(f"{reason} at byte offset {len(self._source[:position].encode())}{more}")

    def _start_tag(self, start: int) -> int:
        name_end = END_OF_NAME.search(self._source, start)
        if name_end is None:
            self._refuse("Unclosed start tag", start)
        tag = self._source[start + 1 : name_end.start()].lower()
        if tag not in KINDS:
            self._refuse(f'Unsupported start tag "{tag}"', start)
        attributes, end = self._attributes(tag, start, name_end.start())
        entity: dict[str, Any] = {"type": KINDS[tag]}
        if tag == "a":
            entity["url"] = attributes.get("href", "")
        elif tag == "span" and attributes.get("class") != "tg-spoiler":
            self._refuse('Tag "span" must have class "tg-spoiler"', start)
        elif tag == "blockquote" and "expandable" in attributes:
            entity["type"] = "expandable_blockquote"
        self._open.append(_Open(tag, self._offset, entity))
        return end

    def _attributes(self, tag: str, start: int, position: int) -> tuple[dict[str, str], int]:
        """Return a start tag's attributes and the place after its end."""
        attributes: dict[str, str] = {}
        while True:
            while self._source[position : position + 1].isspace():
                position += 1
            if position >= len(self._source):
                self._refuse(f'Unclosed start tag "{tag}"', start)
            if self._source[position] == ">":
                return attributes, position + 1
            found = ATTRIBUTE.match(self._source, position)
            assert found is not None
            name = found["name"]
            values = [found[kind] for kind in ("double", "single", "token") if found[kind] is not None]
            if not name:
                self._refuse(f'Empty attribute name in the tag "{tag}"', start)
            if not found["equals"] and (tag, name) != ("blockquote", "expandable"):
                self._refuse(f'Expected equal sign in declaration of an attribute of the tag "{tag}"', start)
            if found["equals"] and not values:
                self._refuse("Unclosed start tag", start)
            position = found.end()
            if found["token"] is not None and self._source[position : position + 1].strip(" \t\r\n>"):
                self._refuse("Unexpected end of name token", position)
            attributes[name] = CHARACTER.sub(_character, values[0]) if values else ""

    def _end_tag(self, start: int) -> int:
        if not self._open:
            self._refuse("Unexpected end tag", start)
        end = self._source.find(">", start)
        if end < 0:
            self._refuse("Unclosed end tag", start)
        expected, found = self._open.pop(), self._source[start + 2 : end].strip().lower()
        if found not in {"", expected.tag}:
            self._refuse("Unmatched end tag", start, f', expected "</{expected.tag}>", found "</{found}>"')
        length = self._offset - expected.offset
        # A link without an address is shown as plain text.
        if length and expected.entity.get("url") != "":
            self._entities.append(expected.entity | {"offset": expected.offset, "length": length})
        return end + 1


def _character(reference: re.Match[str]) -> str:
    """Return what a character reference stands for."""
    if reference["name"]:
        return NAMED_CHARACTERS[reference["name"]]
    code = int(reference["hex"], 16) if reference["hex"] else int(reference["number"])
    if 0xD800 <= code <= 0xDFFF:
        raise EntitiesError("Text contains invalid Unicode characters after decoding HTML entities")
    return chr(code) if 0 < code <= 0x10FFFF else reference[0]
