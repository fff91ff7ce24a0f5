"""What the processes of one installation do."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a process does; ``up`` does all of it."""

    WEB = "web"
    WORKER = "worker"
    SCHEDULER = "scheduler"
    SENDER = "sender"
    POLLING = "polling"
    NLU = "nlu"
