"""What can keep the product from its database, under names that an operator is told about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from bot.core.db import sqlite_file
from bot.core.errors import ConflictError, InvalidInputError, NotAllowedError, UnavailableError

# https://www.postgresql.org/docs/current/errcodes-appendix.html: connection, resources, operator's intervention; then
# authorization, unknown database, missing privilege.
_UNREACHABLE_STATES = ("08", "53", "57")
_REFUSED_STATES = ("28", "3D000", "42501")
# https://www.sqlite.org/rescode.html
_UNUSABLE_FILES = tuple(
    f"SQLITE_{reason}" for reason in ("AUTH", "BUSY", "CANTOPEN", "CORRUPT", "IOERR", "NOTADB", "PERM", "READONLY")
)


class DatabaseUnreachableError(UnavailableError):
    """The database's server does not answer, or takes nobody in just now."""


class DatabaseRefusedError(NotAllowedError):
    """The database's server lets this account not in, or not do what it must."""


class DatabaseFileUnusableError(ConflictError):
    """SQLite cannot use its file."""


class DatabaseNotReadyError(ConflictError):
    """There is no database yet, or it is not at the version of this release."""


class BusyElsewhereError(ConflictError):
    """Another product process has this SQLite database open."""


class NeedsPostgresqlError(InvalidInputError):
    """A single role was asked for on SQLite."""


@contextmanager
def named_database_failures(url: str) -> Iterator[None]:
    """Name what an operator can mend while the database at `url` is opened; anything else is left as it is.

    Raises:
        DatabaseUnreachableError, DatabaseRefusedError: on PostgreSQL.
        DatabaseFileUnusableError: on SQLite, with the file.
    """
    file = sqlite_file(url)
    try:
        yield
    except OSError as error:
        if file is None:
            raise DatabaseUnreachableError from error
        raise
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None) or ""
        if state.startswith(_UNREACHABLE_STATES):
            raise DatabaseUnreachableError from error
        if state.startswith(_REFUSED_STATES):
            raise DatabaseRefusedError from error
        if file is not None and getattr(error.orig, "sqlite_errorname", "").startswith(_UNUSABLE_FILES):
            raise DatabaseFileUnusableError(file=str(file)) from error
        raise
