"""What is told beside every answer about the Day: that it is over, and what its places and bodies are now."""

from __future__ import annotations

import re
from datetime import date

from bot.core.events.calendar import standing
from bot.core.programme.content import Programme
from bot.core.programme.finding import Question
from bot.core.programme.localities import Gazetteer
from bot.core.programme.offers import cited, distinct
from bot.core.programme.overviews import Told
from bot.core.replies import Json
from bot.core.text import fold

_DISTRICT = re.compile(r"\bhuyen\b")


class Surroundings:
    """Knows what has changed since the plan; built once, then only read."""

    def __init__(self, programme: Programme) -> None:
        self._day = programme.dx_day
        self._gone = [body for body in programme.dx_day_bodies if body.until]
        self._gazetteer = Gazetteer(programme.localities)

    def beside(self, question: Question, on: date, *, said: str) -> Told:
        """Give the facts ``document``, ``year``, ``standing`` and ``written`` of the campaign, and what has changed.

        The latter are ``renamed``, places by their names of before, and ``districts_gone``, where what is `said` names
        one of either. The province of the plan always counts as named.
        """
        named = self._gazetteer.units_named(question.text, on)
        if not named and question.locality:
            named = self._gazetteer.find(question.locality, on)
        of_plans = (*self._gazetteer.units_named(self._day.province, on), *self._gazetteer.units_named(said, on))
        renamed = distinct((*of_plans, *named))
        names_districts = _DISTRICT.search(fold(said)) is not None
        gone = [body for body in self._gone if names_districts and body.until and body.until < on]
        facts: dict[str, Json] = {
            "document": self._day.document,
            "standing": standing(self._day.campaign, on).value,
            "written": self._day.campaign.written,
            "year": self._day.year,
            "renamed": [{"old": unit.old, "now": unit.now, "since": unit.since.isoformat()} for unit in renamed],
            "districts_gone": bool(gone),
        }
        sources = (
            *(source for unit in renamed for source in cited(unit.sources)),
            *(source for body in gone for source in cited(body.sources)),
        )
        return facts, sources
