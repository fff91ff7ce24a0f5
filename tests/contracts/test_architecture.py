"""What holds between files."""

import importlib
import json
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import actions
import bot
import scheduler
from bot.core.rendering import Renderer
from bot.settings import ROOT

RENDERER = Renderer(ROOT / "templates")
TEMPLATES = sorted(path.name for path in (ROOT / "templates" / "messages").iterdir() if not path.name.startswith("_"))
LONGEST_REPLY = 1_000


def test_importing_any_module_connects_to_nothing_and_starts_no_thread():
    names = [
        module.name
        for package in (actions, bot, scheduler)
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + ".")
        if not module.name.endswith(("__main__", "migrations.env"))
    ]
    program = (
        "import importlib, socket, sys, threading\n"
        "def refuse(*_): raise RuntimeError('a socket while importing')\n"
        "socket.socket.connect = refuse; socket.socket.bind = refuse\n"
        "for name in sys.argv[1:]: importlib.import_module(name)\n"
        "assert threading.active_count() == 1, threading.enumerate()\n"
    )
    subprocess.run([sys.executable, "-c", program, *names], check=True, cwd=ROOT)
    assert importlib.import_module("bot.main")


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_renders_its_samples_and_fits_a_phone(template):
    samples = json.loads((ROOT / "templates" / "messages" / template / "sample.json").read_text("utf-8"))
    assert samples, "a template needs an example"
    for facts in samples:
        text = RENDERER.render(template, channel="web", facts=facts)
        assert 0 < len(text) <= LONGEST_REPLY
        assert "{{" not in text
        assert "None" not in text
        assert "\n\n\n" not in text


def test_every_template_that_the_code_names_exists():
    named = set()
    for directory in ("bot", "actions"):
        for path in (ROOT / directory).rglob("*.py"):
            named |= set(re.findall(r"Reply\(\s*\"[\w.]+\",\s*\"(\w+)\"", path.read_text("utf-8")))
            named |= set(re.findall(r"template=\"(\w+)\"", path.read_text("utf-8")))
    assert named
    assert named <= set(TEMPLATES)


def test_button_titles_fit_a_button():
    titles = yaml.safe_load((ROOT / "templates" / "buttons" / "vi.yaml").read_text("utf-8"))
    assert all(0 < len(title) <= 32 for title in titles.values())


def test_no_citizen_s_sentence_stands_in_python():
    """Letters that only Vietnamese has appear in no string of the product's Python, but for what operators read."""
    vietnamese = re.compile(r"[ăâđêôơưĂÂĐÊÔƠƯ\u1ea0-\u1ef9]")
    allowed = {
        Path("bot/cli"): "operators",
        Path("bot/approving.py"): "the name of the demonstration's root",
        Path("bot/main.py"): "operators",
        Path("bot/nlu_server/model.py"): "operators",
        Path("bot/core/redaction.py"): "marks kept instead of secrets",
        Path("bot/core/rendering.py"): "the currency's name",
        Path("bot/core/programme/content.py"): "kinds of documents, as the content files write them",
    }
    found = []
    for directory in ("bot", "actions", "scheduler"):
        for path in (ROOT / directory).rglob("*.py"):
            relative = path.relative_to(ROOT)
            if any(relative == exempt or exempt in relative.parents for exempt in allowed):
                continue
            source = path.read_text("utf-8").replace("Hiện Diện", "")
            code = re.sub(r'"""[\s\S]*?"""|#.*', "", source)
            found += [f"{relative}: {line.strip()}" for line in code.splitlines() if vietnamese.search(line)]
    assert found == []


def test_lock_files_hold_hashes_and_no_address():
    locks = [path for path in ROOT.rglob("requirements.lock") if ".venv" not in path.parts and ".uv" not in path.parts]
    assert len(locks) >= 3
    for path in locks:
        text = path.read_text("utf-8")
        assert "://" not in text
        assert text.count("==") <= text.count("--hash=sha256:")
