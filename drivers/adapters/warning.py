"""What an adapter warns of when it is opened."""

from __future__ import annotations


class KnownDefects(UserWarning):
    """The package behind this adapter has defects that its name does not tell; the message names them."""
