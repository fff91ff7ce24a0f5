"""Misreadings: what people typed and the assistant did not understand, kept so that it learns.

States: ``waiting`` → ``labelled`` (somebody gave the right intent) or ``dismissed``; both can be taken back.

Invariants:
- Nothing is kept unless the deployment has it switched on and the person pressed the button for this one message.
- It is kept scrubbed (`scrubbing`), and not at all where that is not sure to have caught what is personal.
- No person, no conversation and no time of day: only the channel and the day. Hence nobody can find theirs again: the
  press can be taken back until the next message, while the dialogue state still tells which one it was, and the person
  is told so. Hence, too, it outlives the erasure of its writer.
- It is not sealed: a key of the person's would tie it to the person, and one for all would hide from nobody who may
  read this table. What must be hidden is not kept.
- The same words, whatever their accents and case, are one row that counts how often they came.
- A dismissed one keeps no words, only a digest by which it is not asked about again.
- Every one is forgotten in the end (`retention`).
"""
