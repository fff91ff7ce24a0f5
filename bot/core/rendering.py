"""Turns a decided reply into the text a citizen reads; the only place that opens ``templates/messages/``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import jinja2
import yaml

from bot.core.errors import ProductError
from bot.core.text import nfc

LANGUAGE = "vi"
LONGEST_TITLE = 32
"""Letters of a button's title."""


class TemplateBrokenError(ProductError):
    """A template is missing or does not render with the facts it was given."""


class Renderer:
    """Renders message templates, plain text for every channel unless a channel has a version of its own."""

    def __init__(self, directory: Path) -> None:
        """Read the button titles and prepare to load templates below `directory`.

        Raises:
            TemplateBrokenError: the titles cannot be read.
        """
        self._messages = directory / "messages"
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(self._messages),
            undefined=jinja2.StrictUndefined,
            autoescape=False,  # noqa: S701 - plain text; each channel escapes for itself
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters["vnd"] = vnd
        self._environment.filters["ngay"] = local_date
        self._titles = {path.stem: _read_titles(path) for path in (directory / "buttons").glob("*.yaml")}
        if LANGUAGE not in self._titles:
            raise TemplateBrokenError(file="buttons")

    def render(self, template: str, *, channel: str, facts: Mapping[str, Any], keeps_empty_lines: bool = False) -> str:
        """Return the text of a reply, NFC, without blank edges or, unless they are to be kept, empty lines.

        Raises:
            TemplateBrokenError: there is no such template, or a fact it needs is missing.
        """
        names = [f"{template}/{LANGUAGE}.{channel}.j2", f"{template}/{LANGUAGE}.j2"]
        try:
            text = nfc(self._environment.select_template(names).render(**facts))
        except (jinja2.TemplateError, ValueError, TypeError) as error:
            raise TemplateBrokenError(template=template) from error
        if keeps_empty_lines:
            return text.strip()
        # Where a part of a template has nothing to say, it leaves an empty line.
        return "\n".join(line for line in text.splitlines() if line.strip()).strip()

    def title(self, key: str) -> str:
        """Return a button's title; a language before the key ("en:cancel") asks for it in that one.

        What stands behind a bar fills the title's gap: "handoff_pick|Tenten"; too long for a button, it is cut.

        Raises:
            TemplateBrokenError: there is none under that key.
        """
        plain, _, filling = key.partition("|")
        language, _, name = plain.rpartition(":")
        title = self._titles.get(language or LANGUAGE, {}).get(name)
        if not isinstance(title, str):
            raise TemplateBrokenError(button=plain)
        filled = title.format(filling) if filling else title
        return nfc(filled if len(filled) <= LONGEST_TITLE else filled[: LONGEST_TITLE - 1] + "…")

    def samples(self) -> Mapping[str, list[dict[str, Any]]]:
        """Return every template's example facts, by template; the tests render them all."""
        return {
            path.parent.name: json.loads(path.read_text("utf-8"))
            for path in sorted(self._messages.glob("*/sample.json"))
        }


def _read_titles(path: Path) -> Mapping[str, str]:
    try:
        titles = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise TemplateBrokenError(file="buttons") from error
    if not isinstance(titles, dict):
        raise TemplateBrokenError(file="buttons")
    return titles


def vnd(amount: int) -> str:
    """Write an amount of đồng: 250000 → ``250.000 đồng``."""
    return f"{amount:,}".replace(",", ".") + " đồng"


def local_date(value: date | str) -> str:
    """Write a date as people do in Việt Nam: 2025-12-31 → ``31/12/2025``."""
    day = date.fromisoformat(value) if isinstance(value, str) else value
    return f"{day.day}/{day.month}/{day.year}"
