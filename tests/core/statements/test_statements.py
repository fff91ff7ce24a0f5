"""Statements: one kind, one form, one way to write each."""

import json

import pytest

from bot.api.errors import ProblemTexts
from bot.core.statements import (
    Approval,
    BroadcastApproval,
    JsonInvalidError,
    PayloadTooLargeError,
    TextNotNormalisedError,
    canonical,
    read_statement,
)
from bot.settings import ROOT
from tests.core.statements.examples import EXAMPLES, make_approval, make_broadcast

BROADCAST = EXAMPLES["broadcast"].to_bytes()


def changed(change, raw: bytes = BROADCAST) -> bytes:
    """Return the statement with its object changed, canonical again."""
    value = json.loads(raw)
    change(value)
    return canonical(value)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_a_statement_is_read_back_as_it_was_written(kind):
    statement = EXAMPLES[kind]
    raw = statement.to_bytes()
    assert read_statement(raw) == statement
    assert read_statement(raw).to_bytes() == raw
    assert json.loads(raw)["typ"].startswith("urn:hiendien:")


def test_a_short_broadcast_takes_about_a_kilobyte():
    assert len(BROADCAST) < 1100


def test_every_approval_of_a_subject_holds_the_same_bytes_of_it():
    first, second = (make_approval(BroadcastApproval, broadcast=make_broadcast()) for _ in range(2))
    assert first.subject.to_bytes() == second.subject.to_bytes()
    assert first.subject.to_bytes() == canonical(json.loads(first.to_bytes())["broadcast"])


@pytest.mark.parametrize("kind", [kind for kind, one in EXAMPLES.items() if isinstance(one, Approval)])
def test_everybody_who_touched_a_subject_is_its_author(kind):
    assert EXAMPLES[kind].subject.authors == {"can-bo-1", "can-bo-2"}


@pytest.mark.parametrize(
    "raw",
    [
        BROADCAST + b"\n",
        b" " + BROADCAST,
        json.dumps(json.loads(BROADCAST), ensure_ascii=False).encode(),
        json.dumps(json.loads(BROADCAST), sort_keys=True, separators=(",", ":")).encode(),
        BROADCAST.replace(b'"version":1', b'"version":1,"version":1', 1),
        BROADCAST[::-1],
    ],
)
def test_writing_a_statement_another_way(raw):
    with pytest.raises(JsonInvalidError):
        read_statement(raw)


@pytest.mark.parametrize("typ", ["urn:hiendien:checkpoint:1", "urn:hiendien:broadcast-approval:2", "", "x"])
def test_passing_a_statement_off_as_another_kind(typ):
    with pytest.raises(JsonInvalidError):
        read_statement(changed(lambda value: value.update(typ=typ)))


@pytest.mark.parametrize("raw", [b"[]", b"{}", b'"x"', b"5", b'{"typ":1}', b'{"typ":["x"]}'])
def test_signing_something_that_is_no_statement(raw):
    with pytest.raises(JsonInvalidError):
        read_statement(raw)


@pytest.mark.parametrize("member", sorted(json.loads(BROADCAST)))
def test_leaving_a_member_out(member):
    with pytest.raises(JsonInvalidError):
        read_statement(changed(lambda value: value.pop(member)))


def set_at(*path_and_value):
    *path, last, new = path_and_value

    def change(value):
        for name in path:
            value = value[name]
        value[last] = new

    return change


