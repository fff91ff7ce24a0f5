from bot.gateway.worker import Backlog


def test_what_was_announced_and_not_taken_waits():
    backlog = Backlog(heard=3)
    backlog.changes(announced=5, taken=1)
    assert backlog.holds_any
    backlog.changes(announced=5, taken=1)
    assert not backlog.holds_any


def test_taking_what_was_not_heard_of_yet_evens_out():
    backlog = Backlog(heard=0)
    backlog.changes(announced=0, taken=1)
    backlog.changes(announced=1, taken=0)
    assert not backlog.holds_any


def test_the_database_s_count_replaces_the_guess():
    backlog = Backlog(heard=0)
    backlog.changes(announced=9, taken=0)
    backlog.is_counted(0, heard=9)
    assert not backlog.holds_any
    backlog.changes(announced=10, taken=0)
    assert backlog.holds_any
