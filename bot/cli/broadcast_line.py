"""The whole way of a bulletin, step by step, as the people in it go it: the demonstration and the tests take it alike.

Chi, an officer, drafts for two communes. An signs with a certificate file, Bình with a token if there is one; both are
admins. The clock sends it to the communes' groups. A citizen asks whether it is genuine. Dũng, an auditor, verifies.
"""

from __future__ import annotations

import asyncio
import io
import re
import secrets
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

import httpx
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.approving import GivenLists, open_office
from bot.cli.demonstration import PASSWORD, PEOPLE, Demonstration, write_privately
from bot.cli.demonstration_token import LABEL, PIN, DemonstrationToken
from bot.cli.province import ROOT_FILE, appoint, found, give_token, install, make_database
from bot.cli.staffer import Staffer
from bot.cli.stage import Stage
from bot.cli.transactions import in_one_transaction
from bot.cli.typist import Typist
from bot.core.approvals.ports import Office
from bot.core.clock import SystemClock
from bot.core.errors import ProductError
from bot.core.staff.roles import Role
from bot.core.statements.values import write_moment
from bot.signing.softcert import Softcert, read_softcert

AREAS = ("bac-ninh.yen-dung", "bac-ninh.canh-thuy")
"""The communes that Chi is an officer of."""
AUDITOR = "Phạm Văn Dũng (thử nghiệm)"
TITLE = "Ngày hội đăng ký tên miền .vn"
TEXT = (
    "Sáng thứ Bảy này, từ 8 giờ đến 11 giờ, Tổ công nghệ số cộng đồng giúp bà con đăng ký tên miền tại nhà văn hóa.\n\n"
    "Bà con nhớ mang theo căn cước. Không ai được hỏi mã OTP của bà con."
)
LASTS = timedelta(hours=2)
LOOK_SECONDS = 1.0

Show = Callable[[str], None]


class NotReachedError(ProductError):
    """A bulletin did not come to a state in time."""


def show_nothing(line: str) -> None:
    """Keep a line of somebody's screen to oneself."""


@dataclass(frozen=True, slots=True)
class Insider:
    """A member of the staff and an access token of theirs."""

    staff_id: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class People:
    """Who is in the line, by role."""

    an: Insider
    binh: Insider
    chi: Insider
    dung: Insider


def settle(stage: Stage, *, areas: Sequence[str] = AREAS) -> People:
    """Found the province that a stage is for, before its product runs: authority, database, staff."""
    settings = stage.settings
    authority = Demonstration(stage.directory / "dev-ca")
    authority.make(now=SystemClock().now())
    install(settings, authority)
    asyncio.run(make_database(settings))
    office = open_office(settings, revocation=GivenLists([der for _, der in authority.lists()]))
    signers = {person.short: read_softcert(authority.softcert(person.short), PASSWORD) for person in PEOPLE}
    now = SystemClock().now()
    return in_one_transaction(settings, lambda connection: _appoint_all(connection, office, signers, areas, now=now))


