"""Says what is wrong with this installation, and how to mend it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import typer
from rich.console import Console
from rich.text import Text

from bot.approving import check_log, find_log_signer, open_log, open_office
from bot.cli.database import named_database_failures
from bot.cli.plain import read_settings
from bot.cli.sentences import sentence_for
from bot.cli.texts import check_texts
from bot.cli.zalo_standing import zalo_standing
from bot.core.clock import LOCAL_ZONE, SystemClock
from bot.core.db import Database, sqlite_file
from bot.core.deliveries.errors import ChannelClosedError, SendError
from bot.core.guides import load_guides
from bot.core.programme import ContentError, load_programme
from bot.core.text import nfc
from bot.gateway.telegram.client import ask_username, open_client
from bot.migrations import is_current
from bot.nlu_server.model import model_path, nlu_python
from bot.rasa_client import RasaAssistant
from bot.revocation.hosts import open_hosts
from bot.revocation.standing import ALARMS, Ending, Kind, Standing, survey
from bot.settings import Settings, names_without_effect

NOT_YET = "chưa kiểm được. Hãy chạy `make run` một lần."
SHOWN_PATHS = 3
OPEN_TO_OTHERS = 0o077


_OF: Mapping[Kind, str] = {
    "staff": "chứng thư số của tài khoản",
    "authority": "chứng thư số của đơn vị cấp",
    "root": "chứng thư số gốc",
    "log": "chứng thư số ký nhật ký",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """How one part stands: well or not, in one sentence that says what to do."""

    part: str
    is_well: bool
    sentence: str


def check() -> None:
    """Kiểm tra thiết lập, cơ sở dữ liệu, phần hiểu tiếng Việt và nội dung; nói rõ chỗ sai và cách sửa."""
    findings = asyncio.run(_findings(read_settings()))
    console = Console(highlight=False)
    for finding in findings:
        mark, style = ("✓", "green") if finding.is_well else ("✗", "red")
        sentence = Text(f" {finding.part}: {nfc(finding.sentence)}")
        console.print(Text(mark, style=style) + sentence, soft_wrap=True)
    if not all(finding.is_well for finding in findings):
        raise typer.Exit(1)


async def _findings(settings: Settings) -> list[Finding]:
    probes: list[tuple[str, Callable[[Settings], Awaitable[tuple[bool, str]]]]] = [
        ("Thiết lập", _settings),
        ("Nội dung", _content),
        ("Mẫu câu", _texts),
        ("Cơ sở dữ liệu", _database),
        ("Nhật ký kiểm tra", _audit_log),
        ("Dữ liệu thu hồi", _revocation),
        ("Hạn chứng thư số", _certificate_ends),
        ("Quyền tệp", _file_modes),
    ]
    if settings.supervises_nlu:
        probes.append(("Mô hình NLU", _model))
    probes.append(("Máy chủ NLU", _nlu_server))
    if settings.telegram_token is not None:
        probes.append(("Telegram", _telegram))
    if settings.zalo_app_id is not None:
        probes.append(("Zalo", zalo_standing))
    findings = []
    for part, probe in probes:
        try:
            is_well, sentence = await probe(settings)
        except Exception as error:  # noqa: BLE001 - a check reports every failure instead of ending with it
            is_well, sentence = False, sentence_for(error) or f"lỗi chưa rõ ({type(error).__name__})."
        findings.append(Finding(part, is_well, sentence))
    return findings


async def _settings(settings: Settings) -> tuple[bool, str]:
    unknown = names_without_effect()
    if unknown:
        return False, f"không có thiết lập nào tên {', '.join(unknown)}. Hãy sửa tên hoặc bỏ đi."
    return True, f"môi trường {settings.environment}, địa chỉ {settings.address}"


async def _content(settings: Settings) -> tuple[bool, str]:
    programme = load_programme(settings.content_dir)
    load_guides(settings.content_dir)
    return True, f"đọc được, đơn vị vận hành: {programme.operator.name}"


async def _texts(settings: Settings) -> tuple[bool, str]:
    try:
        programme = load_programme(settings.content_dir)
    except ContentError:
        return False, "chưa kiểm được. Hãy sửa nội dung trước."
    count = check_texts(settings.templates_dir, programme, load_guides(settings.content_dir))
    return True, f"{count} câu mẫu, các nút và trang chat đều hiện được"


async def _database(settings: Settings) -> tuple[bool, str]:
    url = settings.effective_database_url
    file = sqlite_file(url)
    if file is not None and not file.exists():
        return False, "chưa có cơ sở dữ liệu. Hãy chạy `make run` một lần để tạo."
    database = Database(url)
    try:
        with named_database_failures(url):
            if await is_current(database):
                return True, "mở được, đúng phiên bản"
        return False, "chưa đúng phiên bản. Hãy chạy `make run` để cập nhật."
    finally:
        await database.close()


async def _audit_log(settings: Settings) -> tuple[bool, str]:
    url = settings.effective_database_url
    file = sqlite_file(url)
    database = Database(url)
    try:
        with named_database_failures(url):
            if (file is not None and not file.exists()) or not await is_current(database):
                return False, NOT_YET
            head = await check_log(open_log(settings), database)
    finally:
        await database.close()
    return True, f"{head.size} dòng, nguyên vẹn"


async def _revocation(settings: Settings) -> tuple[bool, str]:
    standing = await _standing(settings)
    if standing is None:
        return False, NOT_YET
    if not standing.authorities:
        return True, "chưa cần, vì chưa có ai đăng ký chứng thư số"
    blind = standing.blind()
    if not blind:
        return True, f"còn hạn cho {len(standing.authorities)} đơn vị cấp chứng thư số"
    return False, (
        f"không có danh sách thu hồi còn hạn của {', '.join(one.name for one in blind)}, nên chữ ký bị từ chối. "
        "Hãy đặt HIENDIEN_CRL_URLS hoặc HIENDIEN_REVOCATION_HOSTS rồi chạy lại sản phẩm, "
        "hoặc tải danh sách về và chạy `hiendien crl add TỆP`."
    )


async def _certificate_ends(settings: Settings) -> tuple[bool, str]:
    standing, now = await _standing(settings), SystemClock().now()
    if standing is None:
        return False, NOT_YET
    alarms = standing.alarms(now)
    if not alarms:
        return True, f"{len(standing.endings)} chứng thư số, đều còn hơn {ALARMS[0].days} ngày"
    told = "; ".join(_told(ending, now) for ending in alarms)
    return False, f"{told}. Hãy đăng ký hoặc cài chứng thư số mới trước ngày đó."


async def _standing(settings: Settings) -> Standing | None:
    """Return how the certificates stand; None where there is no database to ask."""
    url = settings.effective_database_url
    file = sqlite_file(url)
    database = Database(url)
    try:
        with named_database_failures(url):
            if (file is not None and not file.exists()) or not await is_current(database):
                return None
            office = open_office(settings)
            signer = find_log_signer(settings, office.roots)
            async with database.reading() as connection:
                return await survey(
                    connection,
                    office,
                    hosts=open_hosts(settings),
                    log_certificates=signer.certificates() if signer is not None else (),
                    now=SystemClock().now(),
                )
    finally:
        await database.close()


def _told(ending: Ending, now: datetime) -> str:
    whose = f"{_OF[ending.kind]} {ending.holder}"
    day = f"{ending.ends_at.astimezone(LOCAL_ZONE):%d/%m/%Y}"
    if ending.ends_at <= now:
        return f"{whose} đã hết hạn ngày {day}"
    return f"{whose} còn {(ending.ends_at - now) // timedelta(days=1)} ngày (đến {day})"


async def _file_modes(settings: Settings) -> tuple[bool, str]:
    loose = sorted(str(path) for path in _below(settings.var_dir) if _is_open_to_others(path))
    if not loose:
        return True, f"chỉ chủ sở hữu đọc được {settings.var_dir}"
    shown = ", ".join(loose[:SHOWN_PATHS]) + (" …" if len(loose) > SHOWN_PATHS else "")
    return False, f"người khác trên máy mở được {shown}. Hãy chạy `chmod -R go= {settings.var_dir}`."


def _below(directory: Path) -> Iterator[Path]:
    """Yield a directory and what is in it, without what links lead to."""
    for parent, _, files in os.walk(directory):
        yield Path(parent)
        yield from (path for name in files if not (path := Path(parent, name)).is_symlink())


def _is_open_to_others(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & OPEN_TO_OTHERS)
    except FileNotFoundError:
        return False  # a running product removes files of its own


async def _model(settings: Settings) -> tuple[bool, str]:
    nlu_python(settings)
    path = model_path(settings)
    if path.exists():
        return True, f"đã huấn luyện ({path.name})"
    return False, "chưa huấn luyện với dữ liệu hiện tại. Hãy chạy `hiendien nlu --train-only`."


async def _nlu_server(settings: Settings) -> tuple[bool, str]:
    url = settings.effective_nlu_url
    assistant = RasaAssistant(url, secret=settings.nlu_secret.get_secret_value() if settings.nlu_secret else None)
    try:
        is_ready = await assistant.is_ready()
    finally:
        await assistant.close()
    if is_ready:
        return True, f"sẵn sàng ở {url}"
    if settings.supervises_nlu:
        return False, f"chưa sẵn sàng ở {url}. Hãy chạy `make run` và chờ khoảng nửa phút."
    return False, f"chưa sẵn sàng ở {url}. Hãy kiểm tra máy chủ đó, HIENDIEN_NLU_URL và HIENDIEN_NLU_SECRET."


async def _telegram(settings: Settings) -> tuple[bool, str]:
    async with open_client(settings) as client:
        try:
            username = await ask_username(client)
        except ChannelClosedError:
            return False, "Telegram không nhận mã của bot. Hãy kiểm tra HIENDIEN_TELEGRAM_TOKEN."
        except SendError:
            return False, "không gọi được Telegram. Hãy kiểm tra mạng, hoặc đặt HIENDIEN_TELEGRAM_PROXY."
    way = "hỏi tin mới liên tục" if settings.polls_telegram else "Telegram tự gọi tới (webhook)"
    return True, f"bot @{username} dùng được, {way}"
