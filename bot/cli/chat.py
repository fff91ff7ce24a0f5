"""A chat in the terminal with the running assistant, over the same API as the page."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from typing import Annotated, Any, NoReturn

import httpx
import typer
from rich.console import Console
from rich.text import Text

from bot.cli.plain import plainly, read_settings, refuse

ANSWER_SECONDS = 20.0
"""How long one sending may take; the server answers or gives up after twelve."""
ATTEMPTS = 3
"""How often a message is sent whose answer gets lost; under one id it stays one message."""
LATER_SECONDS = 60.0
"""How long the prompt stays away for an answer that comes later."""
POLL_SECONDS = 20.0
"""How long the server may hold one fetch."""

Json = dict[str, Any]


def chat(
    url: Annotated[str | None, typer.Option(help="Địa chỉ trợ lý; mặc định là trợ lý trên máy này.")] = None,
) -> None:
    """Trò chuyện với trợ lý đang chạy, ngay trong cửa sổ dòng lệnh (Ctrl-D để thôi)."""
    with plainly():
        address = (url or read_settings().address).rstrip("/")
        try:
            client = httpx.Client(base_url=address, timeout=ANSWER_SECONDS, trust_env=False)
        except httpx.InvalidURL:
            refuse(f"địa chỉ {address} viết chưa đúng. Hãy viết như http://127.0.0.1:8000.")
        with client:
            _Talk(client, Console(highlight=False)).run()


class _Talk:
    def __init__(self, client: httpx.Client, console: Console) -> None:
        self._client = client
        self._console = console
        self._conversation = uuid.uuid4().hex
        self._token: str | None = None
        self._cursor = "0"
        self._shown: set[int] = set()
        self._buttons: list[dict[str, str]] = []

    def run(self) -> None:
        self._console.print("Gõ câu hỏi rồi Enter. Gõ số để bấm nút. Ctrl-D để thôi.", style="dim")
        while True:
            try:
                line = self._console.input("[bold]› [/bold]").strip()
            except (EOFError, KeyboardInterrupt):
                self._console.print()
                return
            message = self._message(line)  # a number means a button that stands on the screen now
            if self._token is not None:
                self._show(self._fetch(seconds=0))
            if line:
                self._exchange(message)

    def _message(self, line: str) -> Json:
        # 32 characters, which nobody guesses: whoever repeats the first one is let into the conversation.
        message: Json = {"conversation_id": self._conversation, "message_id": uuid.uuid4().hex}
        number = int(line) if line.isascii() and line.isdigit() else 0
        if 1 <= number <= len(self._buttons):
            return message | {"payload": self._buttons[number - 1]["payload"]}
        return message | {"text": line}

    def _exchange(self, message: Json) -> None:
        answer = self._send(message)
        if answer is None:
            return
        if answer.get("conversation_token"):  # a new conversation, which numbers its replies from one
            self._token = answer["conversation_token"]
            self._cursor = "0"
            self._shown.clear()
        replies = self._take(answer) or self._fetch(seconds=LATER_SECONDS)
        if not replies:
            self._tell("Trợ lý chưa trả lời xong. Lát nữa bạn bấm Enter để xem câu trả lời.")
        self._show(replies)

    def _send(self, message: Json) -> Json | None:
        """Send a message until its answer arrives; None where there is none and that was told."""
        for _ in range(ATTEMPTS):
            try:
                response = self._client.post(
                    "/api/v1/chat/messages", json=message | {"conversation_token": self._token}
                )
                answer: Json = response.json()
            except (httpx.TimeoutException, httpx.ReadError, httpx.RemoteProtocolError):
                continue
            except (httpx.HTTPError, ValueError):
                self._refuse_unreachable()
            if response.is_error:
                self._tell(
                    answer.get("detail") or answer.get("title") or f"Trợ lý từ chối (mã {response.status_code})."
                )
                return None
            return answer
        self._tell("Trợ lý trả lời quá lâu. Bạn thử lại sau ít phút.")
        return None

    def _fetch(self, *, seconds: float) -> Sequence[Json]:
        """Give the replies that came behind the cursor, waiting for one up to some seconds."""
        deadline = time.monotonic() + seconds
        while True:
            wait = max(0.0, min(POLL_SECONDS, deadline - time.monotonic()))
            try:
                response = self._client.get(
                    f"/api/v1/chat/conversations/{self._conversation}/messages",
                    params={"after": self._cursor, "wait": wait},
                    headers={"Authorization": f"Bearer {self._token}"},
                    timeout=wait + ANSWER_SECONDS,
                )
                replies = self._take(response.json()) if response.is_success else []
            except httpx.TimeoutException:
                replies = []
            except (httpx.HTTPError, ValueError):
                self._refuse_unreachable()
            if replies or response.is_error or time.monotonic() >= deadline:
                return replies

    def _take(self, answer: Json) -> Sequence[Json]:
        """Give the replies of an answer that were not shown yet, and move the cursor behind them."""
        replies = [reply for reply in answer["replies"] if reply["id"] not in self._shown]
        if replies:
            self._cursor = answer["cursor"]
            self._shown.update(reply["id"] for reply in replies)
        return replies

    def _show(self, replies: Sequence[Json]) -> None:
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
        if replies:
            self._console.print()

    def _tell(self, text: str) -> None:
        self._console.print(Text(text, style="yellow"))

    def _refuse_unreachable(self) -> NoReturn:
        refuse(f"không gọi được trợ lý ở {self._client.base_url}. Hãy chạy `make run` ở cửa sổ khác trước.")
