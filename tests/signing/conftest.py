from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.core.signatures.opinions import Opinions
from tests.pki import make_pki


@pytest.fixture(scope="session")
def opinions(tmp_path_factory: pytest.TempPathFactory) -> Opinions:
    """Give the three verifiers."""
    return Opinions(make_pki(), tmp_path_factory.mktemp("opinions"))


@pytest.fixture
def compile_module(tmp_path, missing_tool) -> Callable[[str], Path]:
    """Give what makes a PKCS#11 module of the body of its first function."""
    compiler = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    if compiler is None:
        missing_tool("a C compiler (Debian: gcc)")

    def make(body: str) -> Path:
        return build_module(str(compiler), tmp_path, body)

    return make


def build_module(compiler: str, folder: Path, body: str) -> Path:
    source, module = folder / "module.c", folder / "module.so"
    source.write_text(
        "#define _GNU_SOURCE\n#include <string.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <unistd.h>\n"
        f"unsigned long C_GetFunctionList(void **list) {{ {body} return 5; }}\n"
    )
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(module), str(source)], check=True, capture_output=True)
    return module
