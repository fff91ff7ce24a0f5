"""What a certificate, or whoever answers for it, may try to make the server do; named after the attempt."""

from __future__ import annotations

import ssl
import time
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.revocation.fetching import FetchFailedError, open_fetcher
from bot.revocation.hosts import Hosts, Place
from bot.settings import Settings
from tests.pki import DAY, make_key, make_name, make_root, pem
from tests.revocation.web import Stalled, endless, moved_to, packed, serving


@pytest.fixture
def web():
    with serving() as opened:
        yield opened


def leading_to(*addresses):
    """Give a resolver of names that all lead there, and count how often it is asked."""

    async def resolve(host, port):
        resolve.asked.append(host)
        return addresses

    resolve.asked = []
    return resolve


async def fetch(hosts, url, *, seconds=5.0, most_bytes=1000, **options):
    async with open_fetcher(hosts, **options) as fetcher:
        return await fetcher.get(url, most_bytes=most_bytes, seconds=seconds)


async def refused(reason, hosts, url, **options):
    with pytest.raises(FetchFailedError) as caught:
        await fetch(hosts, url, **options)
    assert caught.value.reason == reason


async def test_a_listed_address_is_asked(web):
    web.pages["/a.crl"] = b"list"
    assert await fetch(Hosts([f"127.0.0.1:{web.port}"]), web.url("/a.crl")) == b"list"


async def test_what_the_operator_configured_is_listed_by_that(web):
    web.pages["/a.crl"] = b"list"
    assert await fetch(Hosts(urls=[web.url("/a.crl")]), web.url("/a.crl")) == b"list"


async def test_making_the_server_ask_a_host_that_is_not_listed(web):
    await refused("host-not-listed", Hosts(["crl.example.vn"]), web.url("/a.crl"))
    assert web.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "http://crl.example.vn:22/",
        "http://crl.example.vn:8080/",
        "http://crl.example.vn.example.com/",
        "http://sub.crl.example.vn/",
        "http://crl.example.vn@127.0.0.1/",
        "http://user:word@crl.example.vn/",
        "http://127.0.0.1#@crl.example.vn/",
        "http://crl.example.vn\\@127.0.0.1/",
        "ftp://crl.example.vn/",
        "file:///etc/passwd",
        "ldap://crl.example.vn/",
        "gopher://crl.example.vn/",
        "http://",
        "http:///a.crl",
        "http://[::1",
        "http://crl.example.vn:99999/",
        "//crl.example.vn/",
        "",
    ],
)
async def test_writing_an_address_so_that_it_looks_like_a_listed_one(url):
    resolver = leading_to("93.184.216.34")
    await refused("host-not-listed", Hosts(["crl.example.vn"]), url, resolver=resolver)
    assert resolver.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "64:ff9b:1::7f00:1",
        "::127.0.0.1",
        "::ffff:0:127.0.0.1",
        "fec0::1",
        "4000::1",
        "not an address",
    ],
)
async def test_giving_a_listed_name_an_address_inside(address, web):
    hosts = Hosts([f"crl.example.vn:{web.port}"])
    await refused("address-not-listed", hosts, web.url("/", host="crl.example.vn"), resolver=leading_to(address))
    assert web.asked == []


async def test_a_name_may_lead_to_an_inside_address_that_is_listed_too(web):
    web.pages["/a.crl"] = b"list"
    resolver = leading_to("127.0.0.1")
    hosts = Hosts([f"crl.example.vn:{web.port}", "127.0.0.0/8"])
    assert await fetch(hosts, web.url("/a.crl", host="crl.example.vn"), resolver=resolver) == b"list"
    assert web.hosts == [f"crl.example.vn:{web.port}"]
    assert resolver.asked == ["crl.example.vn"]


async def test_leading_elsewhere_when_the_name_is_asked_for_the_second_time(web):
    """The connection goes to the address that was looked at, so that there is no second time."""
    addresses = iter([["127.0.0.1"], ["10.0.0.1"]])

    async def resolver(host, port):
        return next(addresses)

    web.pages["/a.crl"] = b"list"
    hosts = Hosts([f"crl.example.vn:{web.port}", "127.0.0.1"])
    assert await fetch(hosts, web.url("/a.crl", host="crl.example.vn"), resolver=resolver) == b"list"


@pytest.mark.parametrize("port", [1, 80])
def test_an_address_with_a_port_lists_no_other_port(port):
    hosts = Hosts(["127.0.0.1:8080"])
    assert not hosts.lists(Place("http", "127.0.0.1", port))
    assert hosts.lists(Place("http", "127.0.0.1", 8080))


def test_a_network_lists_its_addresses_on_the_usual_ports():
    hosts = Hosts(["10.0.0.0/8", "[fd00::1]:8080"])
    assert hosts.lists(Place("http", "10.1.2.3", 80))
    assert not hosts.lists(Place("http", "10.1.2.3", 8080))
    assert hosts.lists(Place("http", "fd00::1", 8080))
    assert hosts.admits("fd00::1")
    assert not hosts.admits("fd00::2")


