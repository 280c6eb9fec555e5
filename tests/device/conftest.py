"""The kiosks of the visit's tests, for those of the kiosk around it too."""

from tests.device.visit.conftest import make_booth

__all__ = ["make_booth"]
