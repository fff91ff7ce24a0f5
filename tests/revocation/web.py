"""A web server on loopback that serves lists and answers as it is told, faults included; and openssl's responder."""

from __future__ import annotations

import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.fixtures.database import free_port
from tests.pki import Authority, Signer, pem

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Web:
    """What stands at each path, and what was asked for."""

    port: int
    pages: dict[str, bytes | Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[Web]:
    """Serve during the block, over https where `tls` is given."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            web.asked.append(self.path)
            web.hosts.append(self.headers["Host"])
            page = web.pages.get(self.path)
            if callable(page):
                page(self)
                return
            self.send_response(200 if page is not None else 404)
            self.send_header("Content-Length", str(len(page or b"")))
            self.end_headers()
            self.wfile.write(page or b"")

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    web = Web(server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def moved_to(url: str) -> Answer:
    """Send whoever asks to another address."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", url)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def endless(handler: BaseHTTPRequestHandler) -> None:
    """Send without end."""
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"\0" * 65536)
    except OSError:
        return


def packed(handler: BaseHTTPRequestHandler) -> None:
    """Send what only unpacking shows to be large."""
    handler.send_response(200)
    handler.send_header("Content-Encoding", "gzip")
    handler.send_header("Content-Length", "1")
    handler.end_headers()
    handler.wfile.write(b"\x1f")


class Stalled:
    """Answers after it is released; whoever asks gives up before."""

    def __init__(self) -> None:
        self.released = threading.Event()

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        self.released.wait(30)


def asks_for(url: str, *, kind: str) -> tuple[x509.ExtensionType, bool]:
    """Give the extension by which a certificate names a responder (``ocsp``) or a list (``crl``)."""
    name = x509.UniformResourceIdentifier(url)
    if kind == "ocsp":
        access = x509.AccessDescription(x509.oid.AuthorityInformationAccessOID.OCSP, name)
        return x509.AuthorityInformationAccess([access]), False
    return x509.CRLDistributionPoints([x509.DistributionPoint([name], None, None, None)]), False


@dataclass
class Responder:
    """openssl's own responder, which reads which certificates are revoked when it starts."""

    directory: Path
    authority: Authority
    speaker: Signer
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, issued: list[x509.Certificate], *, revoked: list[x509.Certificate], now: datetime) -> None:
        self.stop()
        lines = [_index_line(one, is_revoked=one in revoked, now=now) for one in issued]
        (self.directory / "index.txt").write_text("".join(lines))
        (self.directory / "index.txt.attr").write_text("unique_subject = no\n")
        (self.directory / "issuing.pem").write_bytes(pem([self.authority.certificate]))
        (self.directory / "speaker.pem").write_bytes(
            pem([self.speaker.certificate])
            + self.speaker.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        command = ["openssl", "ocsp", "-port", str(self.port), "-index", "index.txt", "-CA", "issuing.pem"]
        command += ["-rsigner", "speaker.pem", "-rkey", "speaker.pem", "-nmin", "10", "-ignore_err"]
        self.process = subprocess.Popen(
            command, cwd=self.directory, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _wait_for(self.url, self.process)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            self.process = None


def make_responder(directory: Path, authority: Authority, speaker: Signer) -> Responder:
    return Responder(directory, authority, speaker, free_port())


def _index_line(certificate: x509.Certificate, *, is_revoked: bool, now: datetime) -> str:
    ends = f"{certificate.not_valid_after_utc:%y%m%d%H%M%SZ}"
    since = f"{now:%y%m%d%H%M%SZ},keyCompromise" if is_revoked else ""
    state = "R" if is_revoked else "V"
    serial = f"{certificate.serial_number:X}"
    serial = serial if len(serial) % 2 == 0 else f"0{serial}"
    return f"{state}\t{ends}\t{since}\t{serial}\tunknown\t/CN=x\n"


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError("the responder ended while starting")
        try:
            httpx.get(url, timeout=1)
            return
        except httpx.HTTPError:
            time.sleep(0.05)  # a process offers nothing to wait on but its port
    raise TimeoutError
