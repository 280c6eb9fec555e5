"""Commands for kiosks, and models in the cloud: `firstlight cloud command`, `publish-model`, `publish-cards`."""

from __future__ import annotations

import io
import json
import tarfile
import threading
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from cloud_sync.firebase.admin.project import Project
from cloud_sync.firebase.admin.queue import staged
from cloud_sync.inbox import checked_files
from models.bundle import SIGNATURE, SUMS, Bundle, default_bundle
from tests.cloud_sync.firebase.admin.conftest import Firstlight
from tests.models.making import with_card

CARD = "ab" * 32


@pytest.fixture
def fleet(cloud: Firstlight, project: Project) -> Firstlight:
    """The site has kiosk-0 to kiosk-9, of which kiosk-9 is revoked."""
    for number in range(10):
        revoked = datetime.now(UTC) if number == 9 else None
        project.documents.create(f"sites/north/kiosks/kiosk-{number}", {"schema": 1, "uid": "-", "revoked_at": revoked})
    return cloud


def queued(project: Project, kiosk: str) -> list[dict[str, object]]:
    return [dict(one.fields) for one in project.documents.find(f"sites/north/kiosks/{kiosk}/commands")]


def test_a_command_waits_for_its_kiosk_in_the_form_of_the_data_model(fleet: Firstlight, project: Project) -> None:
    fleet("command", "--site", "north", "--kiosk", "kiosk-1", "--kind", "revoke_card", "--card", CARD)
    (command,) = queued(project, "kiosk-1")
    assert isinstance(command.pop("queued_at"), datetime)
    assert command == {
        "schema": 1, "kind": "revoke_card", "value": {"card_ref": CARD}, "state": "queued",
        "accepted": None, "detail": None, "answered_at": None,
    }  # fmt: skip
    assert queued(project, "kiosk-2") == []


def test_all_kiosks_means_those_in_use(fleet: Firstlight, project: Project) -> None:
    done = fleet("command", "--site", "north", "--all-kiosks", "--kind", "revoke_card", "--card", CARD, "--json")
    assert [row["kiosk"] for row in json.loads(done.out)] == [f"kiosk-{number}" for number in range(9)]
    assert queued(project, "kiosk-9") == []


def test_a_share_of_the_kiosks_is_contained_in_a_larger_share() -> None:
    kiosks = [f"kiosk-{number}" for number in range(40)]
    shares = [set(staged(kiosks, percent, "model")) for percent in (1, 10, 50, 100)]
    assert [len(share) for share in shares] == [1, 4, 20, 40]
    assert shares == sorted(shares, key=len)
    assert all(smaller < larger for smaller, larger in pairwise(shares))
    assert set(staged(kiosks, 10, "another model")) != shares[1]


def test_waiting_ends_with_the_answer(fleet: Firstlight, project: Project) -> None:
    def answer() -> None:
        while not (found := list(project.documents.find("sites/north/kiosks/kiosk-1/commands"))):
            stopped.wait(0.2)
        answered = {"state": "answered", "accepted": True, "detail": "the card is revoked", "answered_at": datetime.now(UTC)}
        project.documents.update(found[0].path, answered)

    stopped = threading.Event()
    kiosk = threading.Thread(target=answer)
    kiosk.start()
    words = ("command", "--site", "north", "--kiosk", "kiosk-1", "--kind", "revoke_card", "--card", CARD, "--wait")
    done = fleet(*words, "--timeout", "30")
    kiosk.join(20)
    assert done.out.split(maxsplit=2) == ["kiosk-1", "done", "the card is revoked\n"]


def test_waiting_in_vain_ends_in_time_and_is_no_success(fleet: Firstlight) -> None:
    words = ("command", "--site", "north", "--kiosk", "kiosk-1", "--kind", "revoke_card", "--card", CARD, "--wait")
    assert "queued" in fleet(*words, "--timeout", "1", code=7).out


