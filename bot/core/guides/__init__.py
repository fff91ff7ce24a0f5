"""The guides through installing and using a digital certificate: MyCukai's (Malaysia), step by step.

The idea: what the manual says is data in ``bot/content/guides/`` in three languages; a walk through it is a pure state
machine (`walk.Walk`) over a `walk.Position` of a few bytes; what is said about a position is a `Reply` (`telling`);
the picture of a step is drawn by our own code from the step's data (`drawings`). Only `load_guides` touches a disk.

Invariants:

- The guides are for certificates of MyCukai's suppliers. For a Vietnamese provider's token, for an unknown one, for
  Linux, a phone or a roaming certificate there are no steps, and `walk.Reason` says why.
- Labels, window titles and commands are those that the manual prints. What it does not say is marked as inferred, or
  told as a gap; nothing is invented to fill it.
- Every guide opens, and every sensitive step repeats, that nobody asks for a PIN, a password, an OTP or for control of
  the computer: not this assistant either.
- Nothing about the person is in a position: it can be stored, and sent with a button.
"""

from bot.core.guides.loading import load_guides
from bot.core.guides.records import Guide, Guides, Language, Step

__all__ = ["Guide", "Guides", "Language", "Step", "load_guides"]
