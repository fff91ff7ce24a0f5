"""Deliveries to registrars' own endpoints: what arrives, what is tried again, and where nothing is ever sent."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from prometheus_client import generate_latest
from sqlalchemy import select
from structlog.testing import capture_logs

from bot.approving import open_approving
from bot.assembly import create_webhook_sender
from bot.core.audit.models import audit_entries
from bot.core.db import database_now
from bot.core.handoffs import service
from bot.core.handoffs.messages import DELAYS, MessageState
from bot.core.handoffs.models import handoff_messages
from bot.core.registrars import endpoints
from bot.core.vault import Vault
from bot.registrar_webhooks.posting import DeliveryFailedError, EndpointRefusedError, open_poster
from bot.settings import LoopbackRefusedError, Settings
from tests.factories import CONTACT, PAVIETNAM, TENTEN, connect_registrar, make_conversation, make_handoff
from tests.pki import make_key, make_name, make_root, pem
from tests.registrar.test_client import client as manual
from tests.revocation.web import moved_to, serving


@dataclass
class Inbox:
    """A registrar's own endpoint: it checks what comes as the manual says, and answers as it is told."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    reader: object = None
    came: list = field(default_factory=list)
    names: list = field(default_factory=list)

    def __call__(self, handler):
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        given = {name.lower(): value for name, value in handler.headers.items()}
        self.names.append(given["webhook-id"])
        self.came.append(self.reader.read(given, body, now=float(given["webhook-timestamp"])))
        handler.send_response(self.status)
        for name, value in self.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()


@dataclass
class Wires:
    """A product that delivers, and the endpoint of one registrar."""

    product: object
    sender: object
    web: object
    inbox: Inbox
    ba: object

    async def hand_on(self, **changes):
        return await make_handoff(self.product.runtime.database, self.ba, now=self.product.clock.now(), **changes)

    async def messages(self):
        async with self.product.runtime.database.reading() as connection:
            query = select(handoff_messages).order_by(handoff_messages.c.id)
            return [(row.kind, MessageState(row.state).name, row.error) for row in await connection.execute(query)]

    async def make_due(self):
        async with self.product.runtime.database.unit_of_work() as connection:
            await connection.execute(handoff_messages.update().values(not_before=0))

    async def log_lines(self):
        async with self.product.runtime.database.reading() as connection:
            return b"".join((await connection.execute(select(audit_entries.c.line))).scalars())


@pytest_asyncio.fixture
async def wires(product):
    runtime = product.runtime
    approving = open_approving(runtime.settings, runtime.database, runtime.clock)
    inbox = Inbox()
    ba, _ = await make_conversation(runtime.database, runtime.vault)
    with serving() as web:
        web.pages["/in"] = inbox
        async with open_poster(loopback=True) as poster:
            async with runtime.database.unit_of_work() as connection:
                facts = {"registrar": TENTEN, "url": web.url("/in"), "by": "machine", "now": runtime.clock.now()}
                secret = await endpoints.set_up(connection, runtime.vault, approving.log, **facts)
            inbox.reader = manual.Deliveries(secret)
            yield Wires(product, create_webhook_sender(runtime, approving, poster), web, inbox, ba)


async def test_a_request_arrives_signed_and_stands_in_the_audit_log(wires):
    reference = await wires.hand_on()
    assert await wires.sender.deliver_due() == 1
    (came,) = wires.inbox.came
    assert came["type"] == "handoff.created"
    assert came["data"]["reference"] == reference
    assert came["data"]["contact"] == CONTACT
    assert came["data"]["domain"] == "tranthiba.id.vn"
    assert await wires.messages() == [("created", "SENT", None)]
    assert await wires.sender.deliver_due() == 0
    lines = await wires.log_lines()
    assert b'"handoff.sent"' in lines
    assert wires.product.runtime.vault.audit_digest(reference).encode() in lines


async def test_what_is_not_taken_is_tried_again_as_the_same_delivery(wires):
    await wires.hand_on()
    wires.inbox.status = 500
    await wires.sender.deliver_due()
    assert await wires.messages() == [("created", "PENDING", "status-500")]
    assert await wires.sender.deliver_due() == 0  # not before its delay is over
    wires.inbox.status = 200
    await wires.make_due()
    await wires.sender.deliver_due()
    assert await wires.messages() == [("created", "SENT", None)]
    assert len(set(wires.inbox.names)) == 1
    assert wires.inbox.came[1] is None  # which the receiver knows by its id


