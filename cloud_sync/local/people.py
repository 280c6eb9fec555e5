"""``python -m cloud_sync.local.people --folder DIR …``: who may sign in to the embedded cloud's portal.

Exit codes: 0 done, 1 there is no such account or it is taken, 2 wrong usage, 5 the folder cannot be used.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from cloud_sync.local.accounts import Accounts, AccountTaken, NoSuchAccount, Role
from cloud_sync.local.database import CloudTooNew
from cloud_sync.local.ledger import open_ledger
from cloud_sync.local.second_factor import SecondFactor
from cloud_sync.paths import BadPath

OK, REFUSED, UNUSABLE = 0, 1, 5


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parse(arguments)
    try:
        ledger = open_ledger(options.folder)
    except (OSError, sqlite3.Error, CloudTooNew) as error:
        print(f"the folder {options.folder} cannot be used ({error}): make it writable", file=sys.stderr)
        return UNUSABLE
    try:
        _do(options, Accounts(ledger, options.folder), SecondFactor(ledger, time.monotonic))
    except (AccountTaken, NoSuchAccount, BadPath) as error:
        print(str(error), file=sys.stderr)
        return REFUSED
    finally:
        ledger.close()
    return OK


def _do(options: argparse.Namespace, accounts: Accounts, second_factor: SecondFactor) -> None:
    match options.act:
        case "list":
            for person in accounts.everybody():
                code = "with a code" if second_factor.is_on(person.uid) else "passphrase alone"
                print(f"{person.name}\t{person.role}\t{person.site}\t{code}")
        case "add":
            sign_in = accounts.add(options.name, Role(options.role), options.site)
            print(f"{sign_in.name} signs in with {sign_in.passphrase}; it is shown this once and kept nowhere")
        case "disable":
            accounts.disable(options.name)
        case "reset-code":
            if accounts.find(options.name) is None:
                raise NoSuchAccount(f"there is no account {options.name!r}")
            second_factor.take_off(options.name)
        case "assign":
            accounts.assign(options.patient, options.name)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m cloud_sync.local.people", description="Who may sign in to the portal.")
    parser.add_argument("--folder", type=Path, required=True, help="the embedded cloud's folder (the data directory's cloud/)")
    acts = parser.add_subparsers(dest="act", required=True)
    acts.add_parser("list", help="print name, role, site and second factor of everybody")
    add = acts.add_parser("add", help="make an account, and print its passphrase once")
    add.add_argument("name")
    add.add_argument("--role", choices=[role.value for role in Role], default=Role.DOCTOR.value)
    add.add_argument("--site", default="home")
    acts.add_parser("disable", help="let nobody sign in under this name any more").add_argument("name")
    acts.add_parser("reset-code", help="take off the second factor of somebody who lost their phone").add_argument("name")
    assign = acts.add_parser("assign", help="make a patient one of a doctor's own, for the filter of the worklist")
    assign.add_argument("patient")
    assign.add_argument("name")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
