"""The lock files of the checkout: hashes and no addresses, so that any mirror serves and none is trusted."""

from __future__ import annotations

import re

import pytest

from deploy.locks import ADDRESS
from tests.deploy.checkout import LOCKS, ROOT


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_no_address(lock: str) -> None:
    assert ADDRESS.search((ROOT / lock).read_text(encoding="utf-8")) is None


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_of_a_lock_has_a_hash(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    pins = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert pins
    assert [pin.split()[0] for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []


@pytest.mark.parametrize(
    "line", ["--index-url http://127.0.0.1/", "-f /wheels", "a @ git+ssh://127.0.0.1/a", "--find-links ./wheels"]
)
def test_an_address_in_a_lock_is_recognised(line: str) -> None:
    assert ADDRESS.search(f"a==1 \\\n{line}\n")


def test_the_tests_have_the_very_pins_of_the_product() -> None:
    pins = [set(re.findall(r"^\S+==\S+", (ROOT / lock).read_text(), re.MULTILINE)) for lock in LOCKS[1:3]]
    assert pins[0] <= pins[1]


def test_the_lock_of_rasa_holds_the_build_tool_of_its_one_source_archive() -> None:
    # uv checks the hash of a build tool that the lock names, and takes one that it does not name without any.
    assert re.search(r"^setuptools==", (ROOT / LOCKS[3]).read_text(), re.MULTILINE)
