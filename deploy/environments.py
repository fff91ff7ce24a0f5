"""The three environments: ``.uv/`` (uv alone), ``.venv/`` (the product) and ``nlu/.venv/`` (Rasa).

Each carries a stamp with the hashes of the files it was made from, its Python and its folder. An environment whose
stamp still fits is not touched, so that a warm start costs milliseconds; a stamp is removed before work begins and
written when it is done, so that an interrupted installation is never taken for a whole one.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.failures import DiskFullError, LockMissingError, NoNluPythonError, SetupError
from deploy.interpreters import NLU_VERSIONS, find_nlu_python
from deploy.progress import Progress
from deploy.tools import ROOT, Uv, open_private, run_tool, running_version

MEBIBYTE = 2**20
UV_LOCK = Path("deploy/requirements.lock")
PRODUCT_LOCK = Path("requirements.lock")
TEST_LOCK = Path("tests/requirements.lock")
NLU_LOCK = Path("nlu/requirements.lock")

# A source archive runs its build tools while it is installed, and those come from the index without a hash. So wheels
# only, also where an index hides them: the locks hold the hashes of source archives too. pip and uv both know this.
WHEELS_ONLY = ("--only-binary", ":all:")
# The exception: Rasa imports it at start, and it was never published as a wheel. See ``install_nlu``.
WITHOUT_WHEEL = ("--no-binary", "randomname")
COMPILED = "--compile-bytecode"
"""Done once here instead of at every start where Python may not write beside its sources."""


@dataclass(frozen=True)
class Environment:
    """One environment: what it is made from, how, and how to tell that it is whole.

    ``files`` are what it is made from, ``programs`` what must be in it (both relative paths); ``versions`` the Pythons
    it may have; ``room`` the bytes that making it takes, downloads included. ``install`` gets uv and the version of the
    Python already in the folder (None: there is nothing to keep), and returns the version that is in it afterwards.
    """

    title: str
    folder: Path
    files: tuple[Path, ...]
    programs: tuple[str, ...]
    versions: tuple[str, ...]
    room: int
    install: Callable[[Uv, str | None], str]

    @property
    def stamp_path(self) -> Path:
        """Where the record of what it was made from lies: inside, so that it goes with the environment."""
        return ROOT / self.folder / "hiendien-stamp.json"

    def read_stamp(self) -> dict[str, str]:
        """Return what the environment was made from; empty when it is absent or was never finished."""
        try:
            stamp = json.loads(self.stamp_path.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) else {}

    def write_stamp(self, version: str) -> None:
        """Record that the environment is whole."""
        stamp = {"root": str(ROOT), "python": version} | hashes(self.files)
        unfinished = self.stamp_path.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(stamp, indent=1), encoding="utf-8")
        unfinished.replace(self.stamp_path)

    def is_usable(self) -> bool:
        """Whether its Python and programs are there and it was made in this folder: scripts hold absolute paths."""
        stamp = self.read_stamp()
        return (
            stamp.get("root") == str(ROOT)
            and stamp.get("python") in self.versions
            and all((ROOT / self.folder / program).exists() for program in self.programs)
        )

    def is_ready(self) -> bool:
        """Whether it is usable and was made from the files as they are now."""
        return self.is_usable() and hashes(self.files).items() <= self.read_stamp().items()


def uv_environment() -> Environment:
    """``.uv/``: a virtual environment for uv alone, which makes the other two."""
    return Environment(
        title="Cài công cụ uv",
        folder=Path(".uv"),
        files=(UV_LOCK,),
        programs=("bin/python", "bin/uv"),
        versions=(running_version(),),
        room=256 * MEBIBYTE,
        install=install_uv,
    )


def product_environment(*, with_tests: bool) -> Environment:
    """``.venv/``: the product, and with ``with_tests`` what checks it; its lock holds the product's very pins.

    So ``make run`` is content with an environment that ``make test`` made.
    """
    lock = TEST_LOCK if with_tests else PRODUCT_LOCK

    def install(uv: Uv, kept_version: str | None) -> str:
        if kept_version is None:
            make_environment(uv, Path(".venv"), sys.executable, lock=lock)
        python = ("--python", ROOT / ".venv/bin/python")
        uv.run("pip", "sync", "--require-hashes", COMPILED, *WHEELS_ONLY, *python, lock, lock=lock)
        # The build backend is uv's own and inside uv; --offline proves that nothing unhashed is downloaded for it.
        editable = ("--offline", "--no-deps", "--no-build-isolation", "--editable", ".")
        uv.run("pip", "install", *python, *editable, lock=lock)
        return running_version()

    made_from = (Path("pyproject.toml"), PRODUCT_LOCK)
    return Environment(
        title="Cài môi trường kiểm thử" if with_tests else "Cài môi trường sản phẩm",
        folder=Path(".venv"),
        files=(*made_from, TEST_LOCK) if with_tests else made_from,
        programs=("bin/python", "bin/hiendien"),
        versions=(running_version(),),
        room=768 * MEBIBYTE,
        install=install,
    )


def nlu_environment() -> Environment:
    """``nlu/.venv/``: Rasa, on its own Python."""
    return Environment(
        title="Cài môi trường hiểu tiếng Việt (lâu nhất, khoảng 2 GB)",
        folder=Path("nlu/.venv"),
        files=(NLU_LOCK,),
        programs=("bin/python",),
        versions=NLU_VERSIONS,
        room=3072 * MEBIBYTE,
        install=install_nlu,
    )


def install_uv(_uv: Uv, kept_version: str | None) -> str:
    """Install uv with pip, the only tool that every Python brings along."""
    folder = ROOT / ".uv"
    if kept_version is None:
        run_tool([sys.executable, "-m", "venv", "--clear", folder], lock=UV_LOCK)
    pip = (folder / "bin/python", "-m", "pip", "--disable-pip-version-check", "--no-input")
    options = ("--quiet", "--require-hashes", *WHEELS_ONLY, "--requirement", UV_LOCK)
    run_tool([*pip, "install", *options], lock=UV_LOCK)
    return running_version()


def install_nlu(uv: Uv, kept_version: str | None) -> str:
    """Install Rasa's packages. Raises NoNluPythonError when there is no Python for it and none can be fetched."""
    folder = Path("nlu/.venv")
    version = kept_version or make_nlu_environment(uv, folder)
    # As a build constraint the lock has its say on build tools too: randomname asks for setuptools and nothing else, so
    # it is built with the lock's, whose hash is checked.
    wheels = (*WHEELS_ONLY, *WITHOUT_WHEEL, "--build-constraints", NLU_LOCK.name)
    python = ("--python", ROOT / folder / "bin/python")
    sync = ("pip", "sync", "--require-hashes", COMPILED, *wheels, *python, NLU_LOCK.name)
    # In nlu/, so that uv reads the restated metadata of Rasa in its pyproject.toml.
    uv.run(*sync, lock=NLU_LOCK, folder=ROOT / "nlu")
    return version