async def _appoint_all(
    connection: AsyncConnection,
    office: Office,
    signers: Mapping[str, Softcert],
    areas: Sequence[str],
    *,
    now: datetime,
) -> People:
    names = {person.short: person.name for person in PEOPLE}
    an, binh = await found(connection, office, (names["an"], signers["an"]), (names["binh"], signers["binh"]), now=now)
    approver = (binh, signers["binh"])
    chi = await appoint(
        connection,
        office,
        name=names["chi"],
        role=Role.OFFICER,
        areas=areas,
        proposer=an,
        approver=approver,
        now=now,
    )
    dung = await appoint(
        connection, office, name=AUDITOR, role=Role.AUDITOR, areas=(), proposer=an, approver=approver, now=now
    )
    insiders = [Insider(one, await give_token(connection, office, one, now=now)) for one in (an, binh, chi, dung)]
    return People(*insiders)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a bulletin stands, and at which revision."""

    state: str
    revision: int


@dataclass(frozen=True, slots=True)
class Device:
    """What somebody signs with: the options of ``hiendien sign``, what it asks then, and the answer."""

    options: Sequence[str]
    question: str
    secret: str = field(repr=False)
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Line:
    """One deployment and the people in it.

    `patience` is how many seconds each of them bears that it does not answer.
    """

    stage: Stage
    people: People
    patience: float = 0.0
    _staff: dict[str, Staffer] = field(default_factory=dict, init=False)
    _stack: ExitStack = field(default_factory=ExitStack, init=False)

    def __enter__(self) -> Self:
        for name in ("an", "binh", "chi", "dung"):
            insider: Insider = getattr(self.people, name)
            staffer = Staffer(self.stage.address, insider.token, patience=self.patience)
            self._staff[name] = self._stack.enter_context(staffer)
        return self

    def __exit__(self, *failure: object) -> None:
        self._stack.close()

    def staffer(self, name: str) -> Staffer:
        """Return the API as somebody sees it: ``an``, ``binh``, ``chi`` or ``dung``."""
        return self._staff[name]

    def add_group(self, area: str, chat_id: int, title: str, *, is_training: bool = False) -> str:
        """Have an admin note a Telegram group as one of a commune's; return its id."""
        body = {
            "area": area,
            "channel": "telegram-group",
            "address": str(chat_id),
            "title": title,
            "is_training": is_training,
        }
        return str(self._staff["an"].write("POST", "/destinations", body).json()["id"])

    def draft(self, *, fires_at: datetime) -> str:
        """Have Chi draft a bulletin; return its id."""
        body = self.body() | {"schedule": _schedule(fires_at)}
        return str(self._staff["chi"].write("POST", "/broadcasts", body).json()["id"])

    def move(self, bulletin: str, *, fires_at: datetime) -> None:
        """Have Chi set another time, which makes a draft of it again."""
        body = self.body() | {"schedule": _schedule(fires_at)}
        self._staff["chi"].write("PUT", f"/broadcasts/{bulletin}", body, revision=self.look(bulletin).revision)

    @staticmethod
    def body(*, areas: Sequence[str] = AREAS, text: str = TEXT) -> dict[str, Any]:
        """Return what a draft says, but for when it is sent."""
        return {
            "content": {"lang": "vi", "title": TITLE, "text": text, "media": []},
            "audience": {"areas": list(areas), "channels": ["telegram-group"]},
            "severity": "notice",
            "mode": "live",
        }

    def submit(self, bulletin: str) -> None:
        """Have Chi ask for signatures."""
        revision = self.look(bulletin).revision
        self._staff["chi"].write("POST", f"/broadcasts/{bulletin}/submission", revision=revision)

    def look(self, bulletin: str) -> Standing:
        """Return how a bulletin stands."""
        told = self._staff["chi"].get(f"/broadcasts/{bulletin}").json()
        return Standing(told["state"], told["revision"])

    def wait_until(self, bulletin: str, state: str, *, seconds: float) -> None:
        """Wait until a bulletin stands so.

        Raises:
            NotReachedError: it did not in time.
        """
        deadline = time.monotonic() + seconds
        while True:
            found = self.look(bulletin)
            if found.state == state:
                return
            if time.monotonic() > deadline:
                raise NotReachedError(bulletin=bulletin, state=found.state, wanted=state)
            time.sleep(LOOK_SECONDS)

    def sign(self, bulletin: str, short: str, device: Device, *, show: Show = show_nothing) -> int:
        """Have an admin approve with ``hiendien sign``; return the command's exit code."""
        access = self.stage.directory / f"{short}.token"
        write_privately(access, getattr(self.people, short).token.encode())
        wanted = (
            "--server",
            self.stage.address,
            "--kind",
            "broadcasts",
            "--subject",
            bulletin,
            "--access",
            str(access),
        )
        environment = {**self.stage.environment, **device.environment}
        try:
            typist = Typist("sign", *wanted, *device.options, environment=environment, show=show)
            typist.answer("Ký? gõ CÓ: ", "CÓ")
            typist.answer(device.question, device.secret)
            return typist.end()
        finally:
            access.unlink()

    def file_of(self, short: str) -> Device:
        """Return an admin's .p12 file."""
        file = self.stage.directory / "dev-ca" / f"{short}.p12"
        return Device(("--p12", str(file)), f"Mật khẩu của {file.name}: ", PASSWORD)

    def token_of(self, short: str, module: Path) -> Device:
        """Return a new token with an admin's key on it."""
        authority = Demonstration(self.stage.directory / "dev-ca")
        token = DemonstrationToken(self.stage.directory / "token", module)
        token.keep(read_softcert(authority.softcert(short), PASSWORD))
        options = ("--module", str(module), "--token", LABEL)
        return Device(options, f"Mã PIN của thiết bị “{LABEL}”: ", PIN, token.environment)

    def page(self, code: str) -> httpx.Response:
        """Open the public page of a check code, as anybody does."""
        return httpx.get(f"{self.stage.address}/kiem-tra/{code}", timeout=20, trust_env=False)

    def ask(self, text: str) -> Mapping[str, Any]:
        """Ask the assistant something on the web; return its first reply."""
        body = {"conversation_id": f"thu-{secrets.token_hex(6)}", "text": text}
        address = f"{self.stage.address}/api/v1/chat/messages"
        answer = httpx.post(address, json=body, timeout=30, trust_env=False).raise_for_status().json()
        reply: Mapping[str, Any] = answer["replies"][0]
        return reply

    def fetch_evidence(self, bulletin: str, directory: Path) -> Path:
        """Have Dũng fetch and unpack the evidence; the root comes from the authority, as `ca.pem`."""
        archive = self._staff["dung"].get(f"/broadcasts/{bulletin}/evidence").content
        directory.mkdir(mode=0o700, parents=True)
        with zipfile.ZipFile(io.BytesIO(archive)) as packed:
            packed.extractall(directory)
        (directory / "ca.pem").write_bytes((self.stage.settings.effective_signing_roots / ROOT_FILE).read_bytes())
        (directory / "log-ca.pem").write_bytes((directory / "log-roots.pem").read_bytes())
        return directory


def _schedule(fires_at: datetime) -> dict[str, str]:
    return {"not_before": write_moment(fires_at), "not_after": write_moment(fires_at + LASTS)}


CODE = re.compile(r"\b[A-Z2-9]{3}-[A-Z2-9]{3}\b")


def read_code(text: str) -> str:
    """Return the check code that a message shows."""
    (found,) = set(CODE.findall(text))
    return str(found)
