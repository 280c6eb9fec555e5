"""The portal's server as a process of its own, over a cloud with a few records."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cloud_sync.local.accounts import FIRST_ADMINISTRATOR, Accounts, Role, first_sign_in
from cloud_sync.local.ledger import open_ledger
from cloud_sync.local.remote import LocalRemote
from tests.cloud_sync.local.test_cards import make_bundle
from tests.cloud_sync.samples import capture, document, put, torso

CARD = """
[model]
name = "breast"
version = "1.0.0"
task = "score"
description = "A small network."
licence = "Apache-2.0"
intended_use = "Deciding whose picture a doctor looks at first."
not_shown = ["That it helps anybody.", "<img src=x onerror=alert('card')>"]

[[metrics]]
name = "auroc"
subject = "this model"
population = "2013-2015"
value = 0.71
low = 0.6
high = 0.81
level = 0.95
n = 74
unit = "patients"
evidence = true
note = "patient-level"

[[explanation]]
method = "occlusion map"
population = "unseen patients"
value = 0.42
low = 0.3
high = 0.55
level = 0.95
n = 60
chance = 0.05
note = "the maximum lies within the outline"

[[refused]]
kind = "hands"
share = 0.995
low = 0.99
high = 1.0
n = 400
made_how = "drawn"

[[data]]
name = "thermograms of chests"
n = 74
unit = "patients"
split_unit = "patient"

[drift]
body_fraction = [0.4, 0.5, 0.55, 0.6, 0.62, 0.64, 0.66, 0.68, 0.7, 0.8, 0.98]

[threshold]
probability = 0.5
reason = "chosen before the test"

[gate]
warmest_c = [28.5, 38.2]
"""
HOSTILE = "<script>window.broken = 1</script><img src=x onerror='window.broken = 1'>"
NORMAL, URGENT, CLOCKLESS, DAMAGED, HUGE, WITHOUT, NASTY = 1, 2, 8, 4, 5, 6, 7
"""Numbers of the records below."""


@dataclass(frozen=True)
class Served:
    url: str
    folder: Path
    passphrase: str
    process: subprocess.Popen[str]


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("portal") / "cloud"
    bundle_sha256 = make_bundle(folder.parent / "models" / "breast", CARD)
    fill(folder, bundle_sha256)
    yield from serve(folder)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Served]:
    """A server of its own over an empty cloud, for what leaves marks."""
    yield from serve(tmp_path / "cloud")


def serve(folder: Path, port: int = 0, *more: str) -> Iterator[Served]:
    """Run the server over ``folder`` until the caller is done."""
    options = ["--folder", str(folder), "--port", str(port), "--models", str(folder.parent / "models"), *more]
    process = subprocess.Popen([sys.executable, "-m", "cloud_sync.local", *options], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    line = process.stderr.readline()
    assert "url=" in line, line
    sign_in, administrator = first_sign_in(folder), first_sign_in(folder, FIRST_ADMINISTRATOR)
    assert sign_in is not None
    assert administrator is not None
    yield Served(line.partition("url=")[2].split("/ ")[0], folder, sign_in.passphrase, process)
    process.terminate()
    assert process.wait(30.0) == 0
    said = process.stderr.read()
    assert "Traceback" not in said, said
    process.stderr.close()


def add_account(folder: Path, name: str, role: Role = Role.DOCTOR, site: str = "home") -> str:
    """Make an account while the server runs, and return its passphrase."""
    ledger = open_ledger(folder)
    passphrase = Accounts(ledger, folder).add(name, role, site).passphrase
    ledger.close()
    return passphrase


def fill(folder: Path, bundle_sha256: str) -> None:
    """Store one record of each kind that the page must cope with."""
    remote = LocalRemote(folder)
    plain, warm = capture(torso()), capture(torso(warm_spot_k=1.5))
    normal = document(
        NORMAL, plain, patient="P-1", asymmetry={"difference_k": 0.11, "uncertainty_k": 0.31, "left_c": 33.1, "right_c": 33.0}
    )
    normal["prediction"]["bundle_sha256"] = bundle_sha256
    put(remote, normal, plain)
    urgent = document(3 * URGENT, warm, id=document(URGENT, None)["id"], patient="P-1")
    urgent["prediction"]["bundle_sha256"] = bundle_sha256
    put(remote, urgent, warm)
    put(
        remote,
        document(CLOCKLESS, plain, result="nothing_unusual", clock_synchronised=False, captured_at="1970-01-01T00:03:00Z"),
        plain,
    )
    put(remote, document(DAMAGED, b"this is no capture"), b"this is no capture")
    remote.put_document(f"sites/home/records/{HUGE:032x}", b'{"patient": "' + b"x" * 500_000 + b'"}', 10.0)
    put(remote, document(WITHOUT, None, prediction=None, asymmetry=None, quality=None, result="not_assessed"), None)
    put(remote, nasty(warm), warm)
    remote.close()


def nasty(content: bytes) -> dict[str, object]:
    """Return a record with script in each of its texts."""
    record = document(
        NASTY, content, patient=HOSTILE, kiosk=HOSTILE, mode=HOSTILE, result=HOSTILE, modality="thermal", captured_at=HOSTILE
    )
    record["prediction"] = {
        **record["prediction"],
        **dict.fromkeys(("outcome", "model", "version", "bundle_sha256", "reason"), HOSTILE),
    }
    record["quality"] = {**record["quality"], "gates": {HOSTILE: True}}
    record["consent"] = {"text_version": HOSTILE}
    record["parts"] = {**record["parts"], HOSTILE: {"bytes": 1}}
    return record
