"""What an operator may decide about signatures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class SignaturePolicy:
    """`allow_rs256`: RSASSA-PKCS1-v1_5 too, for tokens that have nothing newer.

    `clock_skew` is how far the clocks of those who answer about revocation may be from ours. `stale_crl_grace` is how
    long after its end a list still counts when nothing fresher is to be had, for emergencies; the proof then says so.
    """

    allow_rs256: bool = True
    clock_skew: timedelta = timedelta(minutes=5)
    stale_crl_grace: timedelta = timedelta(0)


DEFAULT_POLICY = SignaturePolicy()
