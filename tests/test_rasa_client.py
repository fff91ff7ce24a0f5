"""What the client makes of answers that a healthy NLU server never gives."""

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.core.ports import AssistantUnavailableError, DialogueState, TurnRequest
from bot.core.replies import Effect, Press, Reply
from bot.rasa_client import TURN_SECONDS, RasaAssistant
from tests.fixtures.database import free_port

TURN = {
    "messages": [{"custom": Reply("greet", "greet").to_json()}],
    "state": {"active_loop": "eligibility_form", "slots": {"age": 20}},
    "understood": {"intent": "greet", "confidence": 0.8},
}


class FakeNlu:
    """An NLU server that gives one scripted answer and keeps what it was asked."""

    def __init__(self) -> None:
        self.answer: Response = JSONResponse(TURN)
        self.delay = 0.0
        self.is_ready = True
        self.asked: list[dict[str, object]] = []
        self.shown: list[tuple[str, str | None]] = []
        self.port = free_port()

    async def turn(self, request: Request) -> Response:
        self.asked.append(await request.json())
        self.shown.append((str(request.url), request.headers.get("authorization")))
        await asyncio.sleep(self.delay)
        return self.answer

    async def status(self, request: Request) -> Response:
        return JSONResponse({"model_file": "nlu.tar.gz" if self.is_ready else None})


@pytest.fixture
def nlu() -> Iterator[FakeNlu]:
    fake = FakeNlu()
    routes = [Route("/webhooks/turn/webhook", fake.turn, methods=["POST"]), Route("/status", fake.status)]
    config = uvicorn.Config(Starlette(routes=routes), port=fake.port, log_config=None, lifespan="off")
    config.timeout_graceful_shutdown = 1
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)  # uvicorn tells that it listens by this flag only
    yield fake
    server.should_exit = True
    thread.join()


async def ask(nlu: FakeNlu, *, secret: str | None = None, **fields):
    assistant = RasaAssistant(f"http://127.0.0.1:{nlu.port}", secret=secret)
    state = DialogueState("eligibility_form", {"age": 19})
    try:
        return await assistant.take_turn(TurnRequest("turn-7", "web", state, **fields))
    finally:
        await assistant.close()


async def test_a_turn_goes_and_comes_back_whole(nlu):
    result = await ask(nlu, text="20")
    assert result.replies == (Reply("greet", "greet"),)
    assert result.state == DialogueState("eligibility_form", {"age": 20})
    assert (result.intent, result.confidence) == ("greet", 0.8)
    assert nlu.asked == [
        {
            "turn_id": "turn-7",
            "message": "20",
            "press": None,
            "channel": "web",
            "metadata": {},
            "state": {"active_loop": "eligibility_form", "slots": {"age": 19}},
        }
    ]


async def test_an_effect_comes_with_the_replies_and_is_none_of_them(nlu):
    effect = Effect("report.withdraw", {"reference": "BC-7K2MX"})
    nlu.answer = JSONResponse({**TURN, "messages": [*TURN["messages"], {"custom": effect.to_json()}]})
    result = await ask(nlu, text="20")
    assert result.replies == (Reply("greet", "greet"),)
    assert result.effect == effect


async def test_a_press_goes_as_what_it_means(nlu):
    await ask(nlu, press=Press.of("ask_cost", product="id.vn"))
    assert nlu.asked[0]["message"] is None
    assert nlu.asked[0]["press"] == {"intent": "ask_cost", "entities": {"product": "id.vn"}}


async def test_the_secret_is_shown_in_a_header_and_never_in_the_address(nlu):
    address = f"http://127.0.0.1:{nlu.port}/webhooks/turn/webhook"
    await ask(nlu, text="20", secret="open sesame")
    await ask(nlu, text="20")
    assert nlu.shown == [(address, "Bearer open sesame"), (address, None)]


@pytest.mark.parametrize(
    "answer",
    [
        JSONResponse({**TURN, "messages": []}),
        JSONResponse({**TURN, "messages": [{"text": "a sentence of Rasa's own"}]}),
        JSONResponse({**TURN, "messages": [{"custom": {"topic": "greet"}}]}),
        JSONResponse({**TURN, "state": None}),
        JSONResponse({**TURN, "messages": [{"custom": {**Reply("greet", "greet").to_json(), "facts": [1]}}]}),
        JSONResponse({**TURN, "messages": [{"custom": {**Reply("greet", "greet").to_json(), "buttons": [5]}}]}),
        JSONResponse({**TURN, "messages": [*TURN["messages"], {"custom": {"effect": "report.submit"}}]}),
        JSONResponse({**TURN, "messages": [*TURN["messages"], *[{"custom": Effect("report.submit").to_json()}] * 2]}),
        JSONResponse({**TURN, "messages": [{"custom": Effect("report.submit").to_json()}]}),
        JSONResponse([]),
        JSONResponse({}, status_code=500),
        PlainTextResponse("not JSON"),
        Response(status_code=204),
    ],
)
async def test_anything_but_a_turn_is_no_answer(nlu, answer):
    nlu.answer = answer
    with pytest.raises(AssistantUnavailableError):
        await ask(nlu, text="20")


async def test_a_slow_answer_is_not_waited_for(nlu):
    nlu.delay = TURN_SECONDS + 2
    started = time.monotonic()
    with pytest.raises(AssistantUnavailableError):
        await ask(nlu, text="20")
    assert time.monotonic() - started < TURN_SECONDS + 1


async def test_while_the_server_is_silent_further_turns_do_not_wait_for_it(nlu):
    """Forty people write while the server hangs: the first wait their three seconds, the others not after them."""
    nlu.delay = 60
    assistant = RasaAssistant(f"http://127.0.0.1:{nlu.port}")
    request = TurnRequest("turn-9", "web", DialogueState(), text="chào")
    with pytest.raises(AssistantUnavailableError):
        await assistant.take_turn(request)
    nlu.is_ready = False
    started = time.monotonic()
    for _ in range(40):
        with pytest.raises(AssistantUnavailableError):
            await assistant.take_turn(request)
    assert time.monotonic() - started < TURN_SECONDS
    nlu.is_ready, nlu.delay = True, 0
    deadline = time.monotonic() + 5
    while True:
        try:
            result = await assistant.take_turn(request)
            break
        except AssistantUnavailableError:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
    assert result.intent == "greet"
    await assistant.close()


async def test_readiness_is_asked_for_and_absence_noticed(nlu):
    here, away = RasaAssistant(f"http://127.0.0.1:{nlu.port}"), RasaAssistant(f"http://127.0.0.1:{free_port()}")
    assert await here.is_ready()
    assert not await away.is_ready()
    with pytest.raises(AssistantUnavailableError):
        await away.take_turn(TurnRequest("turn-8", "web", DialogueState(), text="chào"))
    await here.close()
    await away.close()
