"""Whether the site key is still the one that the known cards were registered under.

With another key every card is new, and a patient would be registered twice without anybody noticing.
"""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

from device.store.files import create_durably

_CHECK = "site.check"
_PURPOSE = b"firstlight site key check 1"


def same_site_key(data_dir: Path, site_key: bytes) -> bool:
    """Return whether ``site_key`` is the one that was used first with this store; the first time notes it.

    Raises `OSError` where the store's folder cannot be used.
    """
    check = hmac.new(site_key, _PURPOSE, hashlib.sha256).hexdigest().encode("ascii")
    path = data_dir / "store" / _CHECK
    create_durably(path, check, 0o600)
    return hmac.compare_digest(path.read_bytes(), check)
