"""How many unseen messages the running NLU server reads as their author meant them; reported, never tuned on."""

from __future__ import annotations

from collections import Counter

import httpx
import yaml

from bot.settings import ROOT

MESSAGES = ROOT / "nlu" / "tests" / "skeleton_messages.yml"
FALLBACK = "nlu_fallback"


def unseen_messages() -> list[tuple[str, str]]:
    """Return the held-out messages with their intents (``nlu/tests/PROVENANCE.md`` says whose they are)."""
    blocks = yaml.safe_load(MESSAGES.read_text("utf-8"))["nlu"]
    return [
        (line.removeprefix("- "), block["intent"])
        for block in blocks
        for line in map(str.strip, block["examples"].splitlines())
        if line.startswith("- ")
    ]


def report_understanding(nlu_port: int) -> str:
    """Parse every held-out message on the running server and write the figures as Markdown."""
    right: Counter[str] = Counter()
    asked_back: Counter[str] = Counter()
    total: Counter[str] = Counter()
    with httpx.Client(base_url=f"http://127.0.0.1:{nlu_port}", timeout=10, trust_env=False) as client:
        for text, intent in unseen_messages():
            kind = "without diacritics" if text.isascii() else "with diacritics"
            understood = client.post("/model/parse", json={"text": text}).json()["intent"]["name"]
            asks_back = understood == FALLBACK
            total[kind] += 1
            right[kind] += understood == intent or (asks_back and intent == "out_of_scope")
            asked_back[kind] += asks_back and intent != "out_of_scope"
    lines = ["| unseen messages | number | read as meant | asked back | misread |", "|---|---|---|---|---|"]
    for kind, number in sorted(total.items()):
        misread = number - right[kind] - asked_back[kind]
        shares = " | ".join(f"{count / number:.0%}" for count in (right[kind], asked_back[kind], misread))
        lines.append(f"| {kind} | {number} | {shares} |")
    return "\n".join(lines)
