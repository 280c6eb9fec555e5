"""``python -m tools.bench.cloud_child MODE FOLDER COUNT BURDEN``: carries visits to the emulators once; says how long it took.

Modes: ``ours``: the sync process's own work on the store in FOLDER, with a kiosk's identity and the rules. ``loop``: a plain
loop of firebase-admin's calls as its documentation shows them, one object and three documents for each visit, as an
administrator for whom no rules hold. ``loop-batched``: the same with one batch for the three documents. BURDEN: ``visits``,
or ``records`` for the documents alone, where the loop sends no object either. Prints {"seconds", "records", "peak_bytes"}.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any


def main(mode: str, folder: Path, count: int, burden: str) -> dict[str, Any]:
    if mode == "ours":
        seconds, records = _ours(folder)
    else:
        seconds, records = _loop(folder, count, batched=mode == "loop-batched", objects=burden == "visits")
    return {"seconds": seconds, "records": records, "peak_bytes": _peak_bytes()}


def _ours(folder: Path) -> tuple[float, int]:
    from random import Random

    from cloud_sync.firebase.remote import open_kiosk
    from cloud_sync.sync import Sync, SyncOptions
    from device.process.notify import Notifier
    from device.process.time import SystemTimekeeper
    from device.store.keys import load_opener
    from device.store.outbox import Outbox

    time_ = SystemTimekeeper()
    remote = open_kiosk(str(folder / "firebase"), time_)
    remote.identity.token(time_.monotonic() + 60.0)
    options = SyncOptions(call_deadline_s=60.0)
    with Outbox.open(folder / "data", time_) as outbox:
        opener = load_opener(folder / "data")
        sync = Sync(outbox, opener, remote, time_, options=options, rng=Random(1), notifier=Notifier({}), handlers={})
        began = time.monotonic()
        report = sync.once()
        seconds = time.monotonic() - began
        sync.close()
    remote.close()
    if report.failed or report.remaining:
        raise SystemExit(f"not everything was confirmed: {report.failed[:1]}, {report.remaining} wait")
    return seconds, len(report.confirmed)


def _loop(folder: Path, count: int, *, batched: bool, objects: bool) -> tuple[float, int]:
    import firebase_admin
    from firebase_admin import credentials, firestore, storage
    from google.auth.credentials import AnonymousCredentials

    from cloud_sync.summary import summary_of
    from tools.bench.cloud_visits import capture_of, document_of

    class Nobody(credentials.Base):  # type: ignore[misc]
        def get_credential(self) -> Any:
            return AnonymousCredentials()

    project = os.environ["GCLOUD_PROJECT"]
    firebase_admin.initialize_app(Nobody(), {"projectId": project, "storageBucket": f"{project}.firebasestorage.app"})
    database, bucket = firestore.client(), storage.bucket()
    began = time.monotonic()
    for number in range(count):
        record, content = f"{folder.name}-{number}", document_of(number, capture=objects)
        if objects:
            capture = capture_of(number)
            digest = hashlib.sha256(capture).hexdigest()
            bucket.blob(f"sites/loop/records/{record}/{digest}/capture.npz").upload_from_string(capture, "application/x-npz")
        summary = summary_of(record, content)
        whole = {
            "records": {"json": content.decode(), "sha256": hashlib.sha256(content).hexdigest(), "patient": summary.patient},
            "worklist": summary.worklist or {},
            "consents": summary.consent or {},
        }
        batch = database.batch()
        for collection, fields in whole.items():
            path = database.document(f"sites/loop/{collection}/{record}")
            stamped = {**fields, "received_at": firestore.SERVER_TIMESTAMP}
            if batched:
                batch.create(path, stamped)
            else:
                path.create(stamped)
        if batched:
            batch.commit()
    return time.monotonic() - began, count


def _peak_bytes() -> int:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4])))
