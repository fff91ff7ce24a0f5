from dataclasses import replace

import httpx

from bot.applications import create_internal_app
from bot.core.db import Database
from tests.fixtures.product import Product


async def test_the_process_tells_that_it_is_up(product):
    async with product.client() as client:
        response = await client.get("/healthz")
    assert response.status_code == 200
    assert response.json() == {"status": "ok"}


async def test_readiness_names_the_database_and_the_nlu_server(product):
    async with product.client() as client:
        response = await client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"status": "ready", "database": "ok", "nlu": "ok"}


async def test_without_its_database_the_process_is_not_ready(product):
    away = Database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
    broken = Product(replace(product.runtime, database=away), product.assistant, product.clock)
    async with broken.client() as client:
        response = await client.get("/readyz")
        assert (await client.get("/healthz")).status_code == 200
    await away.close()
    assert response.status_code == 503
    assert response.json()["database"] == "unreachable"


async def test_metrics_and_actions_are_on_the_internal_listener_only(product):
    async with product.client() as client:
        assert (await client.get("/metrics")).status_code == 404
        assert (await client.post("/internal/actions", json={"next_action": "action_menu"})).status_code == 404
    transport = httpx.ASGITransport(create_internal_app(product.runtime))
    async with httpx.AsyncClient(transport=transport, base_url="http://internal") as client:
        answer = await client.get("/metrics")
        assert "hiendien_turns" in answer.text
        assert (await client.get("/chat")).status_code == 404
        refused = await client.post("/internal/actions", json={"next_action": "action_menu"})
    assert refused.status_code == 401
