"""The sentences of notices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import jinja2
import structlog
import yaml

from bot.api.errors import ProblemTexts
from bot.core.clock import on_local_clocks
from bot.core.notices.repository import NoticeRow
from bot.core.statements.values import read_moment
from bot.core.text import nfc

log = structlog.get_logger()

OTHER = "other"


class NoticeTexts:
    """The sentences of notices, by kind."""

    def __init__(self, directory: Path, problems: ProblemTexts) -> None:
        """Read ``notices/vi.yaml`` below the templates' directory; what refused something is told as its problem is.

        Raises:
            OSError, yaml.YAMLError, jinja2.TemplateError: a sentence is missing or broken.
        """
        environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)  # noqa: S701 - JSON
        environment.filters["local"] = _local
        environment.filters["reason"] = lambda code: problems.details.get(code, code)
        given = yaml.safe_load((directory / "notices" / "vi.yaml").read_text("utf-8"))
        self._sentences: Mapping[str, jinja2.Template] = {
            kind: environment.from_string(sentence) for kind, sentence in given.items()
        }

    @property
    def kinds(self) -> frozenset[str]:
        """Return the kinds that have a sentence of their own."""
        return frozenset(self._sentences) - {OTHER}

    def write(self, notice: NoticeRow) -> str:
        """Return a notice's sentence; a general one for a kind, or for facts, that an older or newer release wrote."""
        sentence = self._sentences.get(notice.kind, self._sentences[OTHER])
        try:
            text = sentence.render(notice.facts)
        except jinja2.UndefinedError:
            log.warning("notice.facts_missing", kind=notice.kind)
            text = self._sentences[OTHER].render(kind=notice.kind)
        return nfc(" ".join(text.split()))


def _local(moment: str) -> str:
    read = read_moment(moment)
    if not isinstance(read, datetime):
        return moment
    local = on_local_clocks(read)
    return f"{local.hour}:{local.minute:02}, {local.day}/{local.month}/{local.year}"
