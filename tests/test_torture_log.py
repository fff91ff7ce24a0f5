"""The log of the long runs."""

from __future__ import annotations

from tests.torture import RUNS, TITLE, TOLD, Ended, note


def test_a_run_replaces_its_own_part_of_the_log_and_no_other(tmp_path):
    log = tmp_path / "log.md"
    last, first = Ended(RUNS[-1], 7, True, 3.0, ["all the same"]), Ended(RUNS[0], 5, False, 3.0, [])
    for ended in (last, Ended(RUNS[0], 4, True, 3.0, ["as it was"]), first):
        note(ended, log)
    written = log.read_text("utf-8")
    assert written == f"{TITLE}\n\n{first.part()}\n{last.part()}"
    assert f"{RUNS[0].name}: 5 in 3 s, FAILED" in written
    assert "as it was" not in written


def test_what_a_test_tells_is_noted_whatever_ended_before_it():
    said = (
        "torture: sqlite: 50 kills\n.torture: postgresql: 50 kills\n.Ftorture: more\nno torture: at all\n.\n3 passed\n"
    )
    assert TOLD.findall(said) == ["sqlite: 50 kills", "postgresql: 50 kills", "more"]
