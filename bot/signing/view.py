"""A statement as its signer reads it, before the PIN.

The words stand in ``templates/statements/vi/``. Whatever somebody else wrote is quoted: each of its lines, wrapped to
the screen, begins with a bar, so that none can look like a line of the view. Everything else that is printed must be
plain: a template that forgets to quote fails instead of showing.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import jinja2
from rich.cells import cell_len, chop_cells

from bot.core.clock import on_local_clocks
from bot.core.rendering import LANGUAGE, TemplateBrokenError
from bot.core.statements import Approval

BAR = "  │ "
NARROWEST = 24
TAB = 4


class _Quoted(str):
    """Text in which every line begins with the bar."""

    __slots__ = ()


class StatementView:
    """Shows statements; `directory` is the templates'. `columns` is how wide the screen is."""

    def __init__(self, directory: Path, *, columns: int = 80) -> None:
        self._width = max(columns - 1, NARROWEST) - len(BAR)
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(directory / "statements" / LANGUAGE),
            undefined=jinja2.StrictUndefined,
            autoescape=False,  # noqa: S701 - for a terminal; `_plain` looks at all that is printed
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            finalize=_plain,
        )
        self._environment.filters |= {"quoted": self._quote, "moment": _moment}

    def show(self, statement: Approval) -> str:
        """Return all of a statement in words, ending without a line feed.

        Raises:
            TemplateBrokenError: the templates are missing or broken.
        """
        try:
            template = self._environment.get_template("approval.j2")
            return template.render(statement=statement, subject=statement.subject, kind=statement.SUBJECT).rstrip()
        except (jinja2.TemplateError, ValueError, TypeError) as error:
            raise TemplateBrokenError(template=f"statements/{statement.SUBJECT}") from error

    def _quote(self, text: str) -> _Quoted:
        return _Quoted("\n".join(BAR + line for written in text.split("\n") for line in self._wrap(written)))

    def _wrap(self, line: str) -> Iterator[str]:
        words = textwrap.TextWrapper(
            width=self._width, drop_whitespace=False, replace_whitespace=False, tabsize=TAB, break_on_hyphens=False
        )
        for part in words.wrap(line) or [""]:
            # Some letters take two cells.
            yield from chop_cells(part, self._width) if cell_len(part) > self._width else [part]


def _plain(value: object) -> object:
    """Let pass what cannot move the cursor or begin a line of its own."""
    if isinstance(value, str) and not isinstance(value, _Quoted) and not value.isprintable():
        raise ValueError(value)
    return value


def _moment(value: datetime) -> str:
    """Write a moment on the clocks of Việt Nam: ``08:30:00 20/11/2026``."""
    return f"{on_local_clocks(value):%H:%M:%S %d/%m/%Y}"
