"""Requests that may come twice: what was answered to a request with an idempotency key, so that a repeat does nothing.

A key belongs to one member of staff and one body; the answer is kept for a day.
"""
