"""Trying signatures out on one machine: a demonstration authority, and a province with something that waits."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.approving import GivenLists, open_office, read_roots
from bot.cli.demo_broadcast import demo_broadcast
from bot.cli.demonstration import PASSWORD, PEOPLE, Demonstration
from bot.cli.fake_channels import fake_channels
from bot.cli.plain import read_settings, refuse
from bot.cli.province import (
    BY,
    GRANT_LASTS,
    ROOT_FILE,
    der,
    found,
    give_token,
    install,
    make_database,
    sign_off,
)
from bot.cli.signing_problems import plainly_signing
from bot.cli.transactions import in_one_transaction
from bot.core.approvals.ports import Office
from bot.core.approvals.service import Purpose
from bot.core.clock import SystemClock
from bot.core.staff import accounts, enrolments, grants
from bot.core.staff.roles import Role
from bot.settings import Settings
from bot.signing.softcert import Softcert, read_softcert

dev = typer.Typer(
    help="Dùng thử trên một máy: chữ ký số, bản tin, trò chuyện; không có khi chạy thật.", no_args_is_help=True
)
dev.command("demo-broadcast")(demo_broadcast)
dev.command("fake-channels")(fake_channels)


@dev.callback()
def only_where_nothing_is_real() -> None:
    """Dùng thử trên một máy: chữ ký số, bản tin, trò chuyện; không có khi chạy thật."""
    if read_settings().environment == "production":
        refuse(
            "lệnh dev chỉ để dùng thử, không chạy khi HIENDIEN_ENVIRONMENT=production. "
            "Hãy dùng chứng thư số của đơn vị cấp thật và lệnh `hiendien staff bootstrap`."
        )


@dev.command("ca")
def ca() -> None:
    """Lập đơn vị cấp chứng thư số thử nghiệm với ba người; chạy lại thì làm mới danh sách thu hồi."""
    settings = read_settings()
    with plainly_signing(settings):
        authority, now = _authority(settings), SystemClock().now()
        if authority.exists:
            authority.renew_lists(now=now)
            install(settings, authority)
            print(f"Đã làm mới danh sách thu hồi trong {settings.effective_crl_dir}, dùng được 30 ngày.")
            return
        authority.make(now=now)
        install(settings, authority)
    print(f"Đã lập đơn vị cấp thử nghiệm trong {authority.directory}:")
    for person in PEOPLE:
        print(f"  {person.short}.p12  {person.name}, khóa {'RSA-2048' if person.is_rsa else 'P-256'}")
    print(f"Mật khẩu của các tệp .p12: {PASSWORD}")
    print(f"Chứng thư số gốc: {settings.effective_signing_roots / ROOT_FILE}")
    print("Nếu sản phẩm đang chạy, hãy dừng rồi chạy lại để đọc chứng thư số gốc mới.")
    print("Tiếp theo: hiendien dev seed")


@dev.command("revoke")
def revoke(short: Annotated[str, typer.Argument(help="an, binh hoặc chi.", metavar="TÊN")]) -> None:
    """Thu hồi chứng thư số thử nghiệm của một người: từ lúc đó chữ ký của người ấy bị từ chối."""
    settings = read_settings()
    with plainly_signing(settings):
        authority = _authority(settings)
        authority.renew_lists(now=SystemClock().now(), revoked=short)
        install(settings, authority)
    print(f"Đã thu hồi chứng thư số của {short}. Danh sách mới có hiệu lực với chữ ký tiếp theo.")


@dev.command("seed")
def seed() -> None:
    """Lập một tỉnh thử nghiệm: hai quản trị viên, một cán bộ, và hai việc đang chờ ký duyệt."""
    settings = read_settings()
    with plainly_signing(settings):
        authority, now = _authority(settings), SystemClock().now()
        signers = {person.short: read_softcert(authority.softcert(person.short), PASSWORD) for person in PEOPLE}
        lists = [der for _, der in authority.lists()]
        office = open_office(settings, revocation=GivenLists(lists))
        if not read_roots(settings.effective_signing_roots).roots:
            refuse("chưa có chứng thư số gốc. Hãy chạy `hiendien dev ca` trước.")
        asyncio.run(make_database(settings))
        seeded = in_one_transaction(settings, lambda connection: _seed(connection, office, signers, now=now))
    server = settings.outside_url
    print("Mã truy cập, chỉ hiện lần này, dùng trong 30 ngày:")
    for short, token in seeded.tokens:
        print(f"  {short}: {token}")
    print()
    print("Hai việc đang chờ ký duyệt. Khi sản phẩm đang chạy (make run), gõ từng lệnh, dán mã truy cập của người ký,")
    print(f"xem nội dung, gõ CÓ rồi nhập mật khẩu {PASSWORD}:")
    print()
    print("1. Chứng thư số của Chi (cần một chữ ký):")
    print(f"  {_sign_command(server, 'enrolments', seeded.enrolment, authority.directory / 'an.p12')}")
    print("2. Cho Chi làm quản trị viên (cần hai chữ ký của hai người):")
    for short in ("an", "binh"):
        print(f"  {_sign_command(server, 'grants', seeded.grant, authority.directory / f'{short}.p12')}")
    print()
    print("Bằng chứng để người ngoài tự kiểm tra (dán mã truy cập của An):")
    print(f"  curl -H 'Authorization: Bearer MÃ' -o evidence.zip {server}/api/v1/grants/{seeded.grant}/evidence")
    print(f"  hiendien verify evidence.zip --roots {settings.effective_signing_roots / ROOT_FILE}")


@dataclass(frozen=True, slots=True)
class _Seeded:
    tokens: Sequence[tuple[str, str]]
    enrolment: str
    grant: str


def _authority(settings: Settings) -> Demonstration:
    return Demonstration(settings.var_dir / "dev-ca")


async def _seed(connection: AsyncConnection, office: Office, signers: dict[str, Softcert], *, now: datetime) -> _Seeded:
    """Enrol An and Bình together, and have Chi's certificate and a grant to her wait for them."""
    founders = ((_full_name(short), signers[short]) for short in ("an", "binh"))
    an, binh = await found(connection, office, *founders, now=now)
    chi = await accounts.add(connection, office.log, name=_full_name("chi"), by=BY, now=now)
    enrolment = await enrolments.propose(connection, office.log, staff_id=chi, certificate=der(signers["chi"]), now=now)
    chi_signs = (chi, signers["chi"])
    await sign_off(
        connection, office, kind="enrolments", subject_id=enrolment.id, by=chi_signs, purpose=Purpose.PROVE, now=now
    )
    grant = await grants.propose(
        connection,
        office.log,
        by=an,
        person=chi,
        action="give",
        roles=(Role.ADMIN,),
        areas=(),
        not_before=now.replace(microsecond=0),
        not_after=now.replace(microsecond=0) + GRANT_LASTS,
        now=now,
    )
    ids = (("an", an), ("binh", binh), ("chi", chi))
    tokens = [(short, await give_token(connection, office, staff_id, now=now)) for short, staff_id in ids]
    return _Seeded(tokens, enrolment.id, grant.id)


def _full_name(short: str) -> str:
    return next(person.name for person in PEOPLE if person.short == short)


def _sign_command(server: str, kind: str, subject: str, softcert: Path) -> str:
    return f"hiendien sign --server {server} --kind {kind} --subject {subject} --p12 {softcert}"
