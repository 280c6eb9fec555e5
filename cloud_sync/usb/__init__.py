"""Records on a USB stick instead of a network: sealed as they lie in the store, signed by the kiosk (docs/usb.md)."""
