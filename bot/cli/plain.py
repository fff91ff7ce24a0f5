"""Failures told as one sentence that says what to do; a traceback only for what nobody foresaw."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from pydantic import ValidationError

from bot.settings import Settings

EXIT_REFUSED = 2


def say(text: str) -> None:
    """Print one line for the operator."""
    print(text, file=sys.stderr, flush=True)


def refuse(text: str) -> NoReturn:
    """Print one sentence and end with exit code 2."""
    say(f"Lỗi: {text}")
    raise SystemExit(EXIT_REFUSED)


def read_settings() -> Settings:
    """Read the settings, or end with a sentence that names each wrong one."""
    try:
        return Settings()
    except ValidationError as error:
        from bot.cli.sentences import sentence_for_settings  # noqa: PLC0415 - as in `sentence_of`

        refuse(sentence_for_settings(error))


@contextmanager
def plainly() -> Iterator[None]:
    """Turn the failures an operator can mend into one sentence each."""
    try:
        yield
    except ExceptionGroup as group:
        _explain(_first(group))
        raise
    except Exception as error:
        _explain(error)
        raise


def sentence_of(error: BaseException) -> str | None:
    """Return what an operator reads about a failure that they can mend; None about any other.

    Only who fails imports the sentences: they know the errors of the whole product, which takes a second to load.
    """
    from bot.cli.sentences import sentence_for  # noqa: PLC0415

    return sentence_for(error)


def _explain(error: BaseException) -> None:
    sentence = sentence_of(error)
    if sentence is not None:
        refuse(sentence)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
