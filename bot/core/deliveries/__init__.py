"""Deliveries: what is to reach a citizen or a group, row by row, and what became of it.

Replies are rows too, written in the transaction that finishes the turn, so that a crash neither loses nor repeats one.
On the web the citizen's page fetches them: a row is ``sent`` when it was handed out, and can be fetched again by an
older cursor until the conversation is forgotten. ``dedupe_key`` is the row's idempotency key for life.

On every other channel a *carrier* sends them (`outbox`): leased, begun, sent, recorded; a conversation's in order.
No platform recognises a message that is sent twice, so whatever may have been sent is never sent again by a machine:
its row ends as ``unknown``. What was leased and not begun goes back: it surely was not sent.

A row of an edition (`bulk`) goes to a destination, not to a conversation, and has no payload: its words are written
from the signed bytes when it is sent.
"""
