"""What use cases work with beside a turn: this deployment's keys, and what its content says of the people behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from bot.core.cases.hours import Desk
from bot.core.programme import Programme
from bot.core.vault import Vault


@dataclass(frozen=True, slots=True, repr=False)
class House:
    """The keys, and the content."""

    vault: Vault
    programme: Programme

    @property
    def desk(self) -> Desk:
        """When staff are there."""
        hours = self.programme.operator.desk
        spans = tuple((time.fromisoformat(span[:5]), time.fromisoformat(span[6:])) for span in hours.spans)
        return Desk(hours.weekdays, spans, self.programme.days_off)

    def brand_of(self, registrar: str) -> str:
        """Return the name that citizens know a registrar by; its key where the content has it no more."""
        return next((each.brand for each in self.programme.registrars if each.key == registrar), registrar)
