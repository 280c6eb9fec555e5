"""Each key signs for the kiosk that it was registered for, and for no other."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud_sync.usb.bundle import open_bundle
from cloud_sync.usb.errors import BadUsbKey, WrongKiosk
from cloud_sync.usb.keys import key_id, public_pem
from cloud_sync.usb.registry import registered_kiosks
from cloud_sync.usb.writing import write_bundles
from device.store.database import Store
from device.store.keys import RECIPIENT_KEY
from device.store.waiting import waiting_records
from tests.device.store.samples import sample_record
from tools.cli.exits import explain
from tools.cli.main import cli


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, Ed25519PrivateKey]:
    """The keys of two kiosks of one site and of one of another; registered in ``tmp_path/trusted``."""
    made = {name: Ed25519PrivateKey.generate() for name in ("home/kiosk-1", "home/kiosk-2", "away/kiosk-1")}
    for name, key in made.items():
        register(tmp_path / "trusted" / f"{name}.pub", key)
    return made


def register(path: Path, key: Ed25519PrivateKey) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(public_pem(key.public_key()))


def bundle_of(store: Store, data_dir: Path, name: str, key: Ed25519PrivateKey) -> Path:
    """Write what ``store`` holds as the kiosk ``SITE/KIOSK``, signed with ``key``."""
    site, kiosk = name.split("/")
    (data_dir / "stick").mkdir()
    (written,) = write_bundles(waiting_records(data_dir), data_dir / "stick", site, kiosk, key)
    return written.path


def import_(bundle: Path, data_dir: Path, tmp_path: Path) -> tuple[int, str]:
    """Return the exit code and what was said."""
    words = ["cloud", "import-usb", str(bundle), "--kiosk-keys", str(tmp_path / "trusted"), "--site", "home"]
    words += ["--recipient-key", str(data_dir / "keys" / RECIPIENT_KEY), "--remote", f"local:{tmp_path / 'cloud'}"]
    result = CliRunner().invoke(cli, words)
    explained = explain(result.exception) if isinstance(result.exception, Exception) else None
    return (explained.code, explained.message) if explained else (result.exit_code, result.output)


def test_a_key_is_known_by_its_place(tmp_path: Path, keys: dict[str, Ed25519PrivateKey]) -> None:
    found = registered_kiosks(tmp_path / "trusted")
    assert {name: each.name for name, each in found.items()} == {key_id(key.public_key()): name for name, key in keys.items()}
    assert registered_kiosks(tmp_path / "nowhere") == {}


@pytest.mark.parametrize("signer", ["home/kiosk-1", "home/kiosk-2", "away/kiosk-1"])
@pytest.mark.parametrize("name", ["home/kiosk-1", "home/kiosk-2"])
def test_no_trusted_key_signs_in_anothers_name(
    store: Store, data_dir: Path, tmp_path: Path, keys: dict[str, Ed25519PrivateKey], signer: str, name: str
) -> None:
    store.save(sample_record(site="home", kiosk=name.split("/")[1]))
    path = bundle_of(store, data_dir, name, keys[signer])
    if signer == name:
        assert import_(path, data_dir, tmp_path)[0] == 0
        return
    with pytest.raises(WrongKiosk, match=rf"says that it is of {name}, .* of {signer}: nothing of it was sent"):
        open_bundle(path, registered_kiosks(tmp_path / "trusted"))
    code, said = import_(path, data_dir, tmp_path)
    assert (code, (tmp_path / "cloud").exists()) == (14, False)
    assert "find out who wrote it" in said


def test_a_siblings_record_in_an_honest_bundle_is_refused_and_the_others_arrive(
    store: Store, data_dir: Path, tmp_path: Path, keys: dict[str, Ed25519PrivateKey]
) -> None:
    foreign = store.save(sample_record(site="home", kiosk="kiosk-2")).id
    own = store.save(sample_record(site="home", kiosk="kiosk-1")).id
    code, said = import_(bundle_of(store, data_dir, "home/kiosk-1", keys["home/kiosk-1"]), data_dir, tmp_path)
    assert code == 10
    assert f"confirmed  {own}" in said
    assert f"{foreign}  ForeignRecord" in said
    assert "1 confirmed, 1 not" in said


def test_a_key_that_does_not_say_whose_it_is(tmp_path: Path, keys: dict[str, Ed25519PrivateKey]) -> None:
    """As they lay before each key was bound to its kiosk."""
    register(tmp_path / "trusted" / "kiosk-1.pub", keys["home/kiosk-1"])
    with pytest.raises(BadUsbKey, match=r"kiosk-1\.pub does not say whose key it is: move it to .*SITE/KIOSK\.pub"):
        registered_kiosks(tmp_path / "trusted")


def test_a_key_of_two_kiosks(tmp_path: Path, keys: dict[str, Ed25519PrivateKey]) -> None:
    register(tmp_path / "trusted" / "home" / "kiosk-3.pub", keys["home/kiosk-1"])
    with pytest.raises(BadUsbKey, match="the same key for home/kiosk-1 and for home/kiosk-3"):
        registered_kiosks(tmp_path / "trusted")


def test_a_file_that_is_no_key(tmp_path: Path, keys: dict[str, Ed25519PrivateKey]) -> None:
    (tmp_path / "trusted" / "home" / "kiosk-4.pub").write_text("ssh-ed25519 AAAA")
    with pytest.raises(BadUsbKey, match="no Ed25519 public key in PEM"):
        registered_kiosks(tmp_path / "trusted")