def test_a_configuration_is_read_from_a_file(fleet: Firstlight, project: Project, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("[screen]\nlanguage = 'es'\n")
    fleet("command", "--site", "north", "--kiosk", "kiosk-1", "--kind", "configuration", "--file", file)
    assert queued(project, "kiosk-1")[0]["value"] == {"screen": {"language": "es"}}
    file.write_text("no toml")
    fleet("command", "--site", "north", "--kiosk", "kiosk-1", "--kind", "configuration", "--file", file, code=2)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--kiosk", "attic", "--kind", "revoke_card", "--card", CARD), 16, "no kiosk attic"),
        (("--kiosk", "kiosk-9", "--kind", "revoke_card", "--card", CARD), 2, "is revoked"),
        (("--kiosk", "kiosk-1", "--kind", "revoke_card", "--card", "04A3C6CAE26180"), 2, "no card reference"),
        (("--kiosk", "kiosk-1", "--kind", "model", "--model", "cd" * 32), 16, "never published"),
        (("--kiosk", "kiosk-1", "--kind", "model", "--card", CARD), 2, "--model"),
        (("--kiosk", "kiosk-1", "--all-kiosks", "--kind", "revoke_card", "--card", CARD), 2, "--kiosk, or --all-kiosks"),
        (("--kiosk", "kiosk-1", "--percent", "5", "--kind", "revoke_card", "--card", CARD), 2, "--kiosk, or --all-kiosks"),
    ],
)
def test_what_no_kiosk_could_do_is_refused_here(
    fleet: Firstlight, project: Project, words: tuple[str, ...], code: int, said: str
) -> None:
    done = fleet("command", "--site", "north", *words, code=code)
    assert said in done.err
    assert queued(project, "kiosk-1") == []


@pytest.fixture
def signed(firstlight: Firstlight, tmp_path: Path) -> tuple[Path, Path]:
    """A newer bundle, signed, and the folder with its maker's public key."""
    (tmp_path / "newer").mkdir()
    (tmp_path / "keys").mkdir()
    bundle = with_card(tmp_path / "newer", lambda card: card["model"].update(version="9.1.0"))
    firstlight("models", "new-key", tmp_path / "maker")
    (tmp_path / "maker.pub").rename(tmp_path / "keys" / "maker.pub")
    firstlight("models", "sign", bundle, "--key", tmp_path / "maker")
    return bundle, tmp_path / "keys"


def test_a_signed_bundle_is_published_once_and_comes_back_whole(
    cloud: Firstlight, project: Project, signed: tuple[Path, Path], tmp_path: Path
) -> None:
    bundle, keys = signed
    assert "created" in cloud("publish-model", bundle, "--keys", keys).out
    assert "unchanged" in cloud("publish-model", bundle, "--keys", keys).out
    sha256 = Bundle.open(bundle).sha256
    stored = project.objects.read(f"models/{sha256}.tar")
    assert set(checked_files(stored, sha256)) == {
        "card.toml",
        "golden/golden.npz",
        "model.tflite",
        SUMS,
        SIGNATURE,
    }  # the kiosk
    with tarfile.open(fileobj=io.BytesIO(stored)) as archive:
        archive.extractall(tmp_path / "fetched", filter="data")
    assert Bundle.open(tmp_path / "fetched").sha256 == sha256
    card = project.documents.get(f"models/{sha256}")
    assert card is not None
    assert (card.fields["name"], card.fields["version"]) == ("breast", "9.1.0")
    assert json.loads(card.fields["card"])["model"]["version"] == "9.1.0"


def test_nobody_publishes_what_nobody_has_signed(
    cloud: Firstlight, project: Project, signed: tuple[Path, Path], tmp_path: Path
) -> None:
    bundle, keys = signed
    (tmp_path / "none").mkdir()
    assert "does not hold" in cloud("publish-model", bundle, "--keys", tmp_path / "none", code=6).err
    (bundle / "SHA256SUMS.sig").unlink()
    assert "nobody answers for it" in cloud("publish-model", bundle, "--keys", keys, code=6).err
    assert "publish-cards" in cloud("publish-model", default_bundle("breast"), code=6).err
    assert list(project.documents.find("models")) == []
    assert project.objects.names("models/") == []


def test_the_cards_of_the_shipped_models_are_published(cloud: Firstlight, project: Project) -> None:
    lines = cloud("publish-cards").out.splitlines()
    assert all(" created " in line for line in lines)
    assert all(" unchanged " in line for line in cloud("publish-cards").out.splitlines())
    breast = Bundle.open(default_bundle("breast"))
    assert any(line.endswith(breast.sha256) for line in lines)
    card = project.documents.get(f"models/{breast.sha256}")
    assert card is not None
    assert json.loads(card.fields["card"])["model"]["name"] == "breast"
