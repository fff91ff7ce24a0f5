"""The inbox: every update that a platform handed over, kept until its turn is finished.

States: ``waiting`` → ``working`` (leased to one worker) → ``finished``, or ``parked`` after five failed attempts.
Of both only the name is left, ``erased``, where their citizen was.

Invariants (reference/engine.md, "Failure semantics"):
- ``(channel, account, update_id)`` is stored once, so a repeated update is answered once.
- A conversation's updates are worked on in order, one at a time; many conversations at once.
- A lease is counted on the database's clock. Whoever lost it cannot finish the turn: finishing asks for the same owner
  and the same attempt.
- The payload is sealed with the citizen's key and blanked when the turn is finished; a parked update's after some days.
"""
