"""Entry of every ``make`` target: finds a Python that the product can run on and hands the command over to it.

Whatever ``python3`` a machine has must be able to read this file, so that an old one gets a sentence and not a
SyntaxError: syntax and standard library of Python 3.6.
"""

import os
import subprocess
import sys

MINIMUM = (3, 11)
NEWER = ("python3.14", "python3.13", "python3.12", "python3.11")
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def find_newer_python() -> str:
    """Return a command on PATH that really runs a Python of at least MINIMUM, or "".

    Each is tried, because a version manager leaves commands on PATH whose Python is not there.
    """
    question = f"import sys; sys.exit(sys.version_info < {MINIMUM})"
    for command in NEWER:
        try:
            answer = subprocess.run(
                [command, "-c", question], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
            )
        except OSError:
            continue
        if answer.returncode == 0:
            return command
    return ""


def main() -> int:
    """Run the command named by the arguments; return its exit code (2: the one sentence on stderr says why not)."""
    if sys.version_info >= MINIMUM:
        # In place of this folder, so that ``deploy`` is importable and none of its modules shadows another's name.
        sys.path[0] = ROOT
        from deploy.commands import run_command  # noqa: PLC0415  (an old Python could not even read it)

        return run_command(sys.argv[1:])
    newer = find_newer_python()
    if newer:
        os.execvp(newer, [newer, os.path.abspath(__file__), *sys.argv[1:]])  # noqa: S606  (this file, a newer Python)
    sentence = (
        f"Cần Python 3.11 trở lên mà máy này chỉ có Python {sys.version_info[0]}.{sys.version_info[1]}: "
        "hãy cài bản mới hơn (Debian, Ubuntu: “sudo apt install python3.11 python3.11-venv”) rồi chạy lại.\n"
    )
    # As bytes: with an ASCII locale an old Python would fail on the first accented letter.
    sys.stderr.buffer.write(sentence.encode("utf-8"))
    return 2


if __name__ == "__main__":
    sys.exit(main())
