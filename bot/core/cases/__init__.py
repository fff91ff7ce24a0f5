"""Cases: a citizen asked for a person, and staff of the commune or province speak with them instead of the assistant.

States: ``waiting`` → ``answered`` → ``closed``; either of the first two → ``lapsed`` after a day without a word of
staff, which may still be answered and then is ``answered`` again.

Invariants:
- Exactly one speaks. A conversation's floor (`bot.core.conversations`) is given and given back in the transaction that
  changes the case, under the conversation's lock, and every message is written under the same lock with the one who
  had it. What the assistant has to tell meanwhile waits. It is looked at again when a message is sent or handed out.
- Staff see what the citizen wrote since the case was opened; of what was said before only the turns that were shown to
  the citizen, who agreed to pass them on (a consent for the purpose ``person``, about the case's reference).
- All of it is sealed with the citizen's key, so that erasing the person erases it.
- Who sees a case is decided by role and area: a case of an area is seen by that area's officers and admins; one of no
  area, like any other, by those who hold their role everywhere.
- `due_at` counts working hours (`hours`); an unanswered case past it is escalated once, and the citizen is told.
"""
