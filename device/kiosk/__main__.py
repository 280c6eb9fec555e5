"""Run the kiosk: ``python -m device.kiosk --data-dir DIR [--config FILE] [--sim]``.

Exit codes: 0 stopped on request, 2 wrong configuration, 5 the data directory cannot be used, 8 a key is missing or is no key,
9 the screen's port is taken, or another kiosk runs on the data directory.
"""

from device.kiosk.process import main

raise SystemExit(main())
