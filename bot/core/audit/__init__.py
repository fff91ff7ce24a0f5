"""The audit log: what was decided and by whom, one line after the other, so that nobody can take a line back.

Each line is a canonical JSON object (`bot.core.statements`) and a line feed: ``seq``, ``prev``, ``at``, ``event`` and
facts of the event. ``prev`` is the SHA-256 of the line before, line feed included; 64 zeros stand before the first.

Invariants:
- A line is appended in the transaction of what it tells, under one row's lock: both happen or neither, and two
  processes never write two lines with one number.
- Facts are codes, ids, digests and counts. Nobody's name, number or words stand here; a line could not be erased.
- A chain alone does not show that its end was cut off. So it is told outside: by signed checkpoints, the newest of
  which also lies in a file beside the database (the *witness*), and by every approval, which names the head it saw.
- A log that is shorter than, or differs from, what was told of it takes no further line: a backup was restored, or
  somebody edited it, and going on would fork the history.
"""
