"""Why a bundle may be used here: it came with the code, somebody known has signed it, or a person has said that it may."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from models.bundle import Bundle, default_bundle
from models.errors import KeyUnknown, SignatureMissing
from models.signature import verify_signature

DEFAULT_KEYS = Path("/etc/firstlight/model-keys")
"""Where a device keeps the public keys of those whose bundles it takes."""


@dataclass(frozen=True)
class Trust:
    """How a bundle earned it."""

    shipped: bool = False
    """It lies in the installed package, beside the code: whoever could change it could change the code too."""
    key: str | None = None
    """Id of the key that has signed it."""

    @property
    def unsigned(self) -> bool:
        """Nobody answers for this bundle, and somebody has allowed it all the same."""
        return not self.shipped and self.key is None

    def __str__(self) -> str:
        if self.shipped:
            return "shipped with this version"
        return "signed by nobody" if self.key is None else f"signed with key {self.key}"


def establish_trust(bundle: Bundle, keys: Path, *, allow_unsigned: bool = False) -> Trust:
    """Return why ``bundle`` may be used; raises a `NotTrusted` where nothing says so.

    ``allow_unsigned`` lets pass what nobody has signed, or nobody known; never what was changed after it had been signed.
    """
    if bundle.path.resolve().parent == default_bundle(bundle.path.name).resolve().parent:
        return Trust(shipped=True)
    try:
        return Trust(key=verify_signature(bundle, keys))
    except (SignatureMissing, KeyUnknown):
        if allow_unsigned:
            return Trust()
        raise
