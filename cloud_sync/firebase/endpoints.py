"""Where Firebase's servers are: Google's, or the emulators that the usual environment variables name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Endpoints:
    """Beginnings of URLs, without a slash at the end."""

    accounts: str = "https://identitytoolkit.googleapis.com/v1/accounts"
    tokens: str = "https://securetoken.googleapis.com/v1/token"
    firestore: str = "https://firestore.googleapis.com/v1"
    storage: str = "https://firebasestorage.googleapis.com/v0"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Endpoints:
        """Return Google's, or those of ``FIREBASE_AUTH_EMULATOR_HOST`` and its like (host:port)."""
        usual = cls()
        auth = environment.get("FIREBASE_AUTH_EMULATOR_HOST")
        firestore = environment.get("FIRESTORE_EMULATOR_HOST")
        storage = environment.get("FIREBASE_STORAGE_EMULATOR_HOST")
        return cls(
            accounts=f"http://{auth}/identitytoolkit.googleapis.com/v1/accounts" if auth else usual.accounts,
            tokens=f"http://{auth}/securetoken.googleapis.com/v1/token" if auth else usual.tokens,
            firestore=f"http://{firestore}/v1" if firestore else usual.firestore,
            storage=f"http://{storage}/v0" if storage else usual.storage,
        )

    @property
    def emulated(self) -> bool:
        """Whether any of it is an emulator, which proves nobody's identity."""
        return self != Endpoints()
