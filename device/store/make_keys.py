"""``python -m device.store.make_keys --data-dir DIR``: make the keys that are missing, before the units that need them start.

On a kiosk root owns the keys and systemd hands each to the unit that needs it, so root makes them too.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from device.store.errors import StoreError
from device.store.keys import create_keys


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m device.store.make_keys", description="Make a kiosk's keys, unless it has them."
    )
    parser.add_argument("--data-dir", type=Path, required=True, help="the data folder, whose folder 'keys' is filled")
    data_dir: Path = parser.parse_args().data_dir
    try:
        create_keys(data_dir)
    except StoreError as error:
        print(f"make_keys: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
