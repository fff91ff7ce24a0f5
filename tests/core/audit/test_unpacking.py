"""Reading bundles: what was downloaded is read, and what is made to harm its reader is refused by name."""

from __future__ import annotations

import os
import struct
import zipfile
from pathlib import Path

import pytest

from bot.core.audit.bundle import pack
from bot.core.audit.unpacking import MOST_FILES, BundleProblem, BundleUnusableError, unpack
from bot.core.statements import MAX_BYTES

FILES = {"log.jsonl": b"{}\n", "checkpoint.json": b"{}", "approval-1.p7s": b"0", "README": b"text"}


def archive(path: Path, *members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as packed:
        for name, data in members:
            info = zipfile.ZipInfo("x")
            info.filename = name
            info.compress_type = method
            packed.writestr(info, data)
    return path


def problem_of(path: Path) -> BundleProblem:
    with pytest.raises(BundleUnusableError) as refused:
        unpack(path)
    return refused.value.problem


def test_a_bundle_is_read_as_it_was_packed(tmp_path):
    path = tmp_path / "bundle.zip"
    path.write_bytes(pack(FILES))
    bundle = unpack(path)
    assert bundle.files == {name: data for name, data in FILES.items() if name != "README"}
    assert bundle.others == ("README",)


def test_a_directory_is_read_and_its_reader_s_own_files_are_left_alone(tmp_path):
    for name, data in {**FILES, "ghi chú.txt": b"", "who-1.pem": b"", ".hidden": b""}.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "more").mkdir()
    bundle = unpack(tmp_path)
    assert set(bundle.files) == {"log.jsonl", "checkpoint.json", "approval-1.p7s"}
    assert bundle.others == ("README", "more", "who-1.pem")


@pytest.mark.parametrize(
    "name",
    ["../log.jsonl", "/etc/passwd", "a/log.jsonl", "a\\log.jsonl", "..", "", "log.jsonl\n", "nhật-ký", "C:log.jsonl"],
)
def test_a_name_that_leads_elsewhere_is_refused(tmp_path, name):
    path = archive(tmp_path / "bundle.zip", ("log.jsonl", b""), (name, b""))
    assert problem_of(path) is BundleProblem.NAME_REFUSED


def test_a_name_cut_off_at_a_zero_byte_is_refused(tmp_path):
    path = archive(tmp_path / "bundle.zip", ("log.jsonl?x", b""))
    path.write_bytes(path.read_bytes().replace(b"log.jsonl?x", b"log.jsonl\0x"))
    assert problem_of(path) is BundleProblem.NAME_REFUSED


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("second", ["log.jsonl", "LOG.jsonl"])
def test_a_name_that_comes_twice_is_refused(tmp_path, second):
    path = archive(tmp_path / "bundle.zip", ("log.jsonl", b"1"), (second, b"2"))
    assert problem_of(path) is BundleProblem.NAME_TWICE


def test_a_small_archive_with_a_huge_file_is_refused_before_it_is_unpacked(tmp_path):
    path = archive(tmp_path / "bundle.zip", ("checkpoint.json", bytes(200 * MAX_BYTES)))
    assert path.stat().st_size < MAX_BYTES
    assert problem_of(path) is BundleProblem.TOO_LARGE


def test_a_size_that_is_a_lie_helps_nobody(tmp_path):
    path = archive(tmp_path / "bundle.zip", ("checkpoint.json", bytes(2 * MAX_BYTES)))
    true, lie = struct.pack("<L", 2 * MAX_BYTES), struct.pack("<L", 10)
    path.write_bytes(path.read_bytes().replace(true, lie))
    assert problem_of(path) is BundleProblem.DAMAGED


def test_many_files_are_refused(tmp_path):
    path = archive(tmp_path / "bundle.zip", *((f"file-{number}", b"") for number in range(MOST_FILES + 1)))
    assert problem_of(path) is BundleProblem.TOO_MANY_FILES


def test_a_list_of_files_that_would_fill_the_memory_is_refused_unread(tmp_path):
    path = archive(tmp_path / "bundle.zip", *((f"file-{number:090d}", b"") for number in range(3_000)))
    assert problem_of(path) is BundleProblem.TOO_MANY_FILES


def test_an_archive_of_the_kind_for_huge_ones_is_refused(tmp_path):
    path = archive(tmp_path / "bundle.zip", ("log.jsonl", b""))
    data = path.read_bytes()
    end = data.rindex(b"PK\5\6")
    path.write_bytes(data[:end] + b"PK\6\7" + bytes(16) + data[end:])
    assert problem_of(path) is BundleProblem.TOO_MANY_FILES


def test_a_file_that_is_packed_in_a_way_that_costs_memory_is_refused(tmp_path):
    path = archive(tmp_path / "bundle.zip", ("log.jsonl", b""), method=zipfile.ZIP_LZMA)
    assert problem_of(path) is BundleProblem.PACKED_ODDLY


def test_a_file_behind_a_password_is_refused(tmp_path):
    path = archive(tmp_path / "bundle.zip", ("log.jsonl", b"1"), method=zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    data[data.rindex(b"PK\1\2") + 8] |= 1
    path.write_bytes(data)
    assert problem_of(path) is BundleProblem.PACKED_ODDLY


@pytest.mark.parametrize("data", [b"", b"PK", b"{}", b"PK\5\6" + bytes(18)[:10], bytes(100_000)])
def test_what_is_no_archive_is_told(tmp_path, data):
    path = tmp_path / "bundle.zip"
    path.write_bytes(data)
    assert problem_of(path) is BundleProblem.NOT_A_BUNDLE


def test_an_archive_damaged_anywhere_is_read_or_refused_and_nothing_else_happens(tmp_path):
    path = tmp_path / "bundle.zip"
    path.write_bytes(pack(FILES))
    whole = path.read_bytes()
    refused = 0
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        try:
            unpack(path)
        except BundleUnusableError:
            refused += 1
        path.write_bytes(whole[:at])
        with pytest.raises(BundleUnusableError):
            unpack(path)
    assert refused > len(whole) / 3


def test_a_link_or_a_pipe_in_a_directory_is_not_followed(tmp_path):
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / "log.jsonl").symlink_to("/etc/hostname")
    assert problem_of(tmp_path / "link") is BundleProblem.NOT_A_FILE
    (tmp_path / "pipe").mkdir()
    os.mkfifo(tmp_path / "pipe" / "log.jsonl")
    assert problem_of(tmp_path / "pipe") is BundleProblem.NOT_A_FILE
    (tmp_path / "nested" / "log.jsonl").mkdir(parents=True)
    assert problem_of(tmp_path / "nested") is BundleProblem.NOT_A_FILE


def test_a_path_that_leads_nowhere_is_the_system_s_own_failure(tmp_path):
    with pytest.raises(FileNotFoundError):
        unpack(tmp_path / "nothing.zip")
