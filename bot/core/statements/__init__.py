"""Statements: what is signed, as bytes that everybody computes alike.

A statement is one JSON object in the canonical form of RFC 8785, so that the signer's machine, the server and an
outsider with ``jq -cSj`` hold the same bytes. Three things keep it that way:

- **A small model.** Objects with plain ASCII names, arrays, strings, true and false, whole numbers up to 2^53 - 1.
  There `rfc8785`, ``jq -cSj`` and sorted JSON of any language agree. Fractions, null and other names are refused.
- **Text as it is seen.** NFC, or refused: the same sentence has two digests otherwise. Hidden characters are refused,
  because what the signer reads on the screen must be all there is. Nothing is normalised between signing and sending.
- **One reading.** A member given twice is refused, not overwritten, and a statement's bytes are refused unless writing
  what was read gives them again.

``typ`` says what kind of statement it is, and each kind is a type of its own (`models`): a signature under one can
never pass as another's.
"""

from bot.core.statements.canonical import MAX_BYTES, canonical, digest, read_json
from bot.core.statements.errors import JsonInvalidError, PayloadTooLargeError, TextNotNormalisedError
from bot.core.statements.models import (
    Approval,
    BroadcastApproval,
    Checkpoint,
    ContentChangeApproval,
    EnrolmentApproval,
    GrantApproval,
    PolicyChangeApproval,
    SeriesApproval,
    Statement,
    Subject,
)
from bot.core.statements.reading import read_statement

__all__ = [
    "MAX_BYTES",
    "Approval",
    "BroadcastApproval",
    "Checkpoint",
    "ContentChangeApproval",
    "EnrolmentApproval",
    "GrantApproval",
    "JsonInvalidError",
    "PayloadTooLargeError",
    "PolicyChangeApproval",
    "SeriesApproval",
    "Statement",
    "Subject",
    "TextNotNormalisedError",
    "canonical",
    "digest",
    "read_json",
    "read_statement",
]
