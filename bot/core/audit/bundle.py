"""Evidence as one archive that an outsider checks without us."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The archive's moment for every file: the same evidence gives the same bytes."""


def read_me(templates: Path) -> bytes:
    """Return what every bundle tells its reader: what is in it, how to check it, and what it does not prove.

    Raises:
        OSError: the text is missing below the templates' directory.
    """
    return (templates / "evidence" / "README.vi.txt").read_bytes()


def pem(certificates: Iterable[x509.Certificate]) -> bytes:
    """Return certificates in PEM, one after the other, each once."""
    return b"".join(dict.fromkeys(certificate.public_bytes(Encoding.PEM) for certificate in certificates))


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return a ZIP archive of `files` by name."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in sorted(files.items()):
            packed.writestr(zipfile.ZipInfo(name, _LONG_AGO), data, zipfile.ZIP_DEFLATED)
    return archive.getvalue()
