"""What staff read beside the code of a failure: in plain words what happened, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml

from bot.core.text import nfc

OTHER = "other"


class FailureTexts:
    """The sentences about citizens' messages that failed, and about messages that did not reach citizens."""

    def __init__(self, directory: Path) -> None:
        """Read ``problems/failures.yaml`` below the templates' directory.

        Raises:
            OSError, yaml.YAMLError, KeyError: the sentences, or the general one of a kind, are missing or broken.
        """
        given = yaml.safe_load((directory / "problems" / "failures.yaml").read_text("utf-8"))
        self.parked: Mapping[str, str] = given["parked"]
        self.undelivered: Mapping[str, str] = given["undelivered"]
        self._other_parked, self._other_undelivered = self.parked[OTHER], self.undelivered[OTHER]
        self._try_again, self._dismiss = given["parked_next"]["kept"], given["parked_next"]["forgotten"]

    def of_parked(self, error: str | None, *, can_retry: bool) -> str:
        """Return what to know about a message that failed with this class of error: a general sentence for others."""
        what = self.parked.get(error or OTHER, self._other_parked)
        return nfc(f"{what} {self._try_again if can_retry else self._dismiss}")

    def of_undelivered(self, error: str | None) -> str:
        """Return what to know about a message that ended with this code: a general sentence for others."""
        return nfc(self.undelivered.get(error or OTHER, self._other_undelivered))
