"""Why a request is not believed.

Refused                 the request is to be answered with a status and a reason
└── SignerGone          its key is gone for good: a Delete of the signer by itself may still be heeded

KeyFault                the key of a request cannot be had
├── KeyGone             its server says 404 or 410
├── KeyUnavailable      its server is out of reach, or we have asked it too often
└── KeyRefused          what stands there is no key, or one that its owner does not know
"""


class Refused(Exception):
    """Answer with `status` (400, 401, 403 or 503) and, in plain text, `reason` (interop 4.3)."""

    def __init__(self, status: int, reason: str) -> None:
        self.status = status
        self.reason = reason
        super().__init__(f"{status} {reason}")


class SignerGone(Refused):
    """The key answers 404 or 410 (interop S-31)."""

    def __init__(self) -> None:
        super().__init__(401, "the key of the signature is gone")


class KeyFault(Exception):
    """Base of what a KeySource raises."""


class KeyGone(KeyFault):
    """404 or 410."""


class KeyUnavailable(KeyFault):
    """Timeout, 5xx, no connection, or the budget of fetches is spent: may do later."""


class KeyRefused(KeyFault):
    """No key, a key too large or too small, another owner, an address we do not ask."""
