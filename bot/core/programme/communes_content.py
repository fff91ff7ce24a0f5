"""The shape of the communes' codes, as they stand in ``bot/content/communes.yaml``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bot.core.programme.records import Record, Text

_SLUG = "[a-z0-9]+(-[a-z0-9]+)*"


class Commune(Record):
    """A commune, ward or town of today: our code for it, its bare name, what kind of unit it is, and its province.

    The code is for good: what was signed for it names it.
    """

    code: Annotated[str, Field(max_length=64, pattern=rf"^{_SLUG}\.{_SLUG}$")]
    name: Text
    kind: Text
    province: Text

    @property
    def full_name(self) -> str:
        """Return its name as people write it: ``phường Yên Dũng``."""
        return f"{self.kind} {self.name}"
