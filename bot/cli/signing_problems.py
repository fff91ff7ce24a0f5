"""Failures about staff and signatures, told with the sentences that the admin API has for them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bot.cli.plain import plainly, refuse, sentence_of
from bot.core.errors import ProductError
from bot.settings import Settings


@contextmanager
def plainly_signing(settings: Settings) -> Iterator[None]:
    """Turn failures into one sentence each, as `plainly` does, and those that only staff meet too."""
    with plainly():
        try:
            yield
        except ProductError as error:
            from bot.api.errors import ProblemTexts  # noqa: PLC0415 - only who fails waits for the web's libraries

            sentence = ProblemTexts.load(settings.templates_dir).details.get(error.code)
            if sentence_of(error) is None and sentence is not None:
                refuse(sentence)
            raise
