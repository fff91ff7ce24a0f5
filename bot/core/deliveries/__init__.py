"""Deliveries: what is to reach a citizen, row by row, and what became of it.

Replies are rows too, written in the transaction that finishes the turn, so that a crash neither loses nor repeats one.
On the web the citizen's page fetches them: a row is ``sent`` when it was handed out, and can be fetched again by an
older cursor until the conversation is forgotten. ``dedupe_key`` is the row's idempotency key for life.
"""
