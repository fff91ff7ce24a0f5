"""Conversations: one citizen on one channel, and where the dialogue stands.

Invariants:
- ``(channel, external_id)`` names a conversation once.
- A web conversation's token is the key to everything about the person (contract, "Web chat"); only its digest is kept.
- The dialogue state (the running form and what was answered) is sealed with the citizen's key.
- ``last_position`` numbers the replies of a conversation 1, 2, 3 …; it is what the citizen's cursor counts, so that a
  cursor tells nothing about other people's traffic.
- On a platform that vouches for who writes, such as Telegram, there is no token: the external id is the citizen's own.
- A *guest* is whoever writes under a conversation's name without its token: general questions only, in a throw-away
  conversation that keeps no state.
- In a group everybody is a guest, in a conversation of their own: its name holds the group, where answers go, and the
  person. So nobody gets another's answer, and nothing that somebody says there is known a day later.
"""
