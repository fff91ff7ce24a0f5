"""The admin API: what staff do over HTTP with a token, and with signatures for what is decided.

Each request is checked in one order: token, role and scope, rate, size, strict JSON, then the use case. A failure is a
problem of a stable type, ``<deployment>/problems/approvals/<code>``, with a sentence that says what to do; what was
sent never comes back in one.
"""
