"""Registrars from the command line: who takes part, their tokens, and the endpoints of their own."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.approving import open_log
from bot.cli.plain import plainly, read_settings, refuse
from bot.cli.transactions import in_one_transaction
from bot.core.clock import LOCAL_ZONE, SystemClock
from bot.core.programme import load_programme
from bot.core.programme.points import Registrar
from bot.core.registrars import endpoints, tokens
from bot.core.registrars.tokens import KeptToken, RegistrarScope, RegistrarTokenUnknownError
from bot.core.vault import Vault
from bot.registrar_webhooks.posting import EndpointRefusedError, open_poster
from bot.settings import Settings
from bot.wiring import master_secrets

BY = "machine"
"""Who did it, in the audit log: whoever works on this machine."""

_PROBLEMS = {
    "not-an-address": "không phải địa chỉ của một máy chủ web",
    "fragment": "không được có dấu #",
    "not-https": "phải bắt đầu bằng https://",
    "no-address": "tên máy chủ không có địa chỉ nào",
    "private-address": "dẫn vào mạng nội bộ hoặc chính máy này, nên không được dùng",
}
_NAMED_SCOPES = {RegistrarScope.READ: "xem", RegistrarScope.REPORT: "báo tình trạng"}

Key = Annotated[str, typer.Argument(help="Tên miền trang của nhà đăng ký, như tenten.vn.", metavar="NHÀ_ĐĂNG_KÝ")]

registrars = typer.Typer(
    help="Nhà đăng ký: mã truy cập để nhận yêu cầu, hoặc địa chỉ nhận riêng của họ.", no_args_is_help=True
)


@registrars.command("list")
def list_registrars() -> None:
    """Liệt kê nhà đăng ký, sản phẩm họ tham gia, mã truy cập và địa chỉ nhận."""
    settings = read_settings()
    with plainly():
        known = load_programme(settings.content_dir).registrars
        given, addresses = in_one_transaction(settings, _connected, writes=False)
    now = SystemClock().now()
    by_registrar: defaultdict[str, list[KeptToken]] = defaultdict(list)
    for token in given:
        by_registrar[token.registrar].append(token)
    console = Console(highlight=False, soft_wrap=True, markup=False)
    for registrar in known:
        products = " ".join(registrar.participation.products) if registrar.participation else "chưa rõ có tham gia"
        console.print(f"{registrar.key}  {registrar.brand}  ({products})")
        if registrar.key in addresses:
            console.print(f"    nhận tại {addresses[registrar.key]}")
        for token in by_registrar[registrar.key]:
            console.print(f"    mã {token.prefix}…  {_scopes_of(token)}  {_standing(token, now)}")


@registrars.command("token")
def token(
    key: Key,
    scopes: Annotated[
        list[RegistrarScope] | None, typer.Option("--scope", help="Mã dùng để làm gì; không nêu thì cả hai.")
    ] = None,
    days: Annotated[int, typer.Option(help="Số ngày dùng được.", min=1, max=366)] = 180,
) -> None:
    """Cấp mã truy cập cho một nhà đăng ký; mã chỉ hiện một lần."""
    settings = read_settings()
    with plainly():
        registrar = _known(settings, key)
        log, now = open_log(settings), SystemClock().now()
        made, kept = in_one_transaction(
            settings,
            lambda connection: tokens.issue(
                connection,
                log,
                registrar=registrar.key,
                scopes=scopes or tuple(RegistrarScope),
                lasts=timedelta(days=days),
                by=BY,
                now=now,
            ),
        )
    ends = kept.expires_at.astimezone(LOCAL_ZONE)
    print(f"Mã truy cập của {registrar.key}, chỉ hiện lần này, dùng đến {ends:%d/%m/%Y %H:%M}:")
    print(made)


@registrars.command("revoke")
def revoke(prefix: Annotated[str, typer.Argument(help="12 ký tự đầu của mã.", metavar="ĐẦU_MÃ")]) -> None:
    """Hủy ngay một mã truy cập."""
    settings = read_settings()
    with plainly():
        log, now = open_log(settings), SystemClock().now()
        try:
            owner = in_one_transaction(
                settings, lambda connection: tokens.revoke(connection, log, prefix, by=BY, now=now)
            )
        except RegistrarTokenUnknownError:
            refuse("không có mã nào còn dùng được bắt đầu như vậy. Hãy xem các mã bằng `hiendien registrars list`.")
    print(f"Đã hủy mã {prefix}… của {owner}.")


@registrars.command("endpoint")
def endpoint(
    key: Key,
    url: Annotated[str, typer.Argument(help="Địa chỉ https:// nhận yêu cầu.", metavar="ĐỊA_CHỈ")] = "",
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Bỏ địa chỉ đang có.")] = False,
) -> None:
    """Đặt địa chỉ nhận riêng của một nhà đăng ký; khóa ký chỉ hiện một lần, và thay khóa cũ nếu có."""
    settings = read_settings()
    with plainly():
        registrar = _known(settings, key)
        log, now = open_log(settings), SystemClock().now()
        if remove:
            had_one = in_one_transaction(
                settings,
                lambda connection: endpoints.remove(connection, log, registrar=registrar.key, by=BY, now=now),
            )
            print(f"Đã bỏ địa chỉ nhận của {registrar.key}." if had_one else f"{registrar.key} chưa có địa chỉ nhận.")
            return
        if not url:
            refuse("thiếu địa chỉ nhận. Hãy ghi địa chỉ https:// của nhà đăng ký, hoặc --remove để bỏ.")
        try:
            asyncio.run(_check(settings, url))
        except EndpointRefusedError as error:
            refuse(f"địa chỉ nhận {_PROBLEMS[error.problem]}. Hãy hỏi lại nhà đăng ký.")
        vault = Vault([secret.get_secret_value() for secret in master_secrets(settings)])
        made = in_one_transaction(
            settings,
            lambda connection: endpoints.set_up(
                connection, vault, log, registrar=registrar.key, url=url, by=BY, now=now
            ),
        )
    print(f"{registrar.key} nhận tại {url}. Khóa ký, chỉ hiện lần này:")
    print(made)


def _known(settings: Settings, key: str) -> Registrar:
    """Return the registrar of that key; refuse where content has none."""
    known = load_programme(settings.content_dir).registrars
    found = next((registrar for registrar in known if registrar.key == key.strip().lower()), None)
    if found is None:
        refuse(f"không có nhà đăng ký này. Các nhà đăng ký: {', '.join(registrar.key for registrar in known)}.")
    return found


async def _check(settings: Settings, url: str) -> None:
    async with open_poster(loopback=settings.registrar_loopback) as poster:
        await poster.check(url)


async def _connected(connection: AsyncConnection) -> tuple[Sequence[KeptToken], dict[str, str]]:
    return await tokens.list_all(connection), dict(await endpoints.list_addresses(connection))


def _scopes_of(token: KeptToken) -> str:
    return ", ".join(_NAMED_SCOPES[RegistrarScope(scope)] for scope in token.scopes.split())


def _standing(token: KeptToken, now: datetime) -> str:
    if token.revoked_at is not None:
        return "đã hủy"
    ends = token.expires_at.astimezone(LOCAL_ZONE)
    return f"{'đã hết hạn' if token.expires_at <= now else 'dùng đến'} {ends:%d/%m/%Y}"