async def test_a_receiver_may_ask_for_more_time(wires):
    await wires.hand_on()
    wires.inbox.status, wires.inbox.headers = 503, {"Retry-After": "3600"}
    await wires.sender.deliver_due()
    async with wires.product.runtime.database.reading() as connection:
        (wait,) = (await connection.execute(select(handoff_messages.c.not_before - database_now()))).scalars()
    assert 3_500 < wait <= 3_600


async def test_what_no_secret_at_hand_opens_is_a_failure_and_given_up_in_the_end(wires):
    await wires.hand_on()
    strange = replace(wires.sender, vault=Vault(["another master secret that is not at hand"]))
    for _ in range(len(DELAYS)):
        await strange.deliver_due()
        assert await wires.messages() == [("created", "PENDING", "unreadable")]
        assert await strange.deliver_due() == 0  # not before its delay is over
        await wires.make_due()
    await strange.deliver_due()
    assert await wires.messages() == [("created", "FAILED", "unreadable")]
    assert wires.inbox.came == []


async def test_a_redirection_is_not_followed(wires):
    wires.web.pages["/in"] = moved_to(wires.web.url("/elsewhere"))
    await wires.hand_on()
    await wires.sender.deliver_due()
    assert await wires.messages() == [("created", "PENDING", "redirected")]
    assert wires.web.asked == ["/in"]


async def test_what_was_taken_back_is_never_delivered_and_the_registrar_is_told_to_erase(wires):
    reference = await wires.hand_on()
    runtime = wires.product.runtime
    async with runtime.database.unit_of_work() as connection:
        await service.withdraw(connection, wires.ba, reference=reference, now=runtime.clock.now())
    assert await wires.sender.deliver_due() == 2
    assert [came["type"] for came in wires.inbox.came] == ["handoff.withdrawn"]
    assert wires.inbox.came[0]["data"] == {"reference": reference}
    assert await wires.messages() == [("created", "CANCELLED", None), ("withdrawn", "SENT", None)]


async def test_what_went_to_the_next_registrar_is_not_delivered_to_the_first(wires):
    reference = await wires.hand_on()
    runtime = wires.product.runtime
    async with runtime.database.unit_of_work() as connection:
        values = {"reference": reference, "registrar": PAVIETNAM, "consent": "handoff-1", "now": runtime.clock.now()}
        await connect_registrar(connection, PAVIETNAM, now=runtime.clock.now())
        await service.accept_next(connection, wires.ba, **values)
    await wires.sender.deliver_due()
    assert [came["type"] for came in wires.inbox.came] == ["handoff.withdrawn"]


async def test_without_an_endpoint_any_more_nothing_is_sent(wires):
    await wires.hand_on()
    runtime = wires.product.runtime
    async with runtime.database.unit_of_work() as connection:
        facts = {"registrar": TENTEN, "by": "machine", "now": runtime.clock.now()}
        assert await endpoints.remove(connection, wires.sender.audit, **facts)
    await wires.sender.deliver_due()
    assert await wires.messages() == [("created", "CANCELLED", None)]
    assert wires.inbox.came == []


async def test_no_log_line_and_no_count_tells_anything_of_the_citizen(wires):
    reference = await wires.hand_on()
    with capture_logs() as events:
        wires.inbox.status = 500
        await wires.sender.deliver_due()
        await wires.make_due()
        wires.inbox.status = 204
        await wires.sender.deliver_due()
    assert [event["event"] for event in events] == ["webhook.failed", "webhook.sent"]
    seen = "\n".join([str(events), generate_latest().decode(), (await wires.log_lines()).decode()])
    for told in (*CONTACT.values(), "tranthiba", reference):
        assert told not in seen


async def test_the_sender_works_until_it_is_told_to_stop(wires):
    stopping = asyncio.Event()
    running = asyncio.create_task(wires.sender.run(stopping))
    await wires.hand_on()
    async with asyncio.timeout(30):
        while await wires.messages() != [("created", "SENT", None)]:
            await asyncio.sleep(0.05)
        stopping.set()
        await running


# Where nothing is ever sent

INSIDE = [
    "127.0.0.1", "10.0.0.8", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.8", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::", "ff02::1", "::127.0.0.1",
]  # fmt: skip


def leading_to(*answers):
    """Give a resolver that answers with the next addresses each time, and keeps how often it was asked."""
    left = list(answers)

    async def resolve(host, port):
        resolve.asked += 1
        return left.pop(0) if len(left) > 1 else left[0]

    resolve.asked = 0
    return resolve


