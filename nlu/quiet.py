"""Keeps Rasa quiet: no telemetry, no idle threads, and no log line that could quote what somebody typed."""

from __future__ import annotations

import logging
import os
import warnings


def set_environment() -> None:
    """Set what Rasa and its libraries read from the environment; call it before the first import of either."""
    os.environ.update(
        RASA_TELEMETRY_ENABLED="false",
        LOG_LEVEL="WARNING",
        LOG_LEVEL_LIBRARIES="ERROR",
        TF_CPP_MIN_LOG_LEVEL="3",
        CUDA_VISIBLE_DEVICES="-1",
        # Our matrices are small: more threads only wait for each other.
        OMP_NUM_THREADS="1",
        OPENBLAS_NUM_THREADS="1",
        SQLALCHEMY_SILENCE_UBER_WARNING="1",
    )
    # Rasa's warnings may quote a message. Filters would not do: its imports set their own.
    warnings.showwarning = _say_nothing


def _say_nothing(*args: object, **kwargs: object) -> None:
    return


def silence_rasa() -> None:
    """Let only warnings and errors through; below that Rasa logs messages, entities and slots."""
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.WARNING)
    logging.disable(logging.INFO)