async def test_sending_the_server_on_to_a_host_that_is_not_listed(web):
    web.pages["/a.crl"] = moved_to("http://169.254.169.254/latest/meta-data")
    await refused("host-not-listed", Hosts([f"127.0.0.1:{web.port}"]), web.url("/a.crl"))


async def test_a_listed_host_may_send_on_to_itself(web):
    web.pages["/a.crl"] = moved_to("/b.crl")
    web.pages["/b.crl"] = b"list"
    assert await fetch(Hosts([f"127.0.0.1:{web.port}"]), web.url("/a.crl")) == b"list"


async def test_sending_the_server_round_in_circles(web):
    web.pages["/a.crl"] = moved_to("/a.crl")
    await refused("redirected", Hosts([f"127.0.0.1:{web.port}"]), web.url("/a.crl"))
    assert len(web.asked) == 3


async def test_sending_a_question_on(web):
    web.pages["/ocsp"] = moved_to("/elsewhere")
    async with open_fetcher(Hosts([f"127.0.0.1:{web.port}"])) as fetcher:
        with pytest.raises(FetchFailedError) as caught:
            await fetcher.post(web.url("/ocsp"), b"?", kind="x/y", most_bytes=10, seconds=5)
    assert caught.value.reason == "redirected"
    assert web.asked == ["/ocsp"]


async def test_sending_without_end(web):
    web.pages["/a.crl"] = endless
    await refused("too-large", Hosts([f"127.0.0.1:{web.port}"]), web.url("/a.crl"))


async def test_sending_something_packed(web):
    web.pages["/a.crl"] = packed
    await refused("encoded", Hosts([f"127.0.0.1:{web.port}"]), web.url("/a.crl"))


async def test_holding_the_server_up(web):
    stalled = web.pages["/a.crl"] = Stalled()
    begun = time.monotonic()
    await refused("slow", Hosts([f"127.0.0.1:{web.port}"]), web.url("/a.crl"), seconds=0.2)
    assert time.monotonic() - begun < 2
    stalled.released.set()


async def test_what_is_not_there_is_told_as_such(web):
    await refused("status", Hosts([f"127.0.0.1:{web.port}"]), web.url("/nothing"))
    await refused("unreachable", Hosts(["127.0.0.1:9"]), "http://127.0.0.1:9/")


@pytest.mark.parametrize(("name", "reason"), [("crl.example.vn", None), ("other.example.vn", "unreachable")])
async def test_over_https_the_server_must_be_the_one_that_the_address_names(tmp_path, name, reason):
    """Although the connection goes to an address, and not to a name."""
    now = datetime.now(UTC)
    root, key = make_root(), make_key("p256", 91)
    extensions = [(x509.SubjectAlternativeName([x509.DNSName("crl.example.vn")]), False)]
    dates = {"not_before": now - DAY, "not_after": now + DAY}
    own = root.certify(make_name("web"), key, extensions=extensions, **dates)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "web.pem").write_bytes(private + pem([own]))
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    server.load_cert_chain(tmp_path / "web.pem")
    client.load_verify_locations(cadata=pem([root.certificate]).decode())
    client.verify_flags &= ~ssl.VERIFY_X509_STRICT
    with serving(server) as web:
        web.pages["/a.crl"] = b"list"
        url = f"https://{name}:{web.port}/a.crl"
        options = {"resolver": leading_to("127.0.0.1"), "tls": client}
        hosts = Hosts([f"{name}:{web.port}", "127.0.0.1"])
        if reason is None:
            assert await fetch(hosts, url, **options) == b"list"
        else:
            await refused(reason, hosts, url, **options)


async def test_the_environment_names_no_proxy(web, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    web.pages["/a.crl"] = b"list"
    assert await fetch(Hosts([f"127.0.0.1:{web.port}"]), web.url("/a.crl")) == b"list"


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("crl_urls", "ftp://crl.example.vn/a.crl"),
        ("crl_urls", "crl.example.vn/a.crl"),
        ("crl_urls", "http://me@crl.example.vn/a.crl"),
        ("revocation_hosts", "http://crl.example.vn"),
        ("revocation_hosts", "0.0.0.0/0"),
        ("revocation_hosts", "::/0"),
        ("revocation_hosts", "crl.example.vn/path"),
        ("revocation_hosts", "me@crl.example.vn"),
        ("revocation_hosts", "crl.example.vn:port"),
    ],
)
def test_a_setting_that_lists_nothing_sensible_is_refused(setting, value):
    with pytest.raises(ValueError, match=setting):
        Settings(**{setting: value})


def test_settings_take_lists_apart_at_commas():
    settings = Settings(crl_urls="http://a.example.vn/1.crl, https://b.example.vn/2.crl", revocation_hosts="10.0.0.5")
    assert settings.crl_urls == ("http://a.example.vn/1.crl", "https://b.example.vn/2.crl")
    assert settings.revocation_hosts == ("10.0.0.5",)
