"""Reading a bundle that somebody hands over: a ZIP archive or a directory, hostile until it was read.

Nothing is written anywhere. Names are compared and never used as paths, sizes are counted while reading and not
believed, and what is no evidence is not opened.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import IO

from bot.core.errors import InvalidInputError
from bot.core.statements import MAX_BYTES

MEBIBYTE = 1024 * 1024
LARGEST_ARCHIVE = 256 * MEBIBYTE
LARGEST_BUNDLE = 512 * MEBIBYTE
"""Bytes of all files together, unpacked. A log of 100,000 lines has 37 MB."""
MOST_FILES = 500
LARGEST_DIRECTORY = 256 * 1024
"""Bytes of an archive's own list of files: it is read at once, before anything in it can be judged."""

_KNOWN = (
    (re.compile(r"log\.jsonl"), LARGEST_ARCHIVE),
    (re.compile(r"(subject|checkpoint|approval-[1-9][0-9]?)\.json"), MAX_BYTES),
    (re.compile(r"(checkpoint|approval-[1-9][0-9]?)\.p7s"), MAX_BYTES),
    (re.compile(r"(log-)?roots\.pem"), MEBIBYTE),
    (re.compile(r"[0-9a-f]{16}\.crl\.der"), 32 * MEBIBYTE),
    (re.compile(r"[0-9a-f]{16}\.ocsp\.der"), MEBIBYTE),
)
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_END, _END_64 = b"PK\5\6", b"PK\6\7"
_END_SHAPE = struct.Struct("<4s4H2LH")
_LONGEST_COMMENT = 0xFFFF
_ENCRYPTED = 1
_DAMAGES = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, ValueError)
"""What the library raises over an archive that lies about itself."""


class BundleProblem(StrEnum):
    """What is wrong with a bundle."""

    NOT_A_BUNDLE = "not-a-bundle"
    DAMAGED = "damaged"
    TOO_LARGE = "too-large"
    TOO_MANY_FILES = "too-many-files"
    NAME_REFUSED = "name-refused"
    NAME_TWICE = "name-twice"
    PACKED_ODDLY = "packed-oddly"
    NOT_A_FILE = "not-a-file"
    MISSING = "missing"


class BundleUnusableError(InvalidInputError):
    """The bundle cannot be read, or lacks a file without which nothing can be checked."""

    def __init__(self, problem: BundleProblem, file: str = "") -> None:
        self.problem = problem
        self.file = file
        super().__init__(problem=problem.value, file=file)


@dataclass(frozen=True, slots=True)
class Bundle:
    """The evidence by name, and the names of what else lies beside it, which nobody has opened."""

    files: dict[str, bytes]
    others: tuple[str, ...] = ()


def unpack(path: Path) -> Bundle:
    """Read a bundle as it was downloaded, or as its files lie in a directory.

    Raises:
        BundleUnusableError: it is no bundle, is damaged, or is made to harm its reader.
        OSError: the file or the directory cannot be opened.
    """
    if path.is_dir():
        return _take((name, _Opening(name, None, path / name)) for name in _names_in(path))
    with path.open("rb") as file:
        _check_archive(file)
        try:
            with zipfile.ZipFile(file) as archive:
                return _take((info.filename, _open_member(archive, info)) for info in _members(archive))
        except (*_DAMAGES, OSError) as error:
            raise BundleUnusableError(BundleProblem.DAMAGED) from error


def _take(found: Iterator[tuple[str, _Opening]]) -> Bundle:
    files: dict[str, bytes] = {}
    others = []
    left = LARGEST_BUNDLE
    for name, opening in found:
        limit = next((limit for pattern, limit in _KNOWN if pattern.fullmatch(name)), None)
        if limit is None:
            others.append(name)
            continue
        files[name] = opening.read(min(limit, left))
        left -= len(files[name])
    return Bundle(files, tuple(sorted(others)))


@dataclass(frozen=True, slots=True)
class _Opening:
    """A file that is opened only when it is wanted."""

    name: str
    archive: zipfile.ZipFile | None
    where: zipfile.ZipInfo | Path

    def read(self, limit: int) -> bytes:
        """Return all bytes; never reads more than one beyond `limit`."""
        try:
            with self._open() as file:
                data = file.read(limit + 1)
        except _DAMAGES as error:
            raise BundleUnusableError(BundleProblem.DAMAGED, self.name) from error
        if len(data) > limit:
            raise BundleUnusableError(BundleProblem.TOO_LARGE, self.name)
        return data

    def _open(self) -> IO[bytes]:
        if self.archive is not None and isinstance(self.where, zipfile.ZipInfo):
            return self.archive.open(self.where)
        # A link would lead out of the directory, and a pipe would never end.
        try:
            descriptor = os.open(str(self.where), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise BundleUnusableError(BundleProblem.NOT_A_FILE, self.name) from error
            raise
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise BundleUnusableError(BundleProblem.NOT_A_FILE, self.name)
        return os.fdopen(descriptor, "rb")


def _names_in(directory: Path) -> list[str]:
    with os.scandir(directory) as entries:
        names = [entry.name for entry in islice(entries, MOST_FILES + 1)]
    if len(names) > MOST_FILES:
        raise BundleUnusableError(BundleProblem.TOO_MANY_FILES)
    # Whoever follows the recipe keeps files of their own here, under whatever names.
    return [name for name in names if _PLAIN_NAME.fullmatch(name)]


def _open_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> _Opening:
    if info.flag_bits & _ENCRYPTED or info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise BundleUnusableError(BundleProblem.PACKED_ODDLY, info.filename)
    return _Opening(info.filename, archive, info)


def _members(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    members = archive.infolist()
    if len(members) > MOST_FILES:
        raise BundleUnusableError(BundleProblem.TOO_MANY_FILES)
    seen: set[str] = set()
    for info in members:
        # As it is written in the archive: the library cuts names off at a zero byte.
        if not _PLAIN_NAME.fullmatch(info.orig_filename) or info.filename != info.orig_filename:
            raise BundleUnusableError(BundleProblem.NAME_REFUSED)
        if info.filename.lower() in seen:
            raise BundleUnusableError(BundleProblem.NAME_TWICE, info.filename)
        seen.add(info.filename.lower())
        yield info


def _check_archive(file: IO[bytes]) -> None:
    """Raise unless the library can read the list of files in little memory."""
    size = file.seek(0, os.SEEK_END)
    if size > LARGEST_ARCHIVE:
        raise BundleUnusableError(BundleProblem.TOO_LARGE)
    tail_begins = max(size - _END_SHAPE.size - _LONGEST_COMMENT - 20, 0)
    file.seek(tail_begins)
    tail = file.read()
    at = len(tail) - _END_SHAPE.size
    if at < 0 or tail[at : at + 4] != _END or tail[-2:] != b"\0\0":
        at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SHAPE.size:
        raise BundleUnusableError(BundleProblem.NOT_A_BUNDLE)
    listed = _END_SHAPE.unpack_from(tail, at)[5]
    if listed > LARGEST_DIRECTORY or _END_64 in tail[max(at - 20, 0) : at]:
        raise BundleUnusableError(BundleProblem.TOO_MANY_FILES)
    file.seek(0)
