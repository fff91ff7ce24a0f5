"""The external ids of conversations in groups: they hold the group, where answers go, and the person."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

_GROUP, _MEMBER = "group:", "/"
"""How such an id begins, and what stands between the group and the person."""


def group_name(group: str, person: str) -> str:
    """Return the external id of a person's conversation in a group; neither name may hold a slash."""
    return f"{_GROUP}{group}{_MEMBER}{person}"


def member_ending(person: str) -> str:
    """Return how the external ids of a person's conversations in groups end."""
    return f"{_MEMBER}{person}"


def group_in(external_id: str) -> str | None:
    """Return the platform's address of the group that an external id holds; None where it holds none."""
    group, is_member, _ = external_id.removeprefix(_GROUP).partition(_MEMBER)
    return group if is_member and external_id.startswith(_GROUP) else None


def chat_of_group(group: str) -> str:
    """Return the name of a group's chat, which the conversations in it share; a person's chat has their address."""
    return f"{_GROUP}{group}"


class chat_in(FunctionElement[str]):  # noqa: N801 - reads as an SQL function where it is used
    """The name of the chat that an external id, in a column, leads to."""

    type = String()
    inherit_cache = True


@compiles(chat_in, "postgresql")
def _chat_on_postgresql(element: Any, compiler: Any, **kwargs: Any) -> str:
    return f"split_part({compiler.process(element.clauses, **kwargs)}, '{_MEMBER}', 1)"


@compiles(chat_in, "sqlite")
def _chat_on_sqlite(element: Any, compiler: Any, **kwargs: Any) -> str:
    column = compiler.process(element.clauses, **kwargs)
    return f"substr({column}, 1, instr({column} || '{_MEMBER}', '{_MEMBER}') - 1)"
