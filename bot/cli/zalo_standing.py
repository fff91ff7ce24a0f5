"""How Zalo stands, for `hiendien check`: what is set, whether messages may go, and when somebody was last heard."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.channel_tokens import service as channel_tokens
from bot.core.channel_tokens.service import KeptPair
from bot.core.clock import SystemClock, on_local_clocks
from bot.core.conversations import windows
from bot.core.db import Database
from bot.core.vault import SealBrokenError, Vault
from bot.gateway.zalo import CHANNEL
from bot.gateway.zalo.tokens import token_name
from bot.settings import Settings
from bot.wiring import master_secrets

LONG_SILENCE = timedelta(days=3)


async def zalo_standing(settings: Settings) -> tuple[bool, str]:
    """Tell whether Zalo is well, in one sentence that says what to do."""
    if settings.zalo_oa_secret is None:
        return False, "chưa có HIENDIEN_ZALO_OA_SECRET nên chưa nhận tin. Lấy ở mục webhook trên developers.zalo.me."
    if settings.zalo_oa_secret == settings.zalo_app_secret:
        return False, (
            "HIENDIEN_ZALO_OA_SECRET đang là khóa của ứng dụng nên mọi tin bị từ chối. "
            "Hãy lấy khóa của OA ở mục webhook trên developers.zalo.me."
        )
    vault = Vault([key.get_secret_value() for key in master_secrets(settings)])
    database = Database(settings.effective_database_url)
    try:
        async with database.reading() as connection:
            kept = await channel_tokens.find(connection, vault, token_name(settings.zalo_app_id or ""))
            heard_at = await windows.find_newest_interaction(connection, channel=CHANNEL)
    except SealBrokenError:
        return False, "không mở được mã truy cập đã lưu. Hãy chạy `hiendien zalo authorize`."
    finally:
        await database.close()
    is_well, sentence = _of_pair(settings, kept)
    return is_well, f"{sentence} {_of_silence(heard_at)}" if is_well else sentence


def _of_pair(settings: Settings, kept: KeptPair | None) -> tuple[bool, str]:
    if kept is None and settings.zalo_refresh_token is not None:
        return True, "sẽ lấy mã truy cập khi gửi tin đầu tiên."
    if kept is None:
        return False, "chưa được phép gửi tin. Hãy chạy `hiendien zalo authorize`."
    if kept.dead_since is not None:
        since = on_local_clocks(kept.dead_since)
        if kept.is_uncertain:
            return False, (
                f"máy dừng đúng lúc đổi mã truy cập nên mã mới bị mất, từ {since:%H:%M ngày %d/%m/%Y}. "
                "Hãy chạy `hiendien zalo authorize`."
            )
        return False, f"Zalo từ chối mã truy cập từ {since:%H:%M ngày %d/%m/%Y}. Hãy chạy `hiendien zalo authorize`."
    if kept.is_uncertain:
        return False, (
            "máy dừng giữa lúc đổi mã truy cập. Khi gửi tin tiếp theo sẽ thử lại bằng mã cũ một lần; "
            "nếu dòng này còn, hãy chạy `hiendien zalo authorize`."
        )
    if kept.account and settings.zalo_oa_id not in {None, kept.account}:
        return False, (
            f"mã truy cập là của OA {kept.account}, còn HIENDIEN_ZALO_OA_ID là {settings.zalo_oa_id}. "
            "Hãy sửa thiết lập, hoặc chạy `hiendien zalo authorize` và chọn đúng OA."
        )
    return True, f"mã truy cập còn dùng được đến {on_local_clocks(kept.expires_at):%H:%M ngày %d/%m/%Y}."


def _of_silence(heard_at: datetime | None) -> str:
    """Return when somebody was last heard: Zalo switches a webhook off that failed too often, and does not tell."""
    if heard_at is None:
        return "Chưa nhận được tin nào."
    told = f"Lần cuối có người nhắn: {on_local_clocks(heard_at):%H:%M ngày %d/%m/%Y}."
    if SystemClock().now() - heard_at < LONG_SILENCE:
        return told
    return f"{told} Nếu lâu bất thường, hãy xem webhook còn bật không trên developers.zalo.me."
