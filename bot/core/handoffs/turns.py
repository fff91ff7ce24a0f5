"""What the dialogue of a request is brought with each of its turns, and what of it is kept between two.

Who can get a request, and whose turn it is, is found anew each time. How the citizen is reached is kept only while the
dialogue runs in which they agreed to it: whatever it is left for, and by whichever way, takes that from the state.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.handoffs import service
from bot.core.handoffs.rotation import in_turn
from bot.core.handoffs.steps import FORM
from bot.core.ports import DialogueState
from bot.core.programme import Programme
from bot.core.programme.records import PRODUCTS
from bot.core.registrars import tokens

WHOSE_TURN = "handoff_whose_turn"
"""The dialogue's slot with the keys of the registrars that can get a request, by product, whose turn it is first."""
CONSENT, AGREED_ON, PERSON, CONTACT, SENDING = (
    "handoff_consent",
    "handoff_agreed_on",
    "handoff_person",
    "handoff_contact",
    "handoff_sending",
)
"""The slots of the consent, of the day it was given, and of what is asked after it."""
_ONLY_INSIDE = frozenset({CONSENT, AGREED_ON, PERSON, CONTACT, SENDING, WHOSE_TURN})


async def joined(
    connection: AsyncConnection, programme: Programme, state: DialogueState, *, now: datetime
) -> DialogueState:
    """Give the dialogue state with whose turn it is: any message may begin a request."""
    connected = await tokens.list_connected(connection, now=now)
    if not connected:
        return state
    known: list[tuple[str, str]] = []
    for product in PRODUCTS:
        counts = await service.counts_by_registrar(connection, product)
        keys = in_turn(programme.registrars, counts, product=product, connected=connected)
        known += [(product, key) for key in keys]
    return replace(state, slots={**state.slots, WHOSE_TURN: urlencode(known)}) if known else state


def kept(state: DialogueState) -> DialogueState:
    """Give what of a dialogue state is kept after a turn."""
    gone = {WHOSE_TURN} if state.active_loop == FORM else _ONLY_INSIDE
    if gone.isdisjoint(state.slots):
        return state
    return replace(state, slots={name: value for name, value in state.slots.items() if name not in gone})
