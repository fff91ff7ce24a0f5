"""Zalo's permission, which only a person can give."""

from __future__ import annotations

import asyncio

import typer

from bot.cli.database import named_database_failures
from bot.cli.plain import plainly, read_settings
from bot.core.clock import SystemClock
from bot.core.db import Database
from bot.core.deliveries.errors import SendError
from bot.core.vault import Vault
from bot.gateway.zalo.authorising import Permission, ZaloOffError
from bot.gateway.zalo.client import RefreshRefusedError, open_zalo_client
from bot.gateway.zalo.tokens import ZaloTokens
from bot.migrations import migrate
from bot.settings import Settings
from bot.wiring import master_secrets

CALLBACK = "/zalo/callback"

zalo = typer.Typer(help="Zalo: cho phép ứng dụng gửi tin thay Official Account.", no_args_is_help=True)


@zalo.callback()
def nothing_by_itself() -> None:
    """Zalo: cho phép ứng dụng gửi tin thay Official Account."""


@zalo.command("authorize")
def authorize() -> None:
    """Xin quyền gửi tin: quản trị viên của Official Account bấm đồng ý, rồi dán lại địa chỉ mà trình duyệt mở ra."""
    with plainly():
        settings = read_settings()
        if settings.zalo_app_id is None:
            raise ZaloOffError
        asked = Permission.ask()
        back = settings.outside_url + CALLBACK
        print("1. Trên developers.zalo.me, đặt địa chỉ gọi lại (callback) của ứng dụng thành:")
        print(f"   {back}")
        print("2. Quản trị viên của Official Account mở địa chỉ này, chọn đúng OA và bấm đồng ý:")
        print(
            "   "
            + asked.address(
                oauth_url=str(settings.zalo_oauth_url).rstrip("/"), app_id=settings.zalo_app_id, redirect_uri=back
            )
        )
        print("3. Trình duyệt mở một trang bắt đầu bằng địa chỉ ở bước 1 (trang báo không có cũng được).")
        code = asked.read_answer(typer.prompt("   Dán cả địa chỉ của trang đó vào đây", hide_input=True))
        asyncio.run(_keep(settings, code, asked.verifier))
    print("Đã được phép. Tin đang chờ sẽ được gửi trong vài phút; không cần khởi động lại.")


async def _keep(settings: Settings, code: str, verifier: str) -> None:
    database = Database(settings.effective_database_url)
    vault = Vault([key.get_secret_value() for key in master_secrets(settings)])
    try:
        with named_database_failures(settings.effective_database_url):
            await migrate(database)
            async with open_zalo_client(settings) as client:
                try:
                    pair = await client.exchange_code(code, verifier)
                except RefreshRefusedError:
                    raise
                except SendError as error:
                    raise RefreshRefusedError(told=0) from error
                await ZaloTokens(database, vault, SystemClock(), client).keep_authorised(pair)
    finally:
        await database.close()
