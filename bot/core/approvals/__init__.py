"""Approvals: several people sign, each with their own key, that one and the same thing may happen.

What is approved is a *subject*: a kind, an id, a version and canonical bytes that name its drafter and everybody who
touched it. Whoever owns a kind implements `ports.Approvable`; nothing here knows what a broadcast is.

1. An admin asks for a *challenge*: a statement of their own, which holds the subject whole, the policy (how many must
   sign, who may not), the head of the audit log, and 192 random bits. It ends soon and counts once.
2. They sign exactly these bytes. We verify against our own copy of them, never against anything sent.
3. In one transaction: the challenge is used up, the subject is still what was signed, the approval is stored, the audit
   log grows by a line, and where enough have signed, the subject's owner is told.
4. Before anything leaves, `rechecks` starts over from the evidence: the outgoing bytes against each signed statement,
   each signature, path and enrolment, revocation *now*, and how many different people there are. The state that a row
   claims is believed by nobody.

Invariants:
- Different people are counted, not accounts or certificates: the database refuses a second approval of one version by
  the same account, the same identity or the same key.
- Nobody who drafted or edited a subject approves it, under whatever account (unless its policy says otherwise).
- A policy is part of what is signed; one that is loosened later changes nothing that was signed before.
- Every refusal is a line of the audit log, with its code and the digest of what was sent.
"""
