"""Deliveries: what is to reach a citizen, row by row, and what became of it.

Replies are rows too, written in the transaction that finishes the turn, so that a crash neither loses nor repeats one.
On the web the citizen's page fetches them: a row is ``sent`` when it was handed out, and can be fetched again by an
older cursor until the conversation is forgotten. ``dedupe_key`` is the row's idempotency key for life.

On every other channel a *carrier* sends them (`outbox`): leased, then sent, then recorded, a conversation's in order.
No platform recognises a message that is sent twice, so whatever may have been sent is never sent again: its row ends as
``unknown``. A reply may be missing after a crash, and is never doubled.
"""
