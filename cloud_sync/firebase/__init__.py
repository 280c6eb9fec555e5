"""Firebase: the kiosk's way to it, the rules that hold there, and what an administrator does with it."""
