"""A token of SoftHSM 2 with a demonstration key on it, for those who have no USB token at hand."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.cli.demonstration import write_privately
from bot.signing.softcert import Softcert

PIN = "271828"
LABEL = "Thiet bi thu nghiem"
TOOLS = ("softhsm2-util", "pkcs11-tool")
PLACES = (
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    Path("/usr/local/lib/softhsm/libsofthsm2.so"),
    Path("/opt/homebrew/lib/softhsm/libsofthsm2.so"),
)
SECONDS = 30


@dataclass(frozen=True, slots=True)
class DemonstrationToken:
    """A token in a directory of its own."""

    directory: Path
    module: Path

    @property
    def environment(self) -> Mapping[str, str]:
        """Return what SoftHSM finds it by."""
        return {"SOFTHSM2_CONF": str(self.directory / "softhsm2.conf")}

    def keep(self, signer: Softcert) -> None:
        """Put a certificate file's key on the token, with its certificate and those above.

        Raises:
            subprocess.CalledProcessError: SoftHSM would not take it.
        """
        tokens = self.directory / "tokens"
        tokens.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_privately(self.directory / "softhsm2.conf", f"directories.tokendir = {tokens}\n".encode())
        key_file, certificate_file = self.directory / "key.pem", self.directory / "certificate.der"
        write_privately(key_file, signer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        self._run("softhsm2-util", "--init-token", "--free", "--label", LABEL, "--pin", PIN, "--so-pin", PIN)
        key = ("--label", "key", "--id", "01", "--pin", PIN)
        self._run("softhsm2-util", "--import", str(key_file), "--token", LABEL, *key)
        key_file.unlink()
        for number, certificate in enumerate((signer.certificate, *signer.chain), 1):
            write_privately(certificate_file, certificate.public_bytes(Encoding.DER))
            login = ("--module", str(self.module), "--token-label", LABEL, "--login", "--pin", PIN)
            written = ("--write-object", str(certificate_file), "--type", "cert", "--id", f"{number:02}")
            self._run("pkcs11-tool", *login, *written, "--label", f"certificate {number}")

    def _run(self, *command: str) -> None:
        environment = {**os.environ, **self.environment}
        subprocess.run(command, env=environment, check=True, capture_output=True, timeout=SECONDS)


def find_module() -> Path | None:
    """Return SoftHSM's module where it is installed together with the tools that fill a token, else None."""
    module = next((place for place in PLACES if place.exists()), None)
    return module if all(shutil.which(tool) for tool in TOOLS) else None
