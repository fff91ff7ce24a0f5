"""Says what is wrong with this installation, and how to mend it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx
import typer
from rich.console import Console

from bot.cli.plain import read_settings, sentence_for
from bot.core.db import Database, sqlite_file
from bot.core.programme import load_programme
from bot.core.rendering import Renderer
from bot.core.text import nfc
from bot.migrations import is_current
from bot.nlu_server.model import model_path, nlu_python
from bot.settings import Settings

PROBE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Finding:
    """How one part stands: well or not, in one sentence that says what to do."""

    part: str
    is_well: bool
    sentence: str


def check() -> None:
    """Kiểm tra thiết lập, cơ sở dữ liệu, phần hiểu tiếng Việt và nội dung; nói rõ chỗ sai và cách sửa."""
    settings = read_settings()
    findings = [Finding("Thiết lập", True, f"môi trường {settings.environment}, địa chỉ {settings.address}")]
    findings += asyncio.run(_findings(settings))
    console = Console(highlight=False)
    for finding in findings:
        mark, style = ("✓", "green") if finding.is_well else ("✗", "red")
        console.print(f"[{style}]{mark}[/{style}] {finding.part}: {nfc(finding.sentence)}", markup=True, soft_wrap=True)
    if not all(finding.is_well for finding in findings):
        raise typer.Exit(1)


async def _findings(settings: Settings) -> list[Finding]:
    probes: tuple[tuple[str, Callable[[Settings], Awaitable[tuple[bool, str]]]], ...] = (
        ("Nội dung", _content),
        ("Mẫu câu", _templates),
        ("Cơ sở dữ liệu", _database),
        ("Mô hình NLU", _model),
        ("Máy chủ NLU", _nlu_server),
    )
    findings = []
    for part, probe in probes:
        try:
            is_well, sentence = await probe(settings)
        except Exception as error:  # noqa: BLE001 - a check reports every failure instead of ending with it
            is_well, sentence = False, sentence_for(error) or f"lỗi {type(error).__name__}"
        findings.append(Finding(part, is_well, sentence))
    return findings


async def _content(settings: Settings) -> tuple[bool, str]:
    programme = load_programme(settings.content_dir)
    return True, f"đọc được, đơn vị vận hành: {programme.operator.name}"


async def _templates(settings: Settings) -> tuple[bool, str]:
    renderer = Renderer(settings.templates_dir)
    count = 0
    for template, samples in renderer.samples().items():
        for facts in samples:
            renderer.render(template, channel="web", facts=facts)
            count += 1
    return True, f"{count} câu mẫu đều hiện được"


async def _database(settings: Settings) -> tuple[bool, str]:
    file = sqlite_file(settings.effective_database_url)
    if file is not None and not file.exists():
        return False, "chưa có cơ sở dữ liệu. Hãy chạy `make run` một lần để tạo."
    database = Database(settings.effective_database_url)
    try:
        if await is_current(database):
            return True, "mở được, đúng phiên bản"
        return False, "chưa đúng phiên bản. Hãy chạy `make run` để cập nhật."
    finally:
        await database.close()


async def _model(settings: Settings) -> tuple[bool, str]:
    nlu_python(settings)
    path = model_path(settings)
    if path.exists():
        return True, f"đã huấn luyện ({path.name})"
    return False, "chưa huấn luyện với dữ liệu hiện tại. Hãy chạy `hiendien nlu --train-only`."


async def _nlu_server(settings: Settings) -> tuple[bool, str]:
    url = settings.effective_nlu_url
    try:
        async with httpx.AsyncClient(timeout=PROBE_SECONDS, trust_env=False) as client:
            response = await client.get(url)
    except httpx.HTTPError:
        return False, f"không trả lời ở {url}. Hãy chạy `make run` hoặc `hiendien nlu`."
    return response.is_success, f"{url} trả lời {response.status_code}"
