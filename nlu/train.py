"""Checks the training data and trains a model into one archive.

Run by this folder's own Python environment. The archive appears whole or not at all. The same inputs give the same
model: every component has a fixed seed, and Rasa's cache, which misses changes in our components' helpers, is not used.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from quiet import set_environment, silence_rasa

if TYPE_CHECKING:
    from rasa.shared.importers.importer import TrainingDataImporter

HERE = Path(__file__).parent
CONFIG = HERE / "config.yml"
DOMAIN = HERE / "domain"
DATA = HERE / "data"


class TrainingError(Exception):
    """The model could not be trained; the message is one sentence that says why."""


def main() -> int:
    """Train; give the exit code."""
    options = _read_options()
    started = time.monotonic()
    options.out.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=options.out, prefix=".training-") as scratch:
            set_environment()
            _keep_cache_out(Path(scratch))
            _tell("loading", started)
            silence_rasa()
            importer = _checked_data()
            _tell("training data is sound", started)
            trained = _train(importer, Path(scratch))
            trained.replace(options.out / f"{options.name}.tar.gz")
    except TrainingError as error:
        print(error, file=sys.stderr)
        return 1
    _tell(f"trained {options.name}", started)
    return 0


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="the folder of the archive")
    parser.add_argument("--name", default="nlu", help="the archive's name without .tar.gz")
    return parser.parse_args()


def _keep_cache_out(scratch: Path) -> None:
    """Have Rasa put its cache where nothing outlives this run."""
    os.environ.update(RASA_CACHE_DIRECTORY=str(scratch / "cache"), RASA_MAX_CACHE_SIZE="0")


def _checked_data() -> TrainingDataImporter:
    """Read domain, rules and messages, and run Rasa's checks of them against each other.

    Raises:
        TrainingError: with the first thing they found; a warning counts.
    """
    from rasa.shared.exceptions import RasaException
    from rasa.shared.importers.importer import TrainingDataImporter
    from rasa.validator import Validator

    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        try:
            importer = TrainingDataImporter.load_from_config(str(CONFIG), str(DOMAIN), [str(DATA)])
            config = importer.get_config()
            # Asked for in another language, as the validator would by itself, Rasa merges all messages once more.
            messages = importer.get_nlu_data(config["language"])
            validator = Validator(importer.get_domain(), messages, importer.get_stories(), config)
        except RasaException as error:
            raise TrainingError(f"The training data cannot be read: {_in_one_line(error)}") from error
        sound = all(
            [
                validator.verify_domain_validity(),
                validator.verify_intents_in_stories(ignore_warnings=False),
                validator.verify_example_repetition_in_intents(ignore_warnings=False),
                validator.verify_actions_in_stories_rules(),
                validator.verify_forms_in_stories_rules(),
                validator.verify_form_slots(),
                validator.verify_slot_mappings(),
            ]
        )
    if not sound:
        reasons = [
            str(warning.message).split("\n")[0] for warning in found if issubclass(warning.category, UserWarning)
        ]
        raise TrainingError(f"The training data has a fault: {' '.join(reasons) or 'see rasa data validate'}")
    return importer


def _train(importer: TrainingDataImporter, scratch: Path) -> Path:
    """Train into the scratch folder and give the archive.

    Raises:
        TrainingError: when Rasa made none.
    """
    from rasa.engine.recipes.default_recipe import TrainingType
    from rasa.model_training import _train_graph
    from rasa.shared.exceptions import RasaException

    try:
        with contextlib.redirect_stdout(io.StringIO()):
            # Rasa's public way would read everything once more, which takes as long as the learning.
            result = _train_graph(
                importer, TrainingType.BOTH, str(scratch), fixed_model_name="model", force_full_training=True
            )
    except RasaException as error:
        raise TrainingError(f"Rasa could not train: {_in_one_line(error)}") from error
    if result.code != 0 or result.model is None:
        raise TrainingError("Rasa ended without a model.")
    return Path(result.model)


def _in_one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _tell(what: str, started: float) -> None:
    print(f"{time.monotonic() - started:5.1f} s  {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
