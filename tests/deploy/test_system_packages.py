"""Debian packages for the tests: installed when nobody need be asked, else loudly missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from deploy.system_packages import SystemPackage, provide


@dataclass
class FakeDebian:
    """A Debian machine; ``repository`` is what its apt can install."""

    prefix: tuple[str, ...] | None
    repository: frozenset[str] = frozenset({"browser", "database"})
    installed: set[str] = field(default_factory=set)
    clusters: list[str] = field(default_factory=lambda: ["14 archive 5432 online"])
    ran: list[str] = field(default_factory=list)

    def administrator_prefix(self) -> tuple[str, ...] | None:
        return self.prefix

    def has(self, program: str) -> bool:
        return program in ("apt-get", "pg_lsclusters")

    def run(self, command: Sequence[str]) -> str | None:
        words = list(command)
        self.ran.append(" ".join(words))
        if "pg_lsclusters" in words:
            return "\n".join(self.clusters)
        if "install" in words:
            if words[-1] not in self.repository:
                return None
            self.installed.add(words[-1])
            if words[-1] == "database":
                self.clusters.append("15 main 5433 online")
        return ""

    def package(self, name: str) -> SystemPackage:
        return SystemPackage(name, f"phép thử cần {name}", lambda: name in self.installed)


def test_nothing_is_run_when_all_is_there() -> None:
    debian = FakeDebian(prefix=(), installed={"browser"})
    provide([debian.package("browser")], debian)
    assert debian.ran == []


def test_root_installs_what_is_missing_after_one_update(capsys: pytest.CaptureFixture[str]) -> None:
    debian = FakeDebian(prefix=())
    provide([debian.package("browser"), debian.package("database")], debian)
    assert debian.installed == {"browser", "database"}
    assert sum(command.endswith(" update") for command in debian.ran) == 1
    assert all("--no-install-recommends" in command for command in debian.ran if " install " in command)
    assert "BỎ QUA" not in capsys.readouterr().out


def test_sudo_is_used_where_it_asks_for_no_password() -> None:
    debian = FakeDebian(prefix=("sudo", "-n"))
    provide([debian.package("browser")], debian)
    assert all(command.startswith("sudo -n ") for command in debian.ran if "apt-get" in command)


def test_no_cluster_made_by_the_package_is_left_and_older_ones_are_not_touched() -> None:
    debian = FakeDebian(prefix=())
    provide([debian.package("database")], debian)
    assert [command for command in debian.ran if "pg_dropcluster" in command] == ["pg_dropcluster --stop 15 main"]


def test_without_rights_the_skipped_tests_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    debian = FakeDebian(prefix=None)
    provide([debian.package("browser")], debian)
    assert debian.ran == []
    assert "BỎ QUA phép thử cần browser, vì thiếu gói browser và lệnh này không có quyền" in capsys.readouterr().out


def test_a_package_that_this_release_lacks_costs_only_itself(capsys: pytest.CaptureFixture[str]) -> None:
    debian = FakeDebian(prefix=(), repository=frozenset({"database"}))
    provide([debian.package("browser"), debian.package("database")], debian)
    assert debian.installed == {"database"}
    assert "vì thiếu gói browser và apt-get không cài được" in capsys.readouterr().out
