"""What an index cannot get run at installation: the very commands of an installation, given to a real uv."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.environments import WHEELS_ONLY
from tests.deploy.checkout import ROOT, Checkout, write_wheel

REAL_UV = shutil.which("uv", path=os.pathsep.join([str(ROOT / ".uv/bin"), os.environ.get("PATH", "")]))

# A build backend that leaves a file behind as soon as it is imported.
INTRUDER = "import os, pathlib\npathlib.Path(os.environ['INTRUDER']).touch()\n"
# As much of setuptools as uv needs to build a package with one module.
BUILDER = """import zipfile
class __legacy__:
    @staticmethod
    def get_requires_for_build_wheel(config_settings=None):
        return []
    @staticmethod
    def build_wheel(folder, config_settings=None, metadata_directory=None):
        name = "randomname-0.1.5-py3-none-any.whl"
        about = "randomname-0.1.5.dist-info/"
        with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
            wheel.writestr("randomname.py", "")
            wheel.writestr(about + "METADATA", "Metadata-Version: 2.1\\nName: randomname\\nVersion: 0.1.5\\n")
            wheel.writestr(about + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
            wheel.writestr(about + "RECORD", "randomname.py,,\\n")
        return name
"""


@dataclass(frozen=True)
class Index:
    """A folder of packages, which is all that uv sees; ``intruder`` exists once code was run that must not run."""

    folder: Path
    intruder: Path

    def offer_wheel(self, name: str, version: str, files: Mapping[str, str]) -> str:
        """Add a wheel and return the line that a lock has for it."""
        wheel = self.folder / f"{name}-{version}-py3-none-any.whl"
        write_wheel(wheel, files)
        return pin(wheel, name, version)

    def offer_source(self, name: str, version: str, files: Mapping[str, str]) -> str:
        """Add a source archive and return the line that a lock has for it."""
        about = {"PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"}
        source = self.folder / f"{name}-{version}.tar.gz"
        with tarfile.open(source, "w:gz") as archive:
            for path, text in (about | dict(files)).items():
                member = tarfile.TarInfo(f"{name}-{version}/{path}")
                member.size = len(text.encode())
                archive.addfile(member, io.BytesIO(text.encode()))
        return pin(source, name, version)


def pin(file: Path, name: str, version: str) -> str:
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}\n"


@pytest.fixture
def index(tmp_path: Path) -> Index:
    (tmp_path / "index").mkdir()
    return Index(tmp_path / "index", tmp_path / "intruder")


def sync(checkout: Checkout, lock: str, index: Index) -> subprocess.CompletedProcess[str]:
    """Let a real uv do what the installation asks for ``lock``, offline, with an empty cache."""
    if REAL_UV is None:
        pytest.skip("SKIPPED LOUDLY: no uv here; `make test` installs the one that this is tested with")
    assert checkout.bootstrap("run").code == 0
    asked = [
        call
        for call in checkout.uv_calls()
        if "sync" in call.arguments and Path(call.folder, call.arguments[-1]) == checkout.path / lock
    ]
    environment = {
        "HOME": str(checkout.path / "home"),
        "PATH": os.defpath,
        "UV_CACHE_DIR": str(index.folder.parent / "cache"),
        "UV_FIND_LINKS": str(index.folder),
        "UV_NO_INDEX": "1",
        "UV_OFFLINE": "1",
        "INTRUDER": str(index.intruder),
    }
    arguments = asked[0].arguments
    folder = Path(arguments[arguments.index("--python") + 1]).parents[1]
    venv = [REAL_UV, "venv", "--quiet", "--clear", "--no-project", "--python", sys.executable, str(folder)]
    subprocess.run(venv, env=environment, check=True)
    return subprocess.run(
        [REAL_UV, *arguments], cwd=asked[0].folder, env=environment, capture_output=True, encoding="utf-8", check=False
    )


@pytest.mark.parametrize("lock", ["requirements.lock", "nlu/requirements.lock"])
def test_an_index_that_hides_a_wheel_gets_no_build_tool_run(
    checkout_with_uv: Checkout, index: Index, lock: str
) -> None:
    backend = '[build-system]\nrequires = ["intruder"]\nbuild-backend = "intruder"\n'
    pinned = index.offer_source("demo", "1.0", {"pyproject.toml": backend})
    index.offer_wheel("intruder", "9.9", {"intruder.py": INTRUDER})
    (checkout_with_uv.path / lock).write_text(pinned)
    refused = sync(checkout_with_uv, lock, index)
    assert refused.returncode != 0
    assert "demo" in refused.stderr
    assert "no usable wheels" in refused.stderr
    assert not index.intruder.exists()


def test_the_one_source_archive_is_built_with_the_build_tool_of_the_lock(
    checkout_with_uv: Checkout, index: Index
) -> None:
    pinned = index.offer_source("randomname", "0.1.5", {"setup.py": ""})
    builder = {"setuptools/build_meta.py": BUILDER}
    pinned += index.offer_wheel("setuptools", "70.3.0", builder | {"setuptools/__init__.py": ""})
    index.offer_wheel("setuptools", "99.0", builder | {"setuptools/__init__.py": INTRUDER})
    (checkout_with_uv.path / "nlu/requirements.lock").write_text(pinned)
    installed = sync(checkout_with_uv, "nlu/requirements.lock", index)
    assert installed.returncode == 0, installed.stderr
    assert "randomname==0.1.5" in installed.stderr
    assert not index.intruder.exists()


def test_every_installation_takes_wheels_only_and_rasa_has_one_exception(checkout_with_uv: Checkout) -> None:
    checkout_with_uv.bootstrap("run")
    product, rasa = [" ".join(call.arguments) for call in checkout_with_uv.uv_calls() if "sync" in call.arguments]
    wheels_only = " ".join(WHEELS_ONLY)
    assert wheels_only in product
    assert "--no-binary" not in product
    assert f"{wheels_only} --no-binary randomname --build-constraints requirements.lock" in rasa
    assert rasa.count("--no-binary") == 1
