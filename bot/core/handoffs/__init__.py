"""Hand-offs: requests that citizens agreed to have passed on to a registrar.

A request has a reference that can be read over the phone, one registrar at a time, and a state (`rules.HandoffState`).
What the citizen is reached by is sealed with their own key for this request's place, is shown to that one registrar,
and is blanked in the transaction that ends the request. Wish and contact are stored only together with a consent.
A registrar speaks through codes alone; every sentence that a citizen reads is ours.

Of the audit log a reference is known by its keyed digest only, so that a line there outlives the request and tells
nothing to somebody who does not have both the reference and the secret.
"""
