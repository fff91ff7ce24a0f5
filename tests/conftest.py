"""What every test lives in: no network but loopback, a clean environment, and fixtures shared by all."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler.loadscope import LoadScopeScheduling

from bot.logs import configure_logs

for _name in [name for name in os.environ if name.startswith("HIENDIEN_")]:
    del os.environ[_name]

# The same examples in every run: a failure seen once is seen again.
settings.register_profile("fixed", derandomize=True, database=None, deadline=None)
settings.load_profile("fixed")

# As the product logs: what structlog does unasked shows the local variables of every error, for up to 20 seconds.
configure_logs("development")

_ON_SERVERS = {"server_of_day", "server_with_bulletins", "model", "nlu_python"}
_SHARING = {
    "servers": (
        "tests/cli/test_running_product.py",
        "tests/conversations/",
        "tests/journeys/test_three_channels.py",
        "tests/programme/",
        "tests/showcase/",
    ),
    "nlu": ("tests/nlu/",),
}
"""By what they share: the places of the tests that use `_ON_SERVERS`."""

pytest_plugins = [f"tests.fixtures.{name}" for name in ("database", "product", "server", "tokens", "tracing")]


@pytest.fixture(scope="session")
def missing_tool():
    """Tell loudly that a tool is missing: a skip on a newcomer's machine, a failure in CI."""

    def report(reason: str) -> None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI must have it: {reason}")
        pytest.skip(reason)

    return report


class ByServers(LoadScopeScheduling):
    """Keeps in one process what shares servers, and otherwise the tests of a file.

    The groups of pytest-xdist itself (``--dist loadgroup``) have no effect under pytest 9.2 (its issue 1386).
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((name for name, places in _SHARING.items() if file.startswith(places)), file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByServers:
    """Hand out tests in this way, whatever ``--dist`` says."""
    return ByServers(config, log)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Refuse a test that uses the servers from elsewhere: they would be started once more."""
    needs_servers = not _ON_SERVERS.isdisjoint(getattr(item, "fixturenames", ()))
    file = item.nodeid.partition("::")[0]
    if needs_servers and not any(file.startswith(places) for places in _SHARING.values()):
        pytest.fail(f"{file} uses the servers: name it in {__name__}._SHARING", pytrace=False)
