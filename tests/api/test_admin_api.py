"""The admin API as a whole: what it tells of itself, and what holds for every endpoint."""

from __future__ import annotations

import importlib
import pkgutil
import re
import unicodedata

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.api.admin.problems import STATUS_OF_CODE
from bot.api.errors import STATUS, ProblemTexts
from bot.applications import create_app
from bot.core.audit.models import audit_entries
from bot.core.errors import ProductError
from bot.core.staff.models import staff_tokens
from bot.settings import ROOT
from tests.attacks.world import opened_world

NOUNS = (
    "approvals",
    "audit",
    "broadcasts",
    "cases",
    "conversations",
    "destinations",
    "notices",
    "requests",
    "signatures",
    "staff",
    "statements",
)
PUBLIC = ("chat", "bulletins")
"""Under the admin API's address, and without a token."""
NEVER_TOLD = {
    "bundle-unusable",
    "signature-refused",
    "evidence-unusable",
    "fact-not-acode",
    "fact-not-a-code",
    "log-key-unusable",
}
"""Families, and failures that stay inside or are an operator's."""


@pytest_asyncio.fixture
async def world(product):
    async with opened_world(product) as opened:
        yield opened


def admin_paths(described: dict) -> dict:
    return {
        path: item
        for path, item in described["paths"].items()
        if path.startswith("/api/v1/") and path.split("/")[3] not in PUBLIC
    }


def told_failures() -> set[type[ProductError]]:
    for noun in NOUNS:
        package = importlib.import_module(f"bot.core.{noun}")
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            importlib.import_module(module.name)
    found, waiting = set(), [ProductError]
    while waiting:
        family = waiting.pop().__subclasses__()
        waiting += family
        told = rf"bot\.(core\.({'|'.join(NOUNS)})|api\.admin)\."
        found |= {error for error in family if re.match(told, error.__module__)}
    return {error for error in found if error.code not in NEVER_TOLD}


@pytest.mark.parametrize("error", sorted(told_failures(), key=lambda error: error.code), ids=lambda error: error.code)
def test_every_failure_has_a_status_and_a_sentence_that_says_what_to_do(error):
    sentence = ProblemTexts.load(ROOT / "templates").details[error.code]
    assert unicodedata.is_normalized("NFC", sentence)
    assert sentence.endswith(".")
    assert "bạn" in sentence.lower() or "hãy" in sentence
    assert error.code in STATUS_OF_CODE or any(issubclass(error, family) for family, _ in STATUS)


def test_the_endpoints_are_described_with_examples_and_a_token(product):
    described = create_app(product.runtime).openapi()
    admin = admin_paths(described)
    assert len(admin) >= 40
    for path, item in admin.items():
        for method, operation in item.items():
            whose = "registrar" if path.startswith("/api/v1/registrar/") else "HTTPBearer"
            assert operation["security"] == [{whose: []}], (method, path)
            assert operation.get("description"), (method, path)
            if "requestBody" in operation:
                assert "example" in operation["requestBody"]["content"]["application/json"], path


def test_what_is_told_of_broadcasts_and_of_failures_is_described_with_an_example(product):
    described = create_app(product.runtime).openapi()
    told = {"broadcasts", "destinations", "notices", "parked updates", "undelivered messages"}
    operations = [
        (method, path, operation)
        for path, item in described["paths"].items()
        for method, operation in item.items()
        if told & set(operation.get("tags", ()))
    ]
    assert len(operations) >= 20
    for method, path, operation in operations:
        answer = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
        if "content" in answer:
            example = answer["content"]["application/json"]["example"]
            schema = answer["content"]["application/json"]["schema"]
            one = example[0] if isinstance(example, list) else example
            named = schema.get("items", schema)["$ref"].rpartition("/")[2]
            properties = described["components"]["schemas"][named]["properties"]
            # FastAPI leaves members out that are null.
            can_be_null = {name for name, shape in properties.items() if {"type": "null"} in shape.get("anyOf", ())}
            assert set(properties) - can_be_null <= set(one) <= set(properties), (method, path)


