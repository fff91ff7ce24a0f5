"""The external ids of conversations in groups: they hold the group, where answers go, and the person."""

from __future__ import annotations

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
