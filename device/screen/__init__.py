"""The patient's screen: a local page, driven by the kiosk."""
