"""Why nothing was signed; each has its sentence in `bot.cli.signing_sentences`.

::

    SigningFailedError
    ├─ SoftcertDamagedError               no PKCS#12 file, or not all of it
    ├─ SoftcertPasswordError
    ├─ SoftcertKeyMissingError            a certificate without its key
    ├─ SoftcertUnsupportedError           encrypted in a way, or a key of a kind, that is not known
    ├─ ChainUnreadableError               the file with the authorities' certificates
    ├─ TokenModuleUnusableError           the file is no PKCS#11 module, or does not start
    ├─ TokenModuleCrashedError
    ├─ TokenModuleHungError               seconds
    ├─ TokenMissingError                  not plugged in, or taken out
    ├─ TokenAmbiguousError                two with one label
    ├─ TokenCertificateMissingError
    ├─ TokenCertificateAmbiguousError     labels
    ├─ TokenKeyMissingError               a certificate without its key
    ├─ TokenPinWrongError
    ├─ TokenPinLockedError
    ├─ TokenFailedError                   problem: the name that PKCS#11 has for it
    ├─ KeyUnfitError                      what came back is no signature of this certificate's key
    ├─ StatementForeignError              not a statement that people sign
    ├─ StatementElsewhereError            aud, server
    ├─ StatementExpiredError
    ├─ StatementUnexpectedError           not the one that was asked for
    ├─ StatementChangedError              its file holds other bytes than were shown
    ├─ ServerAddressError
    ├─ ServerUnreachableError
    ├─ ServerAnswerError                  status
    └─ ServerRefusedError                 sentence: the server's own
"""

from __future__ import annotations

from bot.core.errors import ProductError


class SigningFailedError(ProductError):
    """Nothing was signed."""


class SoftcertDamagedError(SigningFailedError):
    """The file is no PKCS#12, or a part of one."""


class SoftcertPasswordError(SigningFailedError):
    """The password does not open the file; damage inside of its encrypted parts looks the same."""


class SoftcertKeyMissingError(SigningFailedError):
    """The file holds no private key with its certificate."""


class SoftcertUnsupportedError(SigningFailedError):
    """The file's encryption or its key's kind is not supported."""


class ChainUnreadableError(SigningFailedError):
    """The authorities' certificates cannot be read."""


class TokenModuleUnusableError(SigningFailedError):
    """The file is no PKCS#11 module, or it does not start."""


class TokenModuleCrashedError(SigningFailedError):
    """The module ended its process."""


class TokenModuleHungError(SigningFailedError):
    """The module did not answer in time."""


class TokenMissingError(SigningFailedError):
    """There is no token of that label, or it was taken out."""


class TokenAmbiguousError(SigningFailedError):
    """More than one token has that label."""


class TokenCertificateMissingError(SigningFailedError):
    """The token shows no certificate of that label."""


class TokenCertificateAmbiguousError(SigningFailedError):
    """The token shows several certificates, and none was named."""


class TokenKeyMissingError(SigningFailedError):
    """The token holds no private key for the certificate."""


class TokenPinWrongError(SigningFailedError):
    """The token refused the PIN."""


class TokenPinLockedError(SigningFailedError):
    """The token takes no PIN any more."""


class TokenFailedError(SigningFailedError):
    """The token failed in another way."""


class KeyUnfitError(SigningFailedError):
    """What came back is not a signature by the certificate's key."""


class StatementForeignError(SigningFailedError):
    """The bytes are not a canonical statement of a kind that people sign."""


class StatementElsewhereError(SigningFailedError):
    """The statement is for another deployment."""


class StatementExpiredError(SigningFailedError):
    """The statement's time is over."""


class StatementUnexpectedError(SigningFailedError):
    """The statement is not the one that was asked for."""


class StatementChangedError(SigningFailedError):
    """The file was changed since it was shown."""


class ServerAddressError(SigningFailedError):
    """The address is not one of a deployment: https, or http on this machine, and nothing behind the port."""


class ServerUnreachableError(SigningFailedError):
    """The server does not answer."""


class ServerAnswerError(SigningFailedError):
    """The server's answer is not one of the admin API."""


class ServerRefusedError(SigningFailedError):
    """The server refused, and said why."""
