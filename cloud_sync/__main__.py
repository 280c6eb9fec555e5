"""``python -m cloud_sync --data-dir DIR``: the sync process.

With ``--once`` it sends everything that waits, whenever that would be due, prints what was confirmed, and ends; with
``--again`` also what was laid aside. Exit codes:

    0   everything is confirmed (or, without --once: stopped by SIGTERM or SIGINT)
    2   wrong usage or configuration
    5   the store is full, unreadable or of another version
    7   something still waits: the remote is away, full, refuses, or answered garbage; it will be tried again
    8   the key that opens records is missing, or is no key
    10  everything that can be sent is confirmed, but records were laid aside: a person must look (`firstlight check`)
    11  the remote did not return from a call: start the process again (systemd does)

``--json`` prints ``{"confirmed": [{"id", "sha256"}], "failed": [{"id", "error", "reason", "given_up"}], "remaining": n,
"dead": n}``.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from random import Random

from cloud_sync.handlers import all_handlers
from cloud_sync.keeper import ConditionKeeper
from cloud_sync.open import UnknownRemote, open_remote
from cloud_sync.remote import RemoteStuck
from cloud_sync.report import SyncReport
from cloud_sync.senders import sending
from cloud_sync.sync import Sync, SyncOptions
from cloud_sync.upload import GRACE_S
from device.process.config import Config, ConfigError, load_config, with_clinic
from device.process.logs import Log, set_up_logging
from device.process.notify import Notifier
from device.process.time import SystemTimekeeper
from device.store.errors import BadKey, KeyMissing, StoreError
from device.store.keys import load_opener
from device.store.outbox import Outbox

_log = Log(__name__)
OK, USAGE, STORE, WAITING, KEY, LAID_ASIDE, STUCK = 0, 2, 5, 7, 8, 10, 11


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the process and return its exit code."""
    options = _parse(arguments)
    set_up_logging()
    try:
        own = load_config(options.config)
        config, left_out = with_clinic(own, options.data_dir)
        if left_out is not None:
            _log.warning("the clinic's settings are left out", reason=str(left_out))
        return _sync(options, config, own)
    except (ConfigError, UnknownRemote) as error:
        return _end(USAGE, error)
    except (KeyMissing, BadKey) as error:
        return _end(KEY, error)
    except StoreError as error:
        return _end(STORE, error)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m cloud_sync", description="Carry saved records to the cloud.")
    parser.add_argument("--data-dir", type=Path, required=True, help="the kiosk's data directory")
    parser.add_argument("--config", type=Path, help="the configuration file (default: built-in defaults)")
    parser.add_argument("--once", action="store_true", help="send all that waits, print what was confirmed, and end")
    parser.add_argument("--again", action="store_true", help="with --once: send again what was laid aside, too")
    parser.add_argument("--json", action="store_true", help="with --once: print a JSON document")
    return parser.parse_args(arguments)


def _sync(options: argparse.Namespace, config: Config, own: Config) -> int:
    timekeeper = SystemTimekeeper()
    remote = open_remote(config.sync.remote, options.data_dir, config, timekeeper)
    opener = load_opener(options.data_dir)
    with Outbox.open(options.data_dir, timekeeper) as outbox, Notifier() as notifier:
        condition = ConditionKeeper(outbox, options.data_dir, timekeeper, remote)
        deadline_s = config.sync.call_deadline_s

        def fetch(path: str, offset: int, most: int) -> bytes:
            return sync.call("fetching a model", lambda: remote.fetch_object(path, offset, most, deadline_s))

        sync = Sync(
            outbox,
            opener,
            remote,
            timekeeper,
            options=SyncOptions(
                call_deadline_s=config.sync.call_deadline_s,
                grace_s=min(GRACE_S, config.sync.call_deadline_s),
                interval_s=config.sync.interval_s,
                heartbeat_s=config.sync.heartbeat_s,
                keep_bytes=config.store.keep_bytes,
                reserve_bytes=config.store.reserve_bytes,
            ),
            rng=Random(),
            notifier=notifier,
            handlers=all_handlers(outbox, own, options.data_dir, fetch, timekeeper),
            condition=condition,
        )
        if options.once:
            outbox.make_due(given_up=options.again)
        with sending(options.data_dir / "store" / "senders.lock", timekeeper, outbox.release_leases):
            code = _once(sync, options.json) if options.once else _forever(sync, notifier)
        if code != STUCK:  # the call that did not return may hold what closing needs
            sync.close()
            remote.close()
        return code


def _once(sync: Sync, as_json: bool) -> int:
    report = sync.once(_stop_on_signals())
    _print(report, as_json=as_json)
    if report.stuck is not None:
        return _end(STUCK, report.stuck)
    if report.remaining:
        return WAITING
    return LAID_ASIDE if report.dead else OK


def _forever(sync: Sync, notifier: Notifier) -> int:
    stop = _stop_on_signals()
    notifier.ready()
    try:
        sync.run(stop)
    except RemoteStuck as error:
        return _end(STUCK, error)
    notifier.stopping()
    return OK


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
    return stop


def _print(report: SyncReport, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(report.as_json(), indent=2))
        return
    for confirmed in report.confirmed:
        print(f"confirmed  {confirmed.id}  {confirmed.sha256}")
    for failed in report.failed:
        print(f"{'given up ' if failed.given_up else 'to retry '}  {failed.id}  {failed.error}: {failed.reason}")
    print(f"{len(report.confirmed)} confirmed, {report.remaining} waiting, {report.dead} laid aside")


def _end(code: int, error: Exception | str) -> int:
    print(f"cloud_sync: {error}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
