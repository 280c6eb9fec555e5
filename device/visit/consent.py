"""What a patient agreed to, and when to ask again."""

from __future__ import annotations

from dataclasses import dataclass

TEXT_VERSION = "1"
"""``consent.version`` of the catalogues in `device.screen.locales`: a test holds the two together."""
_PHOTO, _TRAINING = "photo", "training"


@dataclass(frozen=True)
class Consent:
    """Consent to the screening, and separately to the use of images for improving it."""

    training: bool
    photo: bool = False
    """The text that was agreed to says that an ordinary photograph is taken too."""
    text_version: str = TEXT_VERSION

    def covers(self, *, photo: bool) -> bool:
        """Whether it is the present text that was agreed to, and photographs are in it where this kiosk takes them."""
        return self.text_version == TEXT_VERSION and (self.photo or not photo)

    def token(self) -> str:
        """Return what the store keeps beside the patient: ``1``, ``1+training``, ``1+photo+training``."""
        return "+".join([self.text_version, *([_PHOTO] if self.photo else []), *([_TRAINING] if self.training else [])])

    @classmethod
    def from_token(cls, token: str) -> Consent:
        text_version, *given = token.split("+")
        return cls(_TRAINING in given, _PHOTO in given, text_version)
