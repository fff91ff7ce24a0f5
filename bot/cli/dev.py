"""Trying signatures out on one machine: a demonstration authority, and a province with something that waits."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.approving import GivenLists, open_office, read_roots
from bot.cli.database import named_database_failures
from bot.cli.demonstration import PASSWORD, PEOPLE, Demonstration, write_privately
from bot.cli.plain import read_settings, refuse
from bot.cli.signing_problems import plainly_signing
from bot.cli.transactions import in_one_transaction
from bot.core.approvals import bootstrap as sitting
from bot.core.approvals.bootstrap import Founder, SignedPaper
from bot.core.approvals.ports import Office
from bot.core.approvals.service import Purpose, examine, issue_challenge, record
from bot.core.clock import SystemClock
from bot.core.db import Database, sqlite_file
from bot.core.signatures import facts_of, verify
from bot.core.staff import accounts, enrolments, grants
from bot.core.staff.roles import Role
from bot.core.staff.tokens import Scope
from bot.migrations import migrate
from bot.settings import Settings
from bot.signing.keys import sign_detached
from bot.signing.softcert import Softcert, read_softcert

BY = "machine"
TOKENS_LAST = timedelta(days=30)
GRANT_LASTS = timedelta(days=365)

dev = typer.Typer(help="Dùng thử chữ ký số trên một máy; không có khi chạy thật.", no_args_is_help=True)


@dev.callback()
def only_where_nothing_is_real() -> None:
    """Dùng thử chữ ký số trên một máy; không có khi chạy thật."""
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
            _install(settings, authority)
            print(f"Đã làm mới danh sách thu hồi trong {settings.effective_crl_dir}, dùng được 30 ngày.")
            return
        authority.make(now=now)
        _install(settings, authority)
    print(f"Đã lập đơn vị cấp thử nghiệm trong {authority.directory}:")
    for person in PEOPLE:
        print(f"  {person.short}.p12  {person.name}, khóa {'RSA-2048' if person.is_rsa else 'P-256'}")
    print(f"Mật khẩu của các tệp .p12: {PASSWORD}")
    print(f"Chứng thư số gốc: {settings.effective_signing_roots / _ROOT_FILE}")
    print("Nếu sản phẩm đang chạy, hãy dừng rồi chạy lại để đọc chứng thư số gốc mới.")
    print("Tiếp theo: hiendien dev seed")


@dev.command("revoke")
def revoke(short: Annotated[str, typer.Argument(help="an, binh hoặc chi.", metavar="TÊN")]) -> None:
    """Thu hồi chứng thư số thử nghiệm của một người: từ lúc đó chữ ký của người ấy bị từ chối."""
    settings = read_settings()
    with plainly_signing(settings):
        authority = _authority(settings)
        authority.renew_lists(now=SystemClock().now(), revoked=short)
        _install(settings, authority)
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
        asyncio.run(_migrate(settings))
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
    print(f"  hiendien verify evidence.zip --roots {settings.effective_signing_roots / _ROOT_FILE}")


_ROOT_FILE = "dev-root.pem"


@dataclass(frozen=True, slots=True)
class _Seeded:
    tokens: Sequence[tuple[str, str]]
    enrolment: str
    grant: str


def _authority(settings: Settings) -> Demonstration:
    return Demonstration(settings.var_dir / "dev-ca")


def _install(settings: Settings, authority: Demonstration) -> None:
    """Put the root where roots are read, and the lists where lists are."""
    roots, lists = settings.effective_signing_roots, settings.effective_crl_dir
    if roots.is_file():
        refuse(f"HIENDIEN_SIGNING_ROOTS là tệp {roots}. Hãy bỏ thiết lập đó để dùng thử.")
    for directory in (roots, lists):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_privately(roots / _ROOT_FILE, authority.root())
    for name, der in authority.lists():
        write_privately(lists / f"dev-{name}", der)


async def _migrate(settings: Settings) -> None:
    """Make the database where there is none yet: whoever tries signatures out need not have run the product before."""
    file = sqlite_file(settings.effective_database_url)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    database = Database(settings.effective_database_url)
    try:
        with named_database_failures(settings.effective_database_url):
            await migrate(database)
    finally:
        await database.close()


async def _seed(connection: AsyncConnection, office: Office, signers: dict[str, Softcert], *, now: datetime) -> _Seeded:
    """Enrol An and Bình together, and have Chi's certificate and a grant to her wait for them."""
    an, binh = (_founder(short, signers) for short in ("an", "binh"))
    by_id = {an.staff_id: signers["an"], binh.staff_id: signers["binh"]}
    papers = await sitting.open_sitting(connection, office, an, binh, now=now)
    signed = [
        SignedPaper(paper.statement, sign_detached(paper.statement, by_id[paper.signer.staff_id])) for paper in papers
    ]
    await sitting.close_sitting(connection, office, (an, binh), signed, now=now)
    chi = await accounts.add(connection, office.log, name=_full_name("chi"), by=BY, now=now)
    enrolment = await enrolments.propose(
        connection, office.log, staff_id=chi, certificate=_der(signers["chi"]), now=now
    )
    await _prove(connection, office, enrolment.id, chi, signers["chi"], now=now)
    grant = await grants.propose(
        connection,
        office.log,
        by=an.staff_id,
        person=chi,
        action="give",
        roles=(Role.ADMIN,),
        areas=(),
        not_before=now.replace(microsecond=0),
        not_after=now.replace(microsecond=0) + GRANT_LASTS,
        now=now,
    )
    tokens = []
    for short, staff_id in (("an", an.staff_id), ("binh", binh.staff_id), ("chi", chi)):
        token, _ = await accounts.issue_token(
            connection, office.log, staff_id=staff_id, scopes=tuple(Scope), lasts=TOKENS_LAST, by=BY, now=now
        )
        tokens.append((short, token.text))
    return _Seeded(tokens, enrolment.id, grant.id)


async def _prove(
    connection: AsyncConnection, office: Office, enrolment_id: str, staff_id: str, signer: Softcert, *, now: datetime
) -> None:
    """Show that the holder has the key, as they would themselves."""
    challenge = await issue_challenge(
        connection,
        office,
        kind="enrolments",
        subject_id=enrolment_id,
        staff_id=staff_id,
        purpose=Purpose.PROVE,
        now=now,
    )
    examined = await examine(
        connection,
        office,
        kind="enrolments",
        subject_id=enrolment_id,
        jti=challenge.jti,
        staff_id=staff_id,
        now=now,
    )
    verified = verify(
        sign_detached(challenge.statement, signer),
        challenge.statement,
        trust=examined.trust,
        revocation=office.revocation,
        at=now,
        policy=office.signatures,
    )
    await record(connection, office, examined, verified, now=now)


def _founder(short: str, signers: dict[str, Softcert]) -> Founder:
    return Founder.of(_full_name(short), _der(signers[short]))


def _der(signer: Softcert) -> bytes:
    return facts_of(signer.certificate).der


def _full_name(short: str) -> str:
    return next(person.name for person in PEOPLE if person.short == short)


def _sign_command(server: str, kind: str, subject: str, softcert: Path) -> str:
    return f"hiendien sign --server {server} --kind {kind} --subject {subject} --p12 {softcert}"
