"""Looks for what a master secret would still open, in the bytes of files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from bot.core.vault import KEY_BYTES, KEY_NAME_BYTES, NONCE_BYTES, PersonKey, SealBrokenError, Vault

TAG_BYTES = 16
WRAPPED_BYTES = KEY_NAME_BYTES + NONCE_BYTES + KEY_BYTES + TAG_BYTES


def files_below(*directories: Path) -> dict[str, bytes]:
    """Read every file below directories, whatever it is for."""
    return {
        str(path): path.read_bytes()
        for directory in directories
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def wrapped_keys(files: Mapping[str, bytes], vault: Vault, person_id: str) -> Iterator[tuple[str, PersonKey]]:
    """Give every place in the files at which a person's data key can still be unwrapped, and the key.

    Whatever else is sealed opens with that key alone. A wrapped key begins with its master secret's name.
    """
    _, sample = vault.new_person_key(person_id)
    name = sample[:KEY_NAME_BYTES]
    for file, content in files.items():
        at = content.find(name)
        while at >= 0:
            with suppress(SealBrokenError):
                yield f"{file}:{at}", vault.open_person_key(person_id, content[at : at + WRAPPED_BYTES])
            at = content.find(name, at + 1)
