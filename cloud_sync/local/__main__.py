"""``python -m cloud_sync.local --folder DIR``: the embedded cloud's portal for doctors.

Exit codes: 0 stopped by SIGTERM or SIGINT, 2 wrong usage, 5 the folder cannot be used, 9 another program holds the port.
"""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import signal
import socket
import sqlite3
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from aiohttp import web

from cloud_sync.local.accounts import FIRST_ACCOUNT, PASSPHRASE_FILE, Accounts
from cloud_sync.local.database import CloudTooNew
from cloud_sync.local.dist import DIST
from cloud_sync.local.guard import is_loopback
from cloud_sync.local.ledger import open_ledger
from cloud_sync.local.portal import Portal
from cloud_sync.local.server import build_app
from cloud_sync.local.site import SiteSettings
from device.process.logs import Log, set_up_logging
from device.process.notify import Notifier
from device.process.ports import LOOPBACK, PortRefused, PortTaken, listen_on

OK, UNUSABLE, PORT_TAKEN = 0, 5, 9
_log = Log(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parse(arguments)
    set_up_logging()
    try:
        if options.new_passphrase:
            _reset(options.folder, options.site)
        listener = listen_on(options.port, host=options.host)
        settings = SiteSettings(options.site, dict(options.prevalence))
        portal = Portal(options.folder, options.models, time.monotonic, settings)
    except (PortTaken, PortRefused) as error:
        print(f"portal: {error}", file=sys.stderr)
        return PORT_TAKEN
    except (OSError, sqlite3.Error, CloudTooNew) as error:
        print(f"portal: the folder {options.folder} cannot be used ({error}): make it writable", file=sys.stderr)
        return UNUSABLE
    try:
        asyncio.run(_serve(portal, listener, options))
    finally:
        portal.close()
    return OK


def _reset(folder: Path, site: str) -> None:
    ledger = open_ledger(folder)
    accounts = Accounts(ledger, folder)
    accounts.ensure_first(site)
    accounts.reset_first()
    ledger.close()


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m cloud_sync.local", description="The embedded cloud's portal for doctors.")
    parser.add_argument("--folder", type=Path, required=True, help="the embedded cloud's folder (the data directory's cloud/)")
    parser.add_argument("--port", type=int, default=8602)
    parser.add_argument(
        "--host", type=_address, default=LOOPBACK, help="address of this machine to listen on (default: loopback)"
    )
    parser.add_argument(
        "--name", action="append", default=[], help="name by which browsers reach a TLS proxy before this server (repeatable)"
    )
    parser.add_argument(
        "--models", type=Path, action="append", default=[], help="folder of model bundles whose cards can be shown (repeatable)"
    )
    parser.add_argument(
        "--new-passphrase",
        action="store_true",
        help=f"give the first accounts new random passphrases, kept in {PASSPHRASE_FILE} and its twin in the folder",
    )
    parser.add_argument("--site", default="home", help="the site whose records the first accounts see (default: home)")
    parser.add_argument(
        "--prevalence",
        type=_share,
        action="append",
        default=[],
        metavar="MODEL=SHARE",
        help="how many of those examined here are ill, from 0 to 1 (repeatable)",
    )
    parser.add_argument("--pages", type=Path, default=DIST, help="folder of the portal's built pages")
    return parser.parse_args(arguments)


def _address(value: str) -> str:
    if value == "localhost":
        return LOOPBACK
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{value!r} is no IP address") from None
    if address.is_unspecified:
        raise argparse.ArgumentTypeError(
            f"{value} means every network; name the one address on which doctors shall reach the page"
        )
    return value


def _share(value: str) -> tuple[str, float]:
    model, _, share = value.partition("=")
    try:
        number = float(share)
    except ValueError:
        number = 0.0
    if not model or not 0 < number < 1:
        raise argparse.ArgumentTypeError(f"{value!r} is not like breast=0.006")
    return model, number


async def _serve(portal: Portal, listener: socket.socket, options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    # No access log: a path names a record.
    runner = web.AppRunner(build_app(portal, options.host, options.pages, options.name), access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    host, port = listener.getsockname()[:2]
    name = f"[{host}]" if ":" in host else host
    _log.info("portal is served", url=f"http://{name}:{port}/", account=FIRST_ACCOUNT, see=options.folder / PASSPHRASE_FILE)
    if not is_loopback(options.host):
        _log.warning("this server does not encrypt and is not on loopback: put a TLS proxy before it", host=options.host)
    with Notifier() as notifier:
        notifier.ready()
        warm = asyncio.create_task(_warm(portal))
        await stop.wait()
        await warm
        notifier.stopping()
    await runner.cleanup()


async def _warm(portal: Portal) -> None:
    try:
        await asyncio.to_thread(portal.warm)
    except (OSError, sqlite3.Error) as error:  # each request says so, too, and tries again
        _log.error("the cloud's folder cannot be read", error=str(error))


if __name__ == "__main__":
    sys.exit(main())
