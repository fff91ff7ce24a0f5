"""The part that runs in a process of its own: trains a pipeline, or parses messages with a trained model.

Called by `measuring`, which reads the result from the file named last. How far it is goes to standard error, as tqdm
writes it.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

from quiet import set_environment, silence_rasa

WARM_UP_MESSAGES = 30
"""Parsed before the clock counts: the first ones build tables and compile graphs."""


def main() -> None:
    """Do what the command line says: ``train config data model result`` or ``parse model texts result``."""
    kind, *paths = sys.argv[1:]
    *inputs, result = map(Path, paths)
    set_environment()
    outcome = _train(*inputs) if kind == "train" else _parse(*inputs)
    result.write_text(json.dumps(outcome, ensure_ascii=False), "utf-8")


def _train(config: Path, data: Path, model: Path) -> dict[str, Any]:
    os.environ.update(
        RASA_CACHE_DIRECTORY=str(model.parent / "cache"),
        RASA_MAX_CACHE_SIZE="0",
        LOG_LEVEL="INFO",  # else Rasa does not tell the epochs; what it logs is silenced all the same
    )
    from rasa.model_training import train_nlu

    silence_rasa()
    started = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        trained = train_nlu(str(config), str(data), str(model.parent), fixed_model_name=model.name)
    if trained is None:
        sys.exit("Rasa ended without a model.")
    seconds = time.perf_counter() - started
    Path(trained).replace(model)
    return {"seconds": seconds, "peak_bytes": _peak_bytes(), "model_bytes": model.stat().st_size}


def _parse(model: Path, texts: Path) -> dict[str, Any]:
    from rasa.core.agent import Agent

    silence_rasa()
    agent = Agent.load(model_path=str(model))
    parsed = asyncio.run(_parse_all(agent, json.loads(texts.read_text("utf-8"))))
    return {"parsed": parsed, "peak_bytes": _peak_bytes()}


async def _parse_all(agent: Any, texts: list[str]) -> list[dict[str, Any]]:
    from tqdm import tqdm

    for text in texts[:WARM_UP_MESSAGES]:
        await agent.parse_message(text)
    parsed = []
    for text in tqdm(texts, desc="Messages"):
        started = time.perf_counter()
        reading = await agent.parse_message(text)
        seconds = time.perf_counter() - started
        parsed.append(
            {
                "intent": reading["intent"]["name"],
                "ranking": [(intent["name"], intent["confidence"]) for intent in reading.get("intent_ranking", [])],
                "entities": [
                    {key: entity[key] for key in ("entity", "start", "end", "value")} for entity in reading["entities"]
                ],
                "seconds": seconds,
            }
        )
    return parsed


def _peak_bytes() -> int:
    """Give the most memory that this process has had in use."""
    status = Path("/proc/self/status")
    if status.exists():
        # Unlike getrusage, this does not begin with what the parent process had.
        (peak,) = (line.split()[1] for line in status.read_text("utf-8").splitlines() if line.startswith("VmHWM:"))
        return int(peak) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS


if __name__ == "__main__":
    main()