def make_nlu_environment(uv: Uv, folder: Path) -> str:
    """Make Rasa's empty environment and return the version of its Python."""
    python = find_nlu_python(uv, lock=NLU_LOCK)
    try:
        make_environment(uv, folder, python.request, lock=NLU_LOCK)
    except DiskFullError:
        raise
    except SetupError as error:
        if python.found:
            raise
        raise NoNluPythonError from error
    return python.version


def make_environment(uv: Uv, folder: Path, python: str, *, lock: Path) -> None:
    """Make an empty environment at ``folder`` in place of whatever is there."""
    if (ROOT / folder).is_dir() and not (ROOT / folder / "pyvenv.cfg").exists():
        # Half made by an interrupted run; uv clears only what it recognises as an environment.
        shutil.rmtree(ROOT / folder)
    uv.run("venv", "--clear", "--no-project", "--python", python, ROOT / folder, lock=lock)


def prepare(environments: Sequence[Environment]) -> None:
    """Bring every environment up to date, in order, telling each step that has something to do.

    Raises SetupError. Prints nothing when all are ready.
    """
    for environment in environments:
        for file in environment.files:
            if not (ROOT / file).is_file():
                raise LockMissingError(file)
    if all(environment.is_ready() for environment in environments):
        return
    check_room([environment for environment in environments if not (ROOT / environment.folder).exists()])
    with one_at_a_time():
        outdated = [environment for environment in environments if not environment.is_ready()]
        progress = Progress(len(outdated))
        uv = Uv()
        for environment in outdated:
            with progress.step(environment.title):
                kept_version = environment.read_stamp()["python"] if environment.is_usable() else None
                environment.stamp_path.unlink(missing_ok=True)
                environment.write_stamp(environment.install(uv, kept_version))


def check_room(missing: Sequence[Environment]) -> None:
    """Raise DiskFullError when the environments that are to be made from nothing would not fit."""
    needed = sum(environment.room for environment in missing)
    free = shutil.disk_usage(ROOT).free
    if free < needed:
        raise DiskFullError(free=free, needed=needed)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait until no other command is installing into this checkout, then keep others waiting."""
    with open_private(Path("var/bootstrap.lock")) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Một lệnh khác đang cài đặt ở thư mục này, đang chờ lệnh đó xong …", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def hashes(files: Sequence[Path]) -> dict[str, str]:
    """Return the SHA-256 of each file, by its path."""
    return {str(file): hashlib.sha256((ROOT / file).read_bytes()).hexdigest() for file in files}
