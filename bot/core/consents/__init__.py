"""Consents: what a citizen agreed to, in which wording, when and where, and when they took it back.

A consent is given for one purpose, and where it is about one thing (a request, a reminder) for that thing alone.
It is written in the transaction that stores what it allows, so that neither is ever there without the other.
Its wording is content (``bot/content/consents.yaml``): a changed sentence is a new version, and old rows keep theirs.
"""
