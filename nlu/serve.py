"""Serves a trained model: the turn channel for the product, and Rasa's parsing for whoever examines it.

Run by this folder's own Python environment. It answers ``GET /``, ``GET /version``, ``GET /status``,
``POST /model/parse`` and the turn channel; the rest of Rasa's API, which would load models, train, or read
conversations, is closed. Nothing that anybody typed is ever logged, and nothing is reported to anybody.

Environment: ``HIENDIEN_ACTIONS_SECRET`` is sent with every call of an action and must be set. ``HIENDIEN_NLU_SECRET``,
where set, is wanted of every caller as ``Authorization: Bearer …``; beyond loopback it must be set. Rasa's own paths
also take it as Rasa does, as ``?token=…``; the turn channel does not, because addresses end in logs.
"""

from __future__ import annotations

import argparse
import ctypes
import hmac
import ipaddress
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from quiet import set_environment, silence_rasa

if TYPE_CHECKING:
    from collections.abc import Callable

    from sanic import Sanic
    from sanic.request import Request
    from sanic.response import HTTPResponse

HERE = Path(__file__).parent
PARSE_PATH = "/model/parse"
OPEN_PATHS = frozenset({("GET", "/"), ("GET", "/version"), ("GET", "/status"), ("POST", PARSE_PATH)})
TURN_PATHS = "/webhooks/turn/"
LARGEST_REQUEST = 256 * 1024
STOP_SECONDS = 2.0
EXIT_SECONDS = 3.0
_KILL_WHEN_PARENT_DIES = 1  # PR_SET_PDEATHSIG in linux/prctl.h


def main() -> int:
    """Serve until told to stop; give the exit code."""
    options = _read_options()
    _die_with_parent()
    if options.watch_stdin:
        threading.Thread(target=_end_when_stdin_ends, daemon=True).start()
    actions_secret = os.environ.get("HIENDIEN_ACTIONS_SECRET")
    secret = os.environ.get("HIENDIEN_NLU_SECRET") or None
    if not actions_secret:
        return _refuse("HIENDIEN_ACTIONS_SECRET is not set: the actions would refuse every call.")
    if secret is None and not _is_loopback(options.host):
        return _refuse(
            f"HIENDIEN_NLU_SECRET is not set: without it the server answers on loopback only, not on {options.host}."
        )
    if not options.model.is_file():
        return _refuse(f"There is no model at {options.model}: train one with train.py.")
    os.environ["HIENDIEN_ACTIONS_URL"] = options.actions_url  # endpoints.yml reads it
    set_environment()
    app = _build_app(options.model, secret)
    app.run(host=options.host, port=options.port, workers=1, access_log=False, debug=False)
    return 0


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5005)
    parser.add_argument("--model", type=Path, required=True, help="a model archive made by train.py")
    parser.add_argument("--actions-url", required=True, help="where the actions are called")
    parser.add_argument("--watch-stdin", action="store_true", help="end when standard input ends")
    return parser.parse_args()


def _build_app(model: Path, secret: str | None) -> Sanic:
    # Rasa is imported only here: its imports take seconds, and the environment must be set before them.
    from rasa.core.agent import Agent
    from rasa.core.run import configure_app, create_http_input_channels
    from rasa.core.utils import AvailableEndpoints

    from components import action_validation

    silence_rasa()
    action_validation.install()
    endpoints = AvailableEndpoints.read_endpoints(str(HERE / "endpoints.yml"))
    channels = create_http_input_channels(None, str(HERE / "credentials.yml"))
    app = configure_app(channels, auth_token=None, enable_api=True, endpoints=endpoints)
    app.ctx.agent = Agent.load(model_path=str(model), action_endpoint=endpoints.action)
    app.config.REQUEST_MAX_SIZE = LARGEST_REQUEST
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = STOP_SECONDS
    app.exception(Exception)(_answer_failure)
    app.register_middleware(_doorkeeper(secret), "request")
    app.register_middleware(_refuse_unparsable, "request")
    return app


def _doorkeeper(secret: str | None) -> Callable[[Request], HTTPResponse | None]:
    """Give the check that every request passes first, for Rasa's API and our channel alike."""
    from sanic.response import json as respond

    def check(request: Request) -> HTTPResponse | None:
        if (request.method, request.path) not in OPEN_PATHS and not request.path.startswith(TURN_PATHS):
            return respond({"status": 404}, 404)
        if secret is not None and not hmac.compare_digest(_shown_secret(request).encode(), secret.encode()):
            return respond({"status": 401}, 401)
        return None

    return check


def _shown_secret(request: Request) -> str:
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return shown.strip()
    return "" if request.path.startswith(TURN_PATHS) else str(request.args.get("token") or "")


def _refuse_unparsable(request: Request) -> HTTPResponse | None:
    """Refuse what Rasa's parsing would choke on: no JSON, or more text than the turn channel takes."""
    from sanic.response import json as respond

    from components.turn_request import LONGEST_MESSAGE

    if request.path != PARSE_PATH:
        return None
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):  # the second from brackets nested too deep
        return respond({"status": 400}, 400)
    text = body.get("text") if isinstance(body, dict) else None
    if not isinstance(text, str):
        return respond({"status": 400}, 400)
    return respond({"status": 413}, 413) if len(text) > LONGEST_MESSAGE else None


def _answer_failure(request: Request, exception: Exception) -> HTTPResponse:
    """Answer whatever a handler raised, and log its class and the path.

    Sanic itself would log the whole address, query string included, and a traceback that may quote the body.
    """
    from sanic.log import error_logger
    from sanic.response import json as respond

    status = getattr(exception, "status_code", 500)
    if status >= 500:
        error_logger.error("%s at %s", type(exception).__name__, request.path)
    return respond({"status": status}, status)


def _die_with_parent() -> None:
    """Have Linux kill this process the moment its parent dies, however that happens.

    The kernel means the parent's thread that started us: a caller that starts us from a short-lived thread ends us
    with it.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_KILL_WHEN_PARENT_DIES, signal.SIGKILL)


def _end_when_stdin_ends() -> None:
    """Wait for the end of standard input, which comes when whoever holds its other end is gone; then end."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(EXIT_SECONDS)
    os._exit(1)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
