"""What verifying a signature costs, step by step, beside openssl and pyHanko in the same run.

``python -m tests.benchmarks.signatures`` prints Markdown. All verify the same messages, with a path of three
certificates and a list of each authority; openssl is a process, as an outsider runs it.
"""

from __future__ import annotations

import platform
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bot.core.signatures import DEFAULT_POLICY, SignatureAlgorithm, Verified, verify
from bot.core.signatures.certificate_lists import read_list
from bot.core.signatures.messages import read_message
from bot.core.signatures.paths import find_path
from bot.core.signatures.revocation import check_revocation
from bot.core.statements import read_statement
from tests.core.signatures.opinions import Opinions
from tests.core.statements.examples import EXAMPLES
from tests.pki import NOW, SIGNING_KINDS, OcspAnswer, Revocations, make_pki

ROUNDS = 300
PROCESS_ROUNDS = 60
LONG_LIST = 50_000


@dataclass(frozen=True)
class Cost:
    """Milliseconds of one step; `cpu` is the mean of this process and those it started, which no neighbour disturbs."""

    median: float
    p95: float
    cpu: float


def cpu_seconds() -> float:
    """Return the processor time used so far, here and by processes that have ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def measure(step: Callable[[], object], rounds: int = ROUNDS) -> Cost:
    """Run `step` many times, after a warm-up."""
    for _ in range(rounds // 10):
        step()
    times = []
    cpu = cpu_seconds()
    for _ in range(rounds):
        began = time.perf_counter()
        step()
        times.append((time.perf_counter() - began) * 1000)
    cpu = (cpu_seconds() - cpu) * 1000 / rounds
    return Cost(median(times), sorted(times)[int(rounds * 0.95)], cpu)


def steps_of(name: str, kind: str, algorithm: SignatureAlgorithm, folder: Path) -> dict[str, Cost]:
    """Measure every step for one way of signing."""
    pki = make_pki()
    content = EXAMPLES["broadcast"].to_bytes()
    signer = pki.issuing.person(kind=kind)
    signature = signer.sign(content, algorithm)
    revocations = pki.revocations()
    message = read_message(signature)
    path = find_path(message.certificate, message.others, pki.trust, NOW)
    opinions = Opinions(pki, folder)
    answer = OcspAnswer(pki.issuing.ocsp(signer.certificate))
    with_ocsp = Revocations(revocations.crls[:1], [answer])

    def whole() -> None:
        assert isinstance(opinions.ours(signature, content), Verified)

    def openssl() -> None:
        assert opinions.openssl(signature, content)

    def pyhanko() -> None:
        assert opinions.pyhanko(signature, content)

    return {
        f"{name}: sign (key in memory)": measure(lambda: signer.sign(content, algorithm)),
        f"{name}: read the message": measure(lambda: read_message(signature)),
        f"{name}: path of 3": measure(lambda: find_path(message.certificate, message.others, pki.trust, NOW)),
        f"{name}: revocation, 2 lists": measure(
            lambda: check_revocation(path, revocations, at=NOW, policy=DEFAULT_POLICY)
        ),
        f"{name}: whole": measure(whole),
        f"{name}: whole, with OCSP": measure(
            lambda: verify(signature, content, trust=pki.trust, revocation=with_ocsp, at=NOW)
        ),
        f"{name}: pyHanko, same path and lists": measure(pyhanko, PROCESS_ROUNDS),
        f"{name}: openssl cms -verify, a process": measure(openssl, PROCESS_ROUNDS),
    }


def long_list() -> dict[str, Cost]:
    """Measure a list of many, when it is new and when it was read before."""
    pki = make_pki()
    signer = pki.issuing.person()
    content = b"{}"
    signature = signer.sign(content)
    crl = pki.issuing.crl(serials=range(1, LONG_LIST))
    revocations = Revocations([pki.root.crl(), crl])

    def first() -> None:
        read_list.cache_clear()
        read_list(crl, pki.issuing.certificate)

    return {
        f"a list of {LONG_LIST:,}, first read": measure(first, 20),
        f"whole, with a list of {LONG_LIST:,}": measure(
            lambda: verify(signature, content, trust=pki.trust, revocation=revocations, at=NOW)
        ),
    }


def main() -> None:
    """Measure and print."""
    raw = EXAMPLES["broadcast"].to_bytes()
    results = {f"read a statement of {len(raw)} bytes": measure(lambda: read_statement(raw))}
    with tempfile.TemporaryDirectory() as folder:
        for name in ("RS256", "PS256", "ES256"):
            results |= steps_of(name, *SIGNING_KINDS[name], Path(folder))
    results |= long_list()
    print(f"Python {platform.python_version()}, {platform.machine()}; milliseconds, one thread")
    print("\n| step | median | p95 | CPU |\n|---|---|---|---|")
    for step, cost in results.items():
        print(f"| {step} | {cost.median:.2f} | {cost.p95:.2f} | {cost.cpu:.2f} |")


if __name__ == "__main__":
    main()
