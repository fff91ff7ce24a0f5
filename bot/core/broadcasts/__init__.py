"""Broadcasts: messages to many, drafted by officers, approved by signature, sent by the clock.

Three kinds of rows, three meanings:

- a *broadcast* is the intention: its present version as canonical bytes (`statements.Broadcast`, or `statements.Series`
  for one that comes back), edited until it is approved. Every edit is a new version, and voids all approvals.
- an *edition* is what is sent: the approved bytes, frozen, for one moment. It refers to nothing that can be edited.
- a *delivery* (`bot.core.deliveries`) is one recipient of an edition, and what became of it.

Invariants:
- States change along `states.ALLOWED` only, each change is a line of the history.
- Nothing leaves because a row says so: before an edition is fired, and again before each message, the approvals are
  verified anew from the signed bytes (`clearance`).
- What is said to people is read from the signed bytes, never from a column beside them.
- What was changed or stopped, and what was fired, is told from the audit log as well, followed from where the signers
  saw it (`course`): rows that are set back bring nothing back.
- The check code of an edition follows from the signed bytes and the moment: nobody chooses it.
- A moment is fired once: the primary key of its fire record sees to it, whatever number of schedulers there are.
- Too late is not sent: the author is told instead.
"""
