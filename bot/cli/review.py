"""Labelling misreadings in the terminal, one after another; each decision is stored at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from rich.console import Console
from rich.text import Text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cli.sentences import sentence_for
from bot.cli.topic_names import find_topics, topic_name
from bot.core.clock import Clock
from bot.core.misreadings import service
from bot.core.misreadings.models import Why
from bot.core.misreadings.service import Misreading, MisreadingDecidedError, MisreadingGoneError

HELP = "Gõ số để chọn; gõ một phần tên để tìm; s bỏ qua, d xóa, u làm lại câu trước, q thoát."
SKIP, DISMISS, UNDO, QUIT = "s", "d", "u", "q"
SHORTEST_SEARCH = 2
"""Letters; one alone is a command."""

_WHYS = {Why.FALLBACK: "không hiểu", Why.DENIED: "người hỏi nói là hiểu sai"}

Work: TypeAlias = Callable[[AsyncConnection], Awaitable[None]]


class Review:
    """One session at the terminal; `store` does something in a transaction of its own, `by` is who decides."""

    def __init__(self, store: Callable[[Work], None], clock: Clock, console: Console, *, by: str) -> None:
        self._store = store
        self._clock = clock
        self._console = console
        self._by = by
        self._offered: Sequence[str] = ()

    def run(self, waiting: Sequence[Misreading]) -> int:
        """Ask about one after another until the last, or until who answers stops; return how many were decided."""
        self._console.print(HELP, style="dim")
        passed: list[bool] = []  # for each one behind: whether a decision was stored
        while len(passed) < len(waiting):
            misreading = waiting[len(passed)]
            self._show(misreading, f"{len(passed) + 1}/{len(waiting)}")
            wish = self._ask()
            if wish == QUIT:
                break
            if wish != UNDO:
                passed.append(wish != SKIP and self._decide(misreading, wish))
            elif not passed:
                self._tell("Chưa có câu nào trước đó.")
            elif passed.pop():
                self._undo(waiting[len(passed)])
        return sum(passed)

    def _show(self, misreading: Misreading, place: str) -> None:
        self._console.print()
        self._console.print(Text(f"{place}  {described(misreading)}", style="dim"))
        self._console.print(Text(f"“{misreading.words}”", style="bold"))
        self._offer(misreading.guesses)

    def _offer(self, intents: Sequence[str]) -> None:
        self._offered = intents
        for number, intent in enumerate(intents, start=1):
            self._console.print(Text(f"  {number}  {topic_name(intent)}"))

    def _ask(self) -> str:
        """Return a command's letter or an intent, asking until it is one of them; the end of the input stops."""
        while True:
            try:
                typed = self._console.input("› ").strip()
            except (EOFError, KeyboardInterrupt):
                self._console.print()
                return QUIT
            if typed.lower() in {SKIP, DISMISS, UNDO, QUIT}:
                return typed.lower()
            if typed.isascii() and typed.isdigit():
                if 1 <= int(typed) <= len(self._offered):
                    return self._offered[int(typed) - 1]
                self._tell("Không có số đó trong danh sách.")
            elif len(typed) < SHORTEST_SEARCH:
                self._tell(HELP)
            elif found := find_topics(typed):
                self._offer(found)
            else:
                self._tell("Không tìm thấy mục nào. Hãy gõ từ khác, ví dụ: giá, đăng ký, lừa đảo.")

    def _decide(self, misreading: Misreading, wish: str) -> bool:
        by, now = self._by, self._clock.now()
        if wish == DISMISS:
            return self._stored(
                lambda connection: service.dismiss(connection, misreading.id, by=by, now=now), "Đã xóa câu này."
            )
        return self._stored(
            lambda connection: service.label(connection, misreading.id, wish, by=by, now=now),
            f"Đã ghi: {topic_name(wish)}.",
        )

    def _undo(self, misreading: Misreading) -> None:
        self._stored(lambda connection: service.reopen(connection, misreading), "Đã hoàn tác. Mời chọn lại.")

    def _stored(self, work: Work, said: str) -> bool:
        """Store something and say so; False where somebody was faster, which is said."""
        try:
            self._store(work)
        except (MisreadingGoneError, MisreadingDecidedError) as error:
            self._tell(f"Không ghi: {sentence_for(error)}")
            return False
        self._tell(said)
        return True

    def _tell(self, text: str) -> None:
        self._console.print(Text(text, style="yellow"))


def described(misreading: Misreading) -> str:
    """Say in one line how often a misreading came, and how it was understood."""
    guess = misreading.guesses[0] if misreading.guesses else misreading.intent
    times = f"{misreading.times} lần, " if misreading.times > 1 else ""
    return (
        f"{times}ngày {misreading.last_on:%d/%m/%Y}, {_WHYS[misreading.why]}; "
        f"máy đoán: {topic_name(guess)} ({misreading.confidence:.0%})"
    )
