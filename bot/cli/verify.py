"""Checking a bundle of evidence, anywhere: without a database, settings or a network."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.text import Text

from bot.cli.plain import EXIT_REFUSED, plainly, refuse
from bot.cli.verify_sentences import (
    LOG_PROVEN,
    OPTIONS,
    SOURCES,
    VERDICTS,
    sentence_of,
    sentence_of_bundle,
    visible,
    what_is_approved,
)
from bot.core.approvals.verification import Report, examine
from bot.core.audit.findings import Check, Outcome, Verdict
from bot.core.audit.unpacking import MEBIBYTE, Bundle, BundleUnusableError, unpack
from bot.core.statements.models import Broadcast, Series
from bot.core.text import nfc

EXITS = {Verdict.PROVEN: 0, Verdict.REFUTED: 1, Verdict.UNPROVEN: EXIT_REFUSED}
MARKS = {Outcome.HOLDS: ("✓", "green"), Outcome.DOUBTFUL: ("!", "yellow"), Outcome.FAILS: ("✗", "red")}
STYLES = {Verdict.PROVEN: "bold green", Verdict.REFUTED: "bold red", Verdict.UNPROVEN: "bold yellow"}


def verify(
    bundle: Annotated[Path, typer.Argument(help="Gói chứng cứ: tệp .zip, hoặc thư mục đã giải nén.", metavar="GÓI")],
    *,
    roots: Annotated[
        Path | None,
        typer.Option(help="Chứng thư số gốc của người duyệt (.pem, .cer), lấy từ đơn vị cấp.", metavar="TỆP"),
    ] = None,
    log_roots: Annotated[
        Path | None,
        typer.Option(help="Chứng thư số gốc của khóa nhật ký, giữ từ lần trước hoặc nơi công bố.", metavar="TỆP"),
    ] = None,
    earlier: Annotated[
        Path | None,
        typer.Option(help="Mốc (checkpoint.json) bạn giữ từ lần trước: nhật ký phải nối tiếp từ đó.", metavar="TỆP"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="In kết quả dạng JSON cho máy đọc.")] = False,
) -> None:
    """Kiểm tra gói chứng cứ, không cần mạng hay cơ sở dữ liệu. Mã thoát: 0 đúng, 1 có chỗ sai, 2 chưa kết luận được."""
    with plainly():
        try:
            found = unpack(bundle)
            report = examine(found.files, roots=_read(roots), log_roots=_read(log_roots), earlier=_read(earlier))
        except BundleUnusableError as error:
            _refuse_bundle(error, as_json=as_json)
    if as_json:
        print_json(_described(report, found))
    else:
        _show(report, found)
    raise typer.Exit(EXITS[report.verdict])


def print_json(value: object) -> None:
    """Print JSON in ASCII: certificates hold what their holders like, and a terminal obeys some of it."""
    print(json.dumps(value, indent=2))


def _read(path: Path | None) -> bytes | None:
    if path is None:
        return None
    with path.open("rb") as file:
        return file.read(MEBIBYTE)


def _refuse_bundle(error: BundleUnusableError, *, as_json: bool) -> NoReturn:
    sentence = sentence_of_bundle(error)
    if as_json:
        told = {"verdict": "unreadable", "problem": error.problem.value, "file": error.file, "sentence": sentence}
        print_json(told)
        raise typer.Exit(EXIT_REFUSED)
    refuse(sentence)


def _described(report: Report, bundle: Bundle) -> dict[str, object]:
    approvals = report.approvals
    return {
        "verdict": report.verdict.value,
        "sentence": _conclusion(report),
        "subject": approvals[0].subject.model_dump(mode="json") if approvals else None,
        "findings": [
            {
                "check": finding.check.value,
                "outcome": finding.outcome.value,
                "problem": finding.problem,
                "approval": finding.number,
                "facts": dict(finding.facts),
                "sentence": nfc(sentence_of(finding)),
            }
            for finding in report.findings
        ],
        "not_looked_at": list(bundle.others),
    }


def _show(report: Report, bundle: Bundle) -> None:
    console = Console(highlight=False)
    for line in _about(report):
        console.print(Text(line), soft_wrap=True)
    for finding in report.findings:
        mark, style = MARKS[finding.outcome]
        console.print(Text(mark, style=style) + Text(f" {nfc(sentence_of(finding))}"), soft_wrap=True)
    strangers = [name for name in bundle.others if name != "README"]
    if strangers:
        console.print(Text(f"! Không xét đến: {', '.join(map(visible, strangers))}."), soft_wrap=True)
    console.print(Text(_conclusion(report), style=STYLES[report.verdict]), soft_wrap=True)


def _about(report: Report) -> list[str]:
    """Return what the bundle says it is about; whether that is so, the findings tell."""
    if not report.approvals:
        return []
    subject = report.approvals[0].subject
    lines = [f"{what_is_approved(report.approvals[0])}, do tài khoản {subject.drafter} soạn."]
    if isinstance(subject, Broadcast | Series):
        lines.append(f"Tiêu đề: {visible(subject.content.title)}")
        if subject.mode == "training":
            lines.append("Đây là bản TẬP DƯỢT, không phải bản tin thật.")
    return lines


def _conclusion(report: Report) -> str:
    if report.verdict is Verdict.PROVEN and not report.approvals:
        return LOG_PROVEN.format(size=report.log_size)
    root = Check.ROOTS if report.approvals else Check.LOG_ROOTS
    outcomes = Counter(finding.outcome for finding in report.findings)
    return VERDICTS[report.verdict].format(
        what=what_is_approved(report.approvals[0]) if report.approvals else "",
        count=len(report.approvals),
        fails=outcomes[Outcome.FAILS],
        source=SOURCES[root],
        option=OPTIONS[root],
    )
