"""Makes the report; started by ``make nlu-report`` with Rasa's own Python, from the folder ``nlu``."""

from __future__ import annotations

import argparse
import io
import signal
import sys
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from types import FrameType

from quiet import set_environment
from report.failures import OptionError, ReportError, StoppedError

ROOT = Path(__file__).parent.parent.parent
KEPT = ROOT / "var/nlu-report"
LOG = ROOT / "var/log/nlu-report.log"
OWN_TRAINING = Path("nlu/data/nlu")
OWN_SETS = {"test": Path("nlu/tests/test"), "development": Path("nlu/tests/development")}
FAILED, INTERRUPTED = 2, 130


def main() -> int:
    """Measure, write the report, print its summary; give the exit code."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        options = _read_options(sys.argv[1:])
        set_environment()
        _report(options)
    except ReportError as error:
        print(error, file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print(f"\n{StoppedError()}", file=sys.stderr)
        return INTERRUPTED
    return 0


def _report(options: argparse.Namespace) -> None:
    # These import Rasa, which takes seconds and must find its environment set.
    from report.data import read_examples, read_training, unseen
    from report.document import Circumstances, write_document
    from report.errors import write_misread
    from report.measuring import Laboratory
    from report.pipelines import default_pipeline, our_pipeline
    from report.progress import Progress
    from report.tables import summary_table

    own_data = options.train is None
    training = read_training(ROOT / OWN_TRAINING if own_data else options.train)
    test = ROOT / OWN_SETS[options.set] if own_data else options.test
    written = read_examples(test)
    # Somebody else's data is measured as it is, to be compared with what others got on it.
    examples = unseen(training, written) if own_data else written
    laboratory = Laboratory(KEPT, LOG, Progress(sys.stdout), fresh=options.fresh)
    pipelines = [our_pipeline(training, own_data=own_data)]
    if not options.ours:
        pipelines.append(default_pipeline(training, own_data=own_data, epochs=options.epochs))
    measured = [laboratory.measure(pipeline, examples) for pipeline in pipelines]
    circumstances = Circumstances(
        measured_at=datetime.now(timezone.utc),
        training=f"`{OWN_TRAINING}`" if own_data else f"`{options.train.name}`",
        training_messages=len(training.intent_examples),
        intents=len(training.intents),
        test=f"`{OWN_SETS[options.set]}`" if own_data else f"`{options.test.name}`",
        test_messages=len(examples),
        test_messages_trained=len(written) - len(examples),
    )
    # Only the test set's own report, both pipelines in it, belongs to the documentation.
    is_whole = own_data and options.set == "test" and not options.ours
    folder = ROOT / "docs" if is_whole else KEPT / "latest"
    page = write_document(folder, measured, circumstances)
    if options.errors is not None:
        write_misread(options.errors, measured[0])
    print(f"\n{summary_table(measured)}\n\n{page.relative_to(ROOT)}")


def _read_options(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line.

    Raises:
        OptionError: the options contradict each other or mean nothing.
    """
    parser = argparse.ArgumentParser(prog="report", description=__doc__)
    parser.add_argument("--train", type=Path, help="a file or folder of Rasa NLU data in place of our own")
    parser.add_argument("--test", type=Path, help="the messages to test such data with")
    parser.add_argument("--set", default="test", help="which of our own sets of messages: test or development")
    parser.add_argument("--epochs", help="how long the default pipeline's neural network trains")
    parser.add_argument("--errors", type=Path, help="where to write the misread messages of the development set")
    parser.add_argument("--ours", action="store_true", help="leave the default pipeline out")
    parser.add_argument("--fresh", action="store_true", help="train the default pipeline anew")
    options = parser.parse_args(arguments)
    if (options.train is None) != (options.test is None):
        raise OptionError("TRAIN và TEST đi cùng nhau: hãy cho cả hai tệp, hoặc bỏ cả hai để đo dữ liệu sẵn có.")
    if options.set not in OWN_SETS:
        raise OptionError(f"Không có bộ câu “{options.set}”: hãy chọn SET=test hoặc SET=development.")
    if options.errors is not None and (options.train is not None or options.set != "development"):
        raise OptionError(
            "Chỉ bộ development được xem từng câu hiểu sai, để không ai chỉnh theo bộ kiểm tra: "
            "hãy thêm SET=development hoặc bỏ ERRORS."
        )
    if options.epochs is not None:
        if not options.epochs.isascii() or not options.epochs.isdigit() or int(options.epochs) < 1:
            raise OptionError("EPOCHS phải là số nguyên từ 1 trở lên: hãy sửa lại, ví dụ EPOCHS=20.")
        options.epochs = int(options.epochs)
    return options


def _stop(_signal: int, _frame: FrameType | None) -> None:
    """Treat SIGTERM as Ctrl-C, so that the process that trains is ended too."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Whatever the locale: the sentences are Vietnamese.
            stream.reconfigure(encoding="utf-8", errors="replace")
    sys.exit(main())
