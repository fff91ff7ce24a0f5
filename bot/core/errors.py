"""The product's failures, named once; what an edge does with one is decided by its family.

::

    ProductError(code)
    ├─ NotFoundError        404
    ├─ NotAllowedError      403
    ├─ ConflictError        409
    ├─ InvalidInputError    422
    ├─ ThrottledError       429   retry_after
    └─ UnavailableError     503   something outside does not answer; trying again may help

The class docstring is the developer's message. What a person reads stands in ``templates/problems/`` (HTTP) and in the
template ``error_internal`` (chat).
"""

from __future__ import annotations

import re
from typing import ClassVar


class ProductError(Exception):
    """Something the product refuses or cannot do."""

    code: ClassVar[str] = "product"

    def __init_subclass__(cls) -> None:
        """Derive the stable code from the class name: ``PayloadUnknownError`` → ``payload-unknown``."""
        name = cls.__name__.removesuffix("Error")
        cls.code = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        message = (type(self).__doc__ or "").strip().split("\n")[0]
        super().__init__(f"{message} {facts}" if facts else message)


class NotFoundError(ProductError):
    """There is no such thing."""


class NotAllowedError(ProductError):
    """This caller may not do that."""


class ConflictError(ProductError):
    """The thing is not in a state that allows this."""


class InvalidInputError(ProductError):
    """The input cannot be used as it is."""


class ThrottledError(ProductError):
    """Too many requests for now."""

    def __init__(self, *, retry_after: float) -> None:
        self.retry_after = retry_after
        super().__init__(retry_after=retry_after)


class UnavailableError(ProductError):
    """Something outside the process does not answer."""
