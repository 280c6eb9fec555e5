"""Who has signed a bundle, and every way in which nobody has."""

from __future__ import annotations

import stat
import subprocess
from base64 import b64decode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from models.bundle import MODEL, SIGNATURE, SUMS, Bundle, write_sums
from models.errors import BadSigningKey, BundleCorrupt, KeyUnknown, SignatureInvalid, SignatureMissing
from models.signature import MOST_SIGNATURES, new_key, sign, trusted_keys, verify_signature
from tests.models.making import copy


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return copy(tmp_path)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A folder with one public key, whose private one is beside it."""
    folder = tmp_path / "keys"
    folder.mkdir()
    new_key(folder / "maker")
    return folder


def signed(bundle: Path, key: Path) -> str:
    name, content = sign(Bundle.open(bundle), key)
    (bundle / SIGNATURE).write_bytes(content)
    return name


def test_a_bundle_of_a_known_maker(bundle: Path, keys: Path) -> None:
    name = signed(bundle, keys / "maker")
    assert verify_signature(Bundle.open(bundle), keys) == name
    assert list(trusted_keys(keys)) == [name]


def test_openssl_itself_accepts_the_signature(bundle: Path, keys: Path, tmp_path: Path) -> None:
    signed(bundle, keys / "maker")
    raw = tmp_path / "raw"
    raw.write_bytes(b64decode((bundle / SIGNATURE).read_text().split()[1]))
    command = [
        "openssl",
        "pkeyutl",
        "-verify",
        "-pubin",
        "-inkey",
        str(keys / "maker.pub"),
        "-rawin",
        "-in",
        str(bundle / SUMS),
    ]
    try:
        done = subprocess.run([*command, "-sigfile", str(raw)], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("openssl is not installed")
    assert done.returncode == 0, done.stderr


def test_a_bundle_that_nobody_has_signed(bundle: Path, keys: Path) -> None:
    with pytest.raises(SignatureMissing, match=r"no SHA256SUMS\.sig: nobody answers for it"):
        verify_signature(Bundle.open(bundle), keys)


def test_a_bundle_of_an_unknown_maker(bundle: Path, keys: Path, tmp_path: Path) -> None:
    new_key(tmp_path / "stranger")
    name = signed(bundle, tmp_path / "stranger")
    with pytest.raises(KeyUnknown, match=name):
        verify_signature(Bundle.open(bundle), keys)


@pytest.mark.parametrize("folder", ["nosuch", "empty"])
def test_a_device_without_keys(bundle: Path, keys: Path, tmp_path: Path, folder: str) -> None:
    signed(bundle, keys / "maker")
    (tmp_path / "empty").mkdir()
    with pytest.raises(KeyUnknown, match=r"put their public key there"):
        verify_signature(Bundle.open(bundle), tmp_path / folder)


def test_a_network_that_was_changed_after_signing(bundle: Path, keys: Path) -> None:
    """With the hashes made right again, as somebody would who wants to be believed."""
    signed(bundle, keys / "maker")
    content = bytearray((bundle / MODEL).read_bytes())
    content[-1] ^= 1
    (bundle / MODEL).write_bytes(content)
    with pytest.raises(BundleCorrupt, match="differs from its hash"):
        Bundle.open(bundle)
    write_sums(bundle)
    with pytest.raises(SignatureInvalid, match="does not belong to"):
        verify_signature(Bundle.open(bundle), keys)


def test_a_signature_of_another_key_under_a_known_name(bundle: Path, keys: Path, tmp_path: Path) -> None:
    name = signed(bundle, keys / "maker")
    new_key(tmp_path / "stranger")
    (bundle / SIGNATURE).unlink()
    stranger = signed(bundle, tmp_path / "stranger")
    forged = (bundle / SIGNATURE).read_text().replace(stranger, name)
    (bundle / SIGNATURE).write_text(forged)
    with pytest.raises(SignatureInvalid, match=f"of key {name} does not belong"):
        verify_signature(Bundle.open(bundle), keys)


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"signature\n", bytes(64), b"\xff\xfe", b"0123456789abcdef short==\n", b"A" * 5000, b"0123456789abcdef\n"],
)
def test_what_is_no_signature_at_all(bundle: Path, keys: Path, content: bytes) -> None:
    (bundle / SIGNATURE).write_bytes(content)
    with pytest.raises(SignatureInvalid, match=r"SHA256SUMS\.sig"):
        verify_signature(Bundle.open(bundle), keys)


def test_more_signatures_than_anybody_needs(bundle: Path, keys: Path) -> None:
    line = f"{{:016x}} {'A' * 86}==\n"
    (bundle / SIGNATURE).write_text("".join(line.format(number) for number in range(MOST_SIGNATURES + 1)))
    with pytest.raises(SignatureInvalid, match="1 to 8 signatures"):
        verify_signature(Bundle.open(bundle), keys)


def test_a_second_maker_signs_beside_the_first(bundle: Path, keys: Path, tmp_path: Path) -> None:
    """So that a device may be moved to a new key before the old one is taken away."""
    new_key(tmp_path / "old")
    signed(bundle, tmp_path / "old")
    name = signed(bundle, keys / "maker")
    assert len((bundle / SIGNATURE).read_text().splitlines()) == 2
    assert verify_signature(Bundle.open(bundle), keys) == name


def test_a_new_private_key_is_its_owners_alone(tmp_path: Path) -> None:
    name, public = new_key(tmp_path / "mine")
    assert stat.S_IMODE((tmp_path / "mine").stat().st_mode) == 0o600
    assert stat.S_IMODE(public.stat().st_mode) == 0o644
    assert "PRIVATE" not in public.read_text()
    assert len(name) == 16


@pytest.mark.parametrize("there", ["mine", "mine.pub"])
def test_a_key_that_is_there_is_not_replaced(tmp_path: Path, there: str) -> None:
    (tmp_path / there).write_text("precious")
    with pytest.raises(BadSigningKey, match="is there already"):
        new_key(tmp_path / "mine")
    assert (tmp_path / there).read_text() == "precious"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_private_key_with_the_name_of_a_public_one(tmp_path: Path) -> None:
    with pytest.raises(BadSigningKey, match=r"does not end in \.pub"):
        new_key(tmp_path / "mine.pub")


def test_a_key_where_nothing_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(BadSigningKey, match="cannot be written"):
        new_key(tmp_path / "nosuch" / "mine")


def pem(key: X25519PrivateKey) -> tuple[bytes, bytes]:
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"secret")
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private, public


@pytest.mark.parametrize("content", [b"", b"no key", pem(X25519PrivateKey.generate())[1]], ids=["empty", "text", "X25519"])
def test_a_file_among_the_trusted_keys_that_is_none(bundle: Path, keys: Path, content: bytes) -> None:
    signed(bundle, keys / "maker")
    (keys / "other.pub").write_bytes(content)
    with pytest.raises(BadSigningKey, match=r"other\.pub is no Ed25519 public key"):
        verify_signature(Bundle.open(bundle), keys)


@pytest.mark.parametrize("content", [b"", pem(X25519PrivateKey.generate())[0]], ids=["empty", "with a passphrase"])
def test_signing_with_what_is_no_private_key(bundle: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(BadSigningKey, match="no Ed25519 private key without a passphrase"):
        sign(Bundle.open(bundle), tmp_path / "key")


def test_signing_with_a_key_that_is_not_there(bundle: Path, tmp_path: Path) -> None:
    with pytest.raises(BadSigningKey, match="cannot be read"):
        sign(Bundle.open(bundle), tmp_path / "key")
