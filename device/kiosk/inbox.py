"""``python -m device.kiosk.inbox --data-dir DIR [--config FILE]``: takes into use what the clinic sent in the way of models.

Root runs it, once something lies in ``DIR/inbox/ready`` (firstlight-models.path). It trusts nothing there: a bundle is
verified, its signature checked against this kiosk's keys, and tried out in a child process, before it replaces another. What
became of each one is written beside it, where the sync process finds it and tells the clinic.

The kiosk uses a new bundle from its next start. Exit codes: 0, also where a bundle was refused; 2 wrong configuration.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from device.kiosk.models import installed, stamps
from device.process.config import ConfigError, load_config
from device.process.logs import Log, set_up_logging
from models.activate import activate
from models.bundle import Bundle
from models.errors import ModelError
from models.trust import DEFAULT_KEYS

_BUNDLE = re.compile(r"[0-9a-f]{64}")
_VERDICT_FILE = 0o664
_log = Log(__name__)


def take_all(data_dir: Path, keys: Path) -> int:
    """Try to activate each bundle in the inbox, write down what became of it, and remove it; return how many there were."""
    inbox = data_dir / "inbox"
    ready = inbox / "ready"
    if not ready.is_dir():
        return 0
    bundles = sorted(
        path for path in ready.iterdir() if _BUNDLE.fullmatch(path.name) and path.is_dir() and not path.is_symlink()
    )
    # The sync process owns the inbox, so nothing in it may lead root elsewhere: no link is followed to be written or removed.
    try:
        folder = os.open(ready, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        _log.error("the inbox is not used", folder=str(ready), reason=error.strerror)
        return 0
    try:
        for path in bundles:
            accepted, detail = _take(path, data_dir, keys)
            _log.info("model from the clinic", bundle=path.name[:12], accepted=accepted, detail=detail)
            _write(inbox / f"{path.name}.json", accepted, detail)
            shutil.rmtree(path.name, dir_fd=folder)
    finally:
        os.close(folder)
    return len(bundles)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m device.kiosk.inbox", description="Activate models that the clinic sent.")
    parser.add_argument("--data-dir", type=Path, required=True, help="folder with inbox and models")
    parser.add_argument("--config", type=Path, help="configuration file (TOML); without one: the defaults")
    options = parser.parse_args(arguments)
    set_up_logging()
    try:
        config = load_config(options.config)
    except ConfigError as error:
        print(f"inbox: {error}", file=sys.stderr)
        return 2
    take_all(options.data_dir, config.models.keys or DEFAULT_KEYS)
    return 0


def _take(path: Path, data_dir: Path, keys: Path) -> tuple[bool, str]:
    try:
        if Bundle.open(path).sha256 != path.name:
            return False, "the bundle has another hash than the command named"
        # Never unsigned, whatever the configuration allows to somebody who stands here.
        activated = activate(path, installed(data_dir), keys=keys, stamps=stamps(data_dir), allow_unsigned=False)
    except ModelError as error:
        return False, f"{type(error).__name__}: {error}"
    card = activated.bundle.card
    return True, f"{card.name} {card.version} is active ({activated.trust}); the kiosk uses it from its next start"


def _write(path: Path, accepted: bool, detail: str) -> None:
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _VERDICT_FILE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(descriptor, _VERDICT_FILE)
        json.dump({"accepted": accepted, "detail": detail}, file)
    draft.replace(path)


if __name__ == "__main__":
    sys.exit(main())
