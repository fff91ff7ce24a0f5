import httpx
import pytest
import pytest_asyncio

from actions.server import LARGEST_CALL, actions_app
from tests.actions.trackers import make_call

SECRET = "the actions' secret"
HEADERS = {"X-Hiendien-Actions": SECRET}
PATH = "/internal/actions"


@pytest_asyncio.fixture
async def http(runtime):
    transport = httpx.ASGITransport(actions_app(runtime, SECRET))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=HEADERS) as client:
        yield client


async def test_a_call_with_the_secret_is_answered_with_a_reply_as_json(http):
    response = await http.post(PATH, json=make_call("action_make_small_talk", "greet"))
    assert response.status_code == 200
    (said,) = response.json()["responses"]
    assert said["custom"]["topic"] == "greet"
    assert said["text"] is None


@pytest.mark.parametrize("shown", [{}, {"X-Hiendien-Actions": "guess"}, {"X-Hiendien-Actions": SECRET + "x"}])
async def test_a_call_without_the_secret_gets_401_and_runs_nothing(runtime, shown):
    transport = httpx.ASGITransport(actions_app(runtime, SECRET))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        response = await client.post(PATH, json=make_call("action_restart"), headers=shown)
    assert response.status_code == 401
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json() == {"type": "urn:hiendien:problem:unauthenticated", "status": 401}


async def test_an_unknown_action_is_404(http):
    assert (await http.post(PATH, json=make_call("action_shutdown"))).status_code == 404


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"next_action": 5}', b"{}"])
async def test_what_is_no_call_is_400(http, body):
    assert (await http.post(PATH, content=body)).status_code == 400


async def test_a_call_over_the_limit_is_413_even_without_a_length(http):
    async def chunks():
        for _ in range(3):
            yield b"x" * (LARGEST_CALL // 2)

    assert (await http.post(PATH, content=b"x" * (LARGEST_CALL + 1))).status_code == 413
    assert (await http.post(PATH, content=chunks())).status_code == 413


async def test_an_action_that_raises_is_500_and_tells_nothing(http):
    call = make_call("action_make_small_talk")
    call["tracker"]["latest_message"] = {"text": "số nhà của tôi", "intent": {}}
    response = await http.post(PATH, json=call)
    assert response.status_code == 500
    assert response.json() == {"type": "urn:hiendien:problem:action-failed", "status": 500}


async def test_a_refusal_of_the_core_is_told_with_a_reference(http):
    slots = {"product": "id.vn"}
    response = await http.post(PATH, json=make_call("action_tell_verdict", slots=slots))
    (said,) = response.json()["responses"]
    assert said["custom"]["template"] == "error_internal"
    assert said["custom"]["facts"] == {"reference": "L-17"}


async def test_only_our_actions_are_there(runtime):
    app = actions_app(runtime, SECRET)
    assert {route.path for route in app.routes} == {PATH}


def test_an_empty_secret_is_refused(runtime):
    with pytest.raises(ValueError, match="secret"):
        actions_app(runtime, "")
