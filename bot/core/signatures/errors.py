"""Why a signature does not count; each has its code and its sentence in ``templates/problems``.

::

    SignatureRefusedError
    ├─ SignatureMalformedError         422   not the one form that is read here
    ├─ AlgorithmNotAllowedError        422
    ├─ CertificateSubstitutedError     422   not the certificate that was signed with
    ├─ WeakKeyError                    422
    ├─ ContentMismatchError            422   signed something else
    ├─ SignatureInvalidError           422
    ├─ CertificateExpiredError         403
    ├─ CertificateNotYetValidError     403
    ├─ CertificateUsageError           403   not made for signing
    ├─ CertificateUntrustedError       403   no path to a configured root
    ├─ CertificateRevokedError         403
    └─ RevocationUnavailableError      503   nobody can tell now whether it was revoked

    CertificateUnreadableError           422   a certificate by itself: an enrolment's, a root's

The checks come in this order, and the first that fails is told; a weak key further up is found with the path.
"""

from __future__ import annotations

from bot.core.errors import InvalidInputError, NotAllowedError, ProductError, UnavailableError


class SignatureRefusedError(ProductError):
    """A signature does not count."""


class SignatureMalformedError(SignatureRefusedError, InvalidInputError):
    """It is not a detached CMS signature of our profile."""


class AlgorithmNotAllowedError(SignatureRefusedError, InvalidInputError):
    """The algorithm, or its parameters, or the two together with this key, are not allowed."""


class WeakKeyError(SignatureRefusedError, InvalidInputError):
    """A key of the chain is too weak."""


class ContentMismatchError(SignatureRefusedError, InvalidInputError):
    """Something else was signed."""


class CertificateSubstitutedError(SignatureRefusedError, InvalidInputError):
    """The certificate is not the one that the signed attributes name."""


class SignatureInvalidError(SignatureRefusedError, InvalidInputError):
    """The signature was not made with this certificate's key over these attributes."""


class CertificateExpiredError(SignatureRefusedError, NotAllowedError):
    """The certificate has ended."""


class CertificateNotYetValidError(SignatureRefusedError, NotAllowedError):
    """The certificate has not begun."""


class CertificateUsageError(SignatureRefusedError, NotAllowedError):
    """The certificate was not made for signing documents."""


class CertificateUntrustedError(SignatureRefusedError, NotAllowedError):
    """No path leads from the certificate to a root that is configured."""


class CertificateRevokedError(SignatureRefusedError, NotAllowedError):
    """A certificate of the chain was revoked."""


class RevocationUnavailableError(SignatureRefusedError, UnavailableError):
    """For a certificate of the chain there is no fresh and sound evidence that it is not revoked."""


class CertificateUnreadableError(InvalidInputError):
    """The bytes are no certificate that can be used."""
