"""Fetching evidence about revocation, and telling when certificates are about to end.

- `hosts`, `fetching`: the only code that opens connections for it. A certificate names where its own list is, and
  whoever sends one chooses what stands in it; so nothing is asked of a host that the operator has not listed, and of no
  address inside our own networks unless that address is listed as well.
- `source.KeptEvidence`: what a process has at hand, from the shared table; before a signature is judged, `prepare`
  brings it up to date and asks the authorities' responders (OCSP).
- `refreshing`: one process fetches all lists ahead of their ends.
- `standing`, `watching`: which authorities have fresh evidence, and which certificates end in 60, 30 or 7 days.

When nothing can be reached, what is kept counts until it ends, then the operator's grace
(``HIENDIEN_STALE_CRL_HOURS``, 0 unless set, and noted in the audit log); then every signature is refused with 503. A
responder that does not answer is no refusal while a fresh list says "good".
"""
