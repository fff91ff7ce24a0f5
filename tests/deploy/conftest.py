"""One fresh checkout a test; one shared checkout with uv in it, because making ``.uv/`` takes seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deploy.checkout import Checkout, make_checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A checkout in which nothing is installed."""
    return make_checkout(tmp_path / "checkout")


@pytest.fixture(scope="session")
def shared_checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    shared = make_checkout(tmp_path_factory.mktemp("shared") / "checkout")
    installed = shared.bootstrap("run")
    assert installed.code == 0, installed
    return shared


@pytest.fixture
def checkout_with_uv(shared_checkout: Checkout) -> Checkout:
    """A checkout in which uv is installed and nothing else."""
    shared_checkout.forget_environments()
    return shared_checkout
