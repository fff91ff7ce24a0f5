"""Whole turns of the product beside an untouched ``rasa init`` bot, in the same run; run by ``make bench``.

Both answer over HTTP on this machine, one after the other. The product's turn is redacted, stored, understood, answered
by an action in another process, rendered, stored and handed out; the peer's is understood and answered from memory.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bot.settings import ROOT
from tests.benchmarks.load import Kind, Measured, measure
from tests.benchmarks.understanding import report_understanding
from tests.fixtures.database import free_port
from tests.fixtures.server import Server

WARM_UP_TURNS = 20
TURNS_A_CLIENT = 60
"""Turns of one conversation: the same for product and peer, whose turns grow slower as its conversation grows."""
CLIENTS = (1, 8)
PEER_SECONDS = 600


def product_kinds(server: Server) -> list[Kind]:
    """Return the product's two kinds of turns: a question that calls an action, and an answer inside a form."""

    def body(name: str, text: str) -> dict[str, str]:
        return {"conversation_id": name, "text": text}

    def remember(answer: dict[str, str]) -> dict[str, str]:
        return {"conversation_token": answer["conversation_token"]} if "conversation_token" in answer else {}

    path = "/api/v1/chat/messages"
    opening = "em muốn đăng ký id.vn, em có được miễn phí không"
    return [
        Kind(
            "product: a question, one action",
            server.port,
            path,
            lambda name: [body(name, "chào bạn")],
            lambda name: body(name, "giá bao nhiêu vậy"),
            lambda answer: answer["replies"][0]["topic"] == "ask_cost",
            remember,
        ),
        Kind(
            "product: inside the form",
            server.port,
            path,
            lambda name: [body(name, opening)],
            lambda name: body(name, "không biết"),
            lambda answer: answer["replies"][-1]["topic"] == "eligibility_form",
            remember,
        ),
    ]


def peer_kind(port: int) -> Kind:
    """Return the peer's turn: a greeting, answered from the domain."""
    return Kind(
        "peer: rasa init, a greeting",
        port,
        "/webhooks/rest/webhook",
        lambda name: [{"sender": name, "message": "hello"}],
        lambda name: {"sender": name, "message": "hello"},
        lambda answer: bool(answer and answer[0]["text"]),
        lambda answer: {},
    )


@contextmanager
def peer(directory: Path) -> Iterator[tuple[int, int]]:
    """Run an untouched ``rasa init`` bot; give its port and process id."""
    python = ROOT / "nlu" / ".venv" / "bin" / "python"
    environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "false"}
    print("Training the rasa init bot …", file=sys.stderr, flush=True)
    subprocess.run(
        [python, "-m", "rasa", "init", "--no-prompt", "--init-dir", directory],
        cwd=directory,
        env=environment,
        check=True,
        capture_output=True,
        timeout=PEER_SECONDS,
    )
    port = free_port()
    with (directory / "server.log").open("wb") as output:
        process = subprocess.Popen(
            [python, "-m", "rasa", "run", "-i", "127.0.0.1", "--port", str(port)],
            cwd=directory,
            env=environment,
            stdout=output,
            stderr=output,
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/", process)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PEER_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url, timeout=2, trust_env=False).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)  # another process: there is nothing to wait on but its answers
    raise TimeoutError("the peer did not start")


def memory(process_id: int) -> float:
    """Return a process's resident memory in MB."""
    for line in Path(f"/proc/{process_id}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ValueError("no VmRSS")


def first_answer_seconds() -> float:
    """Return the time from ``make run`` on a warm cache to the first understood answer."""
    with tempfile.TemporaryDirectory() as directory:
        server = Server(Path(directory) / "var")
        server.directory.mkdir()
        (server.directory / "models").symlink_to(ROOT / "var" / "models")
        began = time.monotonic()
        with (server.directory / "server.log").open("wb") as output:
            server.process = subprocess.Popen(
                ["make", "run"], cwd=ROOT, env=server.environment, stdout=output, stderr=output, start_new_session=True
            )
        try:
            server.wait_until(lambda state: state["nlu"] == "ok")
            with server.client() as client:
                body = {"conversation_id": "first-answer", "text": "giá bao nhiêu vậy"}
                answer = client.post("/api/v1/chat/messages", json=body).json()
            assert answer["replies"][0]["topic"] == "ask_cost", answer
            return time.monotonic() - began
        finally:
            for process in reversed(server.descendants()):
                if b"bot.cli" in (line := Path(f"/proc/{process}/cmdline").read_bytes()) or b"hiendien" in line:
                    os.kill(process, 2)
            server.process.wait(30)


async def run_all(kinds: list[Kind]) -> list[tuple[Kind, Measured]]:
    """Measure every kind at every number of clients, after a warm-up."""
    results = []
    for number, kind in enumerate(kinds):
        await measure(kind, clients=1, turns=WARM_UP_TURNS, label=f"warm-up-{number}")
        for clients in CLIENTS:
            print(f"{kind.name}, {clients} client(s) …", file=sys.stderr, flush=True)
            turns = TURNS_A_CLIENT * clients
            results.append((kind, await measure(kind, clients=clients, turns=turns, label=f"run-{number}-{clients}")))
    return results


def report(results: list[tuple[Kind, Measured]], memories: dict[str, float], first_answer: float) -> str:
    """Write the figures as Markdown."""
    peers = {run.clients: run for kind, run in results if kind.name.startswith("peer")}
    lines = [f"Conversations of {TURNS_A_CLIENT} turns each.", ""]
    lines += ["| turn | clients | p50 ms | p99 ms | turns/s | times the peer's turns/s |", "|---|---|---|---|---|---|"]
    for kind, run in results:
        ratio = run.per_second / peers[run.clients].per_second
        figures = f"{run.percentile(0.5):.1f} | {run.percentile(0.99):.1f} | {run.per_second:.0f} | {ratio:.1f}"
        lines.append(f"| {kind.name} | {run.clients} | {figures} |")
    lines += ["", "| process | resident memory, MB |", "|---|---|"]
    lines += [f"| {name} | {size:.0f} |" for name, size in memories.items()]
    lines += ["", f"`make run` on a warm cache to the first understood answer: {first_answer:.1f} s."]
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    subprocess.run([sys.executable, "-m", "bot.cli", "nlu", "--train-only"], cwd=ROOT, check=True)
    first_answer = first_answer_seconds()
    memories: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as directory:
        server = Server(Path(directory) / "product", settings={"TODAY": "2025-06-01"})
        server.start()
        assert server.process is not None
        try:
            server.wait_until_ready()
            results = asyncio.run(run_all(product_kinds(server)))
            memories["product (web, worker, scheduler)"] = memory(server.process.pid)
            (nlu,) = [
                child for child in server.descendants() if b"serve.py" in Path(f"/proc/{child}/cmdline").read_bytes()
            ]
            memories["NLU server"] = memory(nlu)
            understanding = report_understanding(server.nlu_port)
        finally:
            server.stop()
        peer_directory = Path(directory) / "peer"
        peer_directory.mkdir()
        with peer(peer_directory) as (port, process_id):
            results += asyncio.run(run_all([peer_kind(port)]))
            memories["peer: rasa init"] = memory(process_id)
    print(report(results, memories, first_answer), understanding, sep="\n\n")


if __name__ == "__main__":
    main()
