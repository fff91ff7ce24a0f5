"""The API of registrars (``/api/v1/registrar``): requests handed to them, and what became of these.

`docs/registrar-api.md` is its manual. Who calls is told by the token alone; a request of somebody else is not there.
"""