@pytest.mark.parametrize(
    "change",
    [
        set_at("extra", 1),
        set_at("broadcast", "extra", 1),
        set_at("aud", "http://ubnd.example.vn"),
        set_at("aud", "https://ubnd.example.vn/"),
        set_at("aud", "https://UBND.example.vn"),
        set_at("aud", "https://ubnd.example.vn@other.example.vn"),
        set_at("jti", "A" * 31),
        set_at("jti", "A" * 33),
        set_at("jti", "A" * 31 + "="),
        set_at("iat", "2026-11-20T08:30:00+07:00"),
        set_at("iat", "2026-11-20T01:30:00.5Z"),
        set_at("iat", "2026-11-20 01:30:00Z"),
        set_at("iat", "2026-02-30T01:30:00Z"),
        set_at("iat", 1763602200),
        set_at("exp", "2026-11-20T01:30:00Z"),
        set_at("decision", "reject"),
        set_at("policy", "id", "enrolment"),
        set_at("policy", "id", "grant"),
        set_at("policy", "required", 0),
        set_at("policy", "required", "2"),
        set_at("policy", "required", True),
        set_at("policy", "distinct_from", ["editors", "drafter"]),
        set_at("policy", "distinct_from", ["drafter", "drafter"]),
        set_at("policy", "distinct_from", ["nobody"]),
        set_at("log", "head", "5F" * 32),
        set_at("log", "size", -1),
        set_at("broadcast", "version", 0),
        set_at("broadcast", "id", ""),
        set_at("broadcast", "id", "a/b"),
        set_at("broadcast", "editors", ["can-bo-2", "can-bo-1"]),
        set_at("broadcast", "editors", ["can-bo-1", "can-bo-1"]),
        set_at("broadcast", "audience", "areas", ["2", "1"]),
        set_at("broadcast", "content", "title", ""),
        set_at("broadcast", "content", "title", "a" * 201),
        set_at("broadcast", "content", "text", "a" * 8001),
        set_at("broadcast", "content", "media", [{"sha256": "0" * 64, "bytes": 0, "type": "image/png"}]),
        set_at("broadcast", "schedule", "not_after", "2026-11-20T01:30:00Z"),
        set_at("broadcast", "schedule", "repeat", 0),
        set_at("broadcast", "mode", "test"),
    ],
)
def test_putting_something_else_into_a_member(change):
    with pytest.raises(JsonInvalidError):
        read_statement(changed(change))


def test_approving_ones_own_certificate():
    def own(value):
        value["approver"]["id"] = value["enrolment"]["person"]

    def own_as_holder(value):
        own(value)
        value["approver"]["role"] = "holder"

    raw = EXAMPLES["enrolment"].to_bytes()
    with pytest.raises(JsonInvalidError):
        read_statement(changed(own, raw))
    assert read_statement(changed(own_as_holder, raw))
    with pytest.raises(JsonInvalidError):
        read_statement(changed(set_at("approver", "role", "holder"), raw))


@pytest.mark.parametrize(("roles", "policy"), [(["admin"], "grant-admin"), (["officer"], "grant")])
def test_a_grant_that_is_about_an_admin_has_a_policy_of_its_own(roles, policy):
    def grant(value):
        value["grant"]["roles"], value["policy"]["id"] = roles, policy

    raw = EXAMPLES["grant"].to_bytes()
    assert read_statement(changed(grant, raw))
    with pytest.raises(JsonInvalidError):
        read_statement(
            changed(set_at("policy", "id", {"grant": "grant-admin"}.get(policy, "grant")), changed(grant, raw))
        )


@pytest.mark.parametrize("name", sorted(set(EXAMPLES) - {"checkpoint"}))
def test_no_subject_is_approved_by_the_policy_of_another(name):
    raw = EXAMPLES[name].to_bytes()
    own = json.loads(raw)["policy"]["id"]
    for other in {"broadcast", "series", "enrolment", "grant", "grant-admin", "policy-change"} - {own}:
        with pytest.raises(JsonInvalidError):
            read_statement(changed(set_at("policy", "id", other), raw))


def test_the_order_of_policies_is_fixed():
    raw = EXAMPLES["policy change"].to_bytes()
    with pytest.raises(JsonInvalidError):
        read_statement(
            changed(lambda value: value["policy_change"]["policies"].append({**value["policy"], "id": "a"}), raw)
        )


def test_a_refusal_names_the_members_and_repeats_nothing_of_what_they_hold():
    with pytest.raises(JsonInvalidError) as refused:
        read_statement(changed(set_at("broadcast", "content", "title", "bí mật" * 50)))
    assert refused.value.facts["members"] == ["broadcast.content.title"]
    assert "bí mật" not in str(refused.value)


def test_a_statement_with_hidden_text_cannot_be_written():
    content = EXAMPLES["broadcast"].subject.content.model_copy(update={"text": "a\u200bb"})
    with pytest.raises(TextNotNormalisedError):
        make_approval(BroadcastApproval, broadcast=make_broadcast(content=content)).to_bytes()


@pytest.mark.parametrize("error", [JsonInvalidError, PayloadTooLargeError, TextNotNormalisedError])
def test_every_refusal_has_a_sentence_that_says_what_to_do(error):
    assert "Bạn" in ProblemTexts.load(ROOT / "templates").details[error.code]
