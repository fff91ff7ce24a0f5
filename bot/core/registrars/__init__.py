"""Registrars as callers and as receivers: their tokens, and the endpoints of their own that requests are sent to.

Who they are is content (``bot/content/registrars.yaml``); here each is known by its key, the host of its site.
A token belongs to one registrar, and whatever it opens is looked up with that registrar's key in the query.
"""
