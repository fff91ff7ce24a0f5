"""What every test lives in: no network but loopback, a clean environment, and fixtures shared by all."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

from bot.logs import configure_logs

for _name in [name for name in os.environ if name.startswith("HIENDIEN_")]:
    del os.environ[_name]

# The same examples in every run: a failure seen once is seen again.
settings.register_profile("fixed", derandomize=True, database=None, deadline=None)
settings.load_profile("fixed")

# As the product logs: what structlog does unasked shows the local variables of every error, for up to 20 seconds.
configure_logs("development")

_ON_SERVERS = {"server_of_day", "server_with_bulletins", "model", "nlu_python"}

pytest_plugins = ["tests.fixtures.database", "tests.fixtures.product", "tests.fixtures.server", "tests.fixtures.tokens"]


@pytest.fixture(scope="session")
def missing_tool():
    """Tell loudly that a tool is missing: a skip on a newcomer's machine, a failure in CI."""

    def report(reason: str) -> None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI must have it: {reason}")
        pytest.skip(reason)

    return report


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep in one process what shares servers, and otherwise the tests of a file.

    Before pytest-xdist, which reads the groups in the same hook, and reads them once.
    """
    for item in items:
        needs_servers = not _ON_SERVERS.isdisjoint(getattr(item, "fixturenames", ()))
        item.add_marker(pytest.mark.xdist_group("servers" if needs_servers else str(item.path)))