@pytest.mark.parametrize("address", INSIDE)
async def test_a_name_that_leads_inside_is_refused_when_it_is_set_and_when_it_is_used(address):
    async with open_poster(resolver=leading_to([address])) as poster:
        with pytest.raises(EndpointRefusedError) as refusal:
            await poster.check("https://registrar.example/in")
        assert refusal.value.problem == "private-address"
        with pytest.raises(DeliveryFailedError) as failure:
            await poster.post("https://registrar.example/in", b"{}", {})
        assert failure.value.reason == "private-address"


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://registrar.example/in", "not-https"),
        ("https://user:secret@registrar.example/in", "not-an-address"),
        ("ftp://registrar.example/in", "not-an-address"),
        ("file:///etc/passwd", "not-an-address"),
        ("gopher://127.0.0.1:25/", "not-an-address"),
        ("https://", "not-an-address"),
        ("https://registrar.example:0x50/in", "not-an-address"),
        ("https://registrar.example/in\r\nHost: inside", "not-an-address"),
        ("https://registrar.example/in#part", "fragment"),
        ("https://registrar.example/" + "a" * 500, "not-an-address"),
        ("https://đăngký.vn/", "not-an-address"),
        ("https://2130706433/", "private-address"),
        ("https://0x7f.1/", "private-address"),
        ("https://localhost/", "private-address"),
        ("https://[::1]/", "private-address"),
    ],
)
async def test_an_address_that_is_none_or_leads_inside_is_refused(url, problem):
    async with open_poster() as poster:
        with pytest.raises(EndpointRefusedError) as refusal:
            await poster.check(url)
        assert refusal.value.problem in (problem, "no-address" if problem == "private-address" else problem)
        with pytest.raises(DeliveryFailedError):
            await poster.post(url, b"{}", {})


async def test_a_name_that_leads_inside_the_second_time_gains_nothing(wires):
    """The address that was looked at is the one that is connected to: the name is asked for once a delivery."""
    resolver = leading_to(["203.0.113.7", "127.0.0.1"], ["127.0.0.1"])
    async with open_poster(resolver=resolver) as poster:
        with pytest.raises(DeliveryFailedError) as failure:
            await poster.post(f"https://registrar.example:{wires.web.port}/in", b"{}", {})
    assert failure.value.reason == "private-address"
    assert resolver.asked == 1
    assert wires.web.asked == []


@pytest.mark.parametrize(("name", "reason"), [("registrar.example", None), ("other.example", "unreachable")])
async def test_the_endpoint_must_be_the_one_that_the_address_names(tmp_path, name, reason):
    """Although the connection goes to an address, and not to a name; here to one that only tests may reach."""
    server, client = tls_for("registrar.example", tmp_path)
    with serving(server) as web:
        web.pages["/in"] = b""
        async with open_poster(loopback=True, resolver=leading_to(["127.0.0.1"]), tls=client) as poster:
            url = f"https://{name}:{web.port}/in"
            if reason is None:
                await poster.post(url, b"{}", {})
                assert web.hosts == [f"{name}:{web.port}"]
                return
            with pytest.raises(DeliveryFailedError) as failure:
                await poster.post(url, b"{}", {})
            assert (failure.value.reason, web.asked) == (reason, [])


def tls_for(name, directory):
    """Give what a server of that name shows, and what a client knows it by."""
    now, root, key = datetime.now(UTC), make_root(), make_key("p256", 91)
    extensions = [(x509.SubjectAlternativeName([x509.DNSName(name)]), False)]
    dates = {"not_before": now - timedelta(days=1), "not_after": now + timedelta(days=1)}
    own = root.certify(make_name("web"), key, extensions=extensions, **dates)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (directory / "web.pem").write_bytes(private + pem([own]))
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    server.load_cert_chain(directory / "web.pem")
    client.load_verify_locations(cadata=pem([root.certificate]).decode())
    client.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return server, client


async def test_without_tls_nothing_leaves_this_machine_even_for_tests():
    async with open_poster(loopback=True, resolver=leading_to(["93.184.215.14"])) as poster:
        with pytest.raises(DeliveryFailedError) as failure:
            await poster.post("http://registrar.example/in", b"{}", {})
    assert failure.value.reason == "unreachable"


def test_production_delivers_to_no_loopback():
    secrets = {"secret_key": "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY", "actions_secret": "zY9xW8vU7tS6rQ5pN4mL3kJ2hG1fE0dC"}
    with pytest.raises(ValueError) as refusal:
        Settings(environment="production", registrar_loopback=True, **secrets)
    assert isinstance(refusal.value.errors()[0]["ctx"]["error"], LoopbackRefusedError)
