"""What a patient agreed to, and when to ask again."""

from __future__ import annotations

from dataclasses import dataclass

TEXT_VERSION = "1"
"""``consent.version`` of the catalogues in `device.screen.locales`: a test holds the two together."""
_TRAINING = "+training"


@dataclass(frozen=True)
class Consent:
    """Consent to the screening, and separately to the use of images for improving it."""

    training: bool
    text_version: str = TEXT_VERSION

    @property
    def current(self) -> bool:
        """Whether it is the present text that was agreed to."""
        return self.text_version == TEXT_VERSION

    def token(self) -> str:
        """Return what the store keeps beside the patient: ``1``, or ``1+training``."""
        return self.text_version + (_TRAINING if self.training else "")

    @classmethod
    def from_token(cls, token: str) -> Consent:
        return cls(token.endswith(_TRAINING), token.removesuffix(_TRAINING))
