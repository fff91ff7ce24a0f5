"""The communes of this deployment; no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.core.programme.communes_content import Commune


class Communes:
    """Finds communes by code."""

    def __init__(self, communes: Iterable[Commune]) -> None:
        self._by_code = {commune.code: commune for commune in communes}

    def find(self, code: str) -> Commune | None:
        """Return the commune of a code; None where there is none."""
        return self._by_code.get(code)

    def list_all(self) -> Sequence[Commune]:
        """Return all of them, as the content lists them."""
        return tuple(self._by_code.values())
