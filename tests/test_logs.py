"""What the logs say of a failure."""

import json
import logging
import sys

import pytest
import structlog

from bot.logs import configure_logs


@pytest.fixture(autouse=True)
def _logging_as_it_was():
    yield
    logging.basicConfig(force=True)
    configure_logs("development")


def fail_privately() -> None:
    private = "quán bà Ba"
    try:
        {}[private]
    except KeyError as error:
        raise RuntimeError(private) from error


@pytest.mark.parametrize("environment", ["development", "production"])
@pytest.mark.parametrize("logger", [structlog.get_logger, logging.getLogger])
def test_a_failure_is_logged_by_its_classes_and_places_and_never_by_what_was_typed(capsys, environment, logger):
    configure_logs(environment)
    try:
        fail_privately()
    except RuntimeError as error:
        logger().error("turn.failed", exc_info=error)
    said = capsys.readouterr().err
    assert "RuntimeError" in said
    assert "KeyError" in said
    assert "fail_privately" in said
    assert "quán bà Ba" not in said.replace('private = "quán bà Ba"', "")


def test_production_logs_are_json_lines_of_ours_and_of_libraries(capsys):
    configure_logs("production")
    structlog.get_logger().info("turn.finished", intent="greet")
    logging.getLogger("some.library").warning("it is full")
    logging.getLogger("some.library").info("details")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["event"], line["level"]) for line in lines] == [("turn.finished", "info"), ("it is full", "warning")]


def test_an_exception_in_hand_is_found(capsys):
    configure_logs("production")
    try:
        fail_privately()
    except RuntimeError:
        structlog.get_logger().exception("turn.failed")
    assert "RuntimeError" in json.loads(capsys.readouterr().err)["exception"]
    assert sys.exc_info() == (None, None, None)
