"""A chat in the terminal with the running assistant, over the same API as the page."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.text import Text

from bot.cli.plain import plainly, read_settings, refuse

TIMEOUT_SECONDS = 20.0


def chat(
    url: Annotated[str | None, typer.Option(help="Địa chỉ trợ lý; mặc định là trợ lý trên máy này.")] = None,
) -> None:
    """Trò chuyện với trợ lý đang chạy, ngay trong cửa sổ dòng lệnh (Ctrl-D để thôi)."""
    with plainly():
        address = (url or read_settings().address).rstrip("/")
        with httpx.Client(base_url=address, timeout=TIMEOUT_SECONDS, trust_env=False) as client:
            _Talk(client, Console(highlight=False)).run()


class _Talk:
    def __init__(self, client: httpx.Client, console: Console) -> None:
        self._client = client
        self._console = console
        self._conversation = secrets.token_urlsafe(16)
        self._token: str | None = None
        self._buttons: list[dict[str, str]] = []

    def run(self) -> None:
        self._console.print("Gõ câu hỏi rồi Enter. Gõ số để bấm nút. Ctrl-D để thôi.", style="dim")
        while True:
            try:
                line = self._console.input("[bold]› [/bold]").strip()
            except (EOFError, KeyboardInterrupt):
                self._console.print()
                return
            if line:
                self._show(self._send(line))

    def _send(self, line: str) -> list[dict[str, Any]]:
        body: dict[str, Any] = {"conversation_id": self._conversation, "conversation_token": self._token}
        number = int(line) if line.isascii() and line.isdigit() else 0
        if 1 <= number <= len(self._buttons):
            body["payload"] = self._buttons[number - 1]["payload"]
        else:
            body["text"] = line
        try:
            response = self._client.post("/api/v1/chat/messages", json=body)
            answer = response.json()
        except httpx.TimeoutException:
            self._console.print("Trợ lý trả lời quá lâu. Hãy gửi lại.", style="yellow")
            return []
        except (httpx.HTTPError, ValueError):
            refuse(f"không gọi được trợ lý ở {self._client.base_url}. Hãy chạy `make run` ở cửa sổ khác trước.")
        if response.is_error:
            self._console.print(
                answer.get("detail") or answer.get("title") or str(response.status_code), style="yellow"
            )
            return []
        self._token = answer.get("conversation_token") or self._token
        replies: list[dict[str, Any]] = answer["replies"]
        return replies

    def _show(self, replies: list[dict[str, Any]]) -> None:
        if replies:
            self._buttons = []
        for reply in replies:
            self._console.print()
            self._console.print(Text(reply["text"]))
            if reply["sources"]:
                cited = "; ".join(f"{source['document']} mục {source['section']}" for source in reply["sources"])
                self._console.print(Text(f"Nguồn: {cited}", style="dim"))
            for button in reply["buttons"]:
                self._buttons.append(button)
                self._console.print(Text(f"  [{len(self._buttons)}] {button['title']}", style="cyan"))
        self._console.print()