async def test_every_endpoint_wants_a_token_before_it_reads_anything(world):
    described = create_app(world.product.runtime).openapi()
    answers = []
    for path, item in admin_paths(described).items():
        for method in item:
            filled = path.replace("{prefix}", "hdt_00000000").replace("{enrolment_id}", "enr-0000000000")
            filled = re.sub(r"\{\w+\}", "x1", filled.replace("{kind}", "broadcasts"))
            answers.append((await world.client.request(method, filled, content=b"{")).status_code)
    assert set(answers) <= {401, 429}
    assert len(answers) >= 45


async def test_no_answer_is_kept_by_a_cache(world):
    answer = await world.client.get("/api/v1/staff/me", headers=world.an.headers)
    assert answer.headers["cache-control"] == "no-store"


async def test_of_a_token_only_its_digest_is_kept_and_its_text_is_told_once(world):
    made = await world.client.post(
        "/api/v1/staff/me/tokens", headers=world.an.headers, json={"scopes": ["audit"], "days": 3}
    )
    token = made.json()["token"]
    assert len(token) == len("hdt_") + 43
    listed = (await world.client.get("/api/v1/staff/me/tokens", headers=world.an.headers)).json()
    assert {entry["prefix"] for entry in listed} == {world.an.token[:12], token[:12]}
    assert "token" not in listed[0]
    async with world.database.reading() as connection:
        kept = (await connection.execute(select(staff_tokens))).all()
        lines = (await connection.execute(select(audit_entries.c.line))).scalars().all()
    assert not any(token[12:] in repr(row) for row in kept)
    assert not any(token[12:].encode() in line for line in lines)


async def test_the_staff_are_listed_with_their_roles(world):
    listed = (await world.client.get("/api/v1/staff", headers=world.an.headers)).json()
    assert {member["name"]: [role["role"] for role in member["roles"]] for member in listed} == {
        "An": ["admin"],
        "Bình": ["admin"],
        "Chi": ["officer"],
    }


async def test_an_officer_sees_their_own_certificates_only(world):
    assert (await world.client.get("/api/v1/enrolments", headers=world.chi.headers)).json() == []
    all_of_them = (await world.client.get("/api/v1/enrolments", headers=world.an.headers)).json()
    assert {row["state"] for row in all_of_them} == {"approved"}


async def test_no_name_of_anybody_stands_in_the_log(world):
    answer = await world.client.get("/api/v1/audit/log", headers=world.an.headers)
    assert answer.text.isascii()
    assert "CCCD" not in answer.text


async def test_the_log_is_given_from_any_line_on(world):
    every = (await world.client.get("/api/v1/audit/log", headers=world.an.headers)).text.splitlines()
    rest = await world.client.get("/api/v1/audit/log", params={"from": 3}, headers=world.an.headers)
    assert rest.text.splitlines() == every[2:]


async def test_a_checkpoint_is_made_when_asked_and_the_newest_is_told(world):
    headers = world.an.headers
    assert (await world.client.get("/api/v1/audit/checkpoints/latest", headers=headers)).status_code == 404
    made = await world.client.post("/api/v1/audit/checkpoints", headers=headers)
    assert made.status_code == 201
    again = await world.client.post("/api/v1/audit/checkpoints", headers=headers)
    newest = await world.client.get("/api/v1/audit/checkpoints/latest", headers=headers)
    assert made.json() == again.json() == newest.json()


async def test_a_request_beyond_the_rate_waits_and_others_do_not(world):
    answers = [await world.client.get("/api/v1/staff/me", headers=world.chi.headers) for _ in range(130)]
    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0
    assert (await world.client.get("/api/v1/staff/me", headers=world.an.headers)).status_code == 200
