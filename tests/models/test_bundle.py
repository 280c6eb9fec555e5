"""Damaged bundles are refused before an inference runtime sees them."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from models.bundle import CARD, GOLDEN, LARGEST_FILE, MODEL, MOST_FILES, SIGNATURE, SUMS, Bundle, default_bundle, write_sums
from models.errors import BundleCorrupt, BundleMissing, CardIncomplete
from tests.models.making import copy


def test_the_shipped_bundle_opens_and_is_small() -> None:
    bundle = Bundle.open(default_bundle("breast"))
    assert bundle.card.name == "breast"
    assert bundle.sha256 == hashlib.sha256((bundle.path / SUMS).read_bytes()).hexdigest()
    assert len(bundle.model) <= 100_000
    assert "model=" not in repr(bundle)


def test_sha256sum_itself_accepts_the_shipped_bundle() -> None:
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", SUMS], cwd=default_bundle("breast"), check=True)


def test_a_folder_that_is_not_there() -> None:
    with pytest.raises(BundleMissing, match="no model bundle at"):
        Bundle.open("/nonexistent/bundle")


@pytest.mark.parametrize("name", [MODEL, CARD, SUMS])
def test_a_file_that_is_not_there(tmp_path: Path, name: str) -> None:
    bundle = copy(tmp_path)
    (bundle / name).unlink()
    with pytest.raises(BundleMissing, match=name):
        Bundle.open(bundle)


@pytest.mark.parametrize("name", [MODEL, CARD])
def test_one_flipped_bit(tmp_path: Path, name: str) -> None:
    bundle = copy(tmp_path)
    content = bytearray((bundle / name).read_bytes())
    content[len(content) // 2] ^= 1
    (bundle / name).write_bytes(content)
    with pytest.raises(BundleCorrupt, match=f"{name} differs from its hash"):
        Bundle.open(bundle)


@pytest.mark.parametrize("kept", [0, 3, 100, -1])
def test_a_truncated_network(tmp_path: Path, kept: int) -> None:
    bundle = copy(tmp_path)
    (bundle / MODEL).write_bytes((bundle / MODEL).read_bytes()[:kept])
    with pytest.raises(BundleCorrupt, match="differs from its hash"):
        Bundle.open(bundle)


def test_a_truncated_network_is_refused_where_no_runtime_can_be_imported(tmp_path: Path) -> None:
    """The runtime would crash on it, so nothing may reach for the runtime first."""
    bundle = copy(tmp_path)
    (bundle / MODEL).write_bytes((bundle / MODEL).read_bytes()[:1000])
    script = (
        "import sys; sys.modules['ai_edge_litert'] = sys.modules['tflite_runtime'] = None\n"
        "from models.breast import BreastModel\nfrom models.errors import BundleCorrupt\n"
        f"try: BreastModel.load({str(bundle)!r})\nexcept BundleCorrupt: print('refused')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )
    assert done.stdout == "refused\n"


def test_a_network_that_is_no_flatbuffer_is_refused_though_its_hash_is_right(tmp_path: Path) -> None:
    bundle = copy(tmp_path)
    (bundle / MODEL).write_bytes(b"PK\x03\x04 this is a zip file")
    write_sums(bundle)
    with pytest.raises(BundleCorrupt, match="no TensorFlow Lite file"):
        Bundle.open(bundle)


def test_a_bundle_whose_sums_do_not_mention_the_card(tmp_path: Path) -> None:
    bundle = copy(tmp_path)
    (bundle / CARD).unlink()
    write_sums(bundle)
    with pytest.raises(CardIncomplete, match="without a card is not used"):
        Bundle.open(bundle)


def test_a_bundle_whose_sums_do_not_mention_the_network(tmp_path: Path) -> None:
    bundle = copy(tmp_path)
    (bundle / MODEL).unlink()
    write_sums(bundle)
    with pytest.raises(BundleMissing, match=f"no {MODEL}"):
        Bundle.open(bundle)


def test_a_network_without_its_golden_set(tmp_path: Path) -> None:
    bundle = copy(tmp_path)
    (bundle / GOLDEN).unlink()
    write_sums(bundle)
    with pytest.raises(BundleMissing, match=r"no golden/golden\.npz, so nobody knows whether it works here"):
        Bundle.open(bundle)


def test_a_file_that_nobody_hashed(tmp_path: Path) -> None:
    bundle = copy(tmp_path)
    (bundle / "extra").mkdir()
    (bundle / "extra" / "notes.txt").write_text("hello")
    with pytest.raises(BundleCorrupt, match="not listed"):
        Bundle.open(bundle)


def test_more_files_in_folders_are_verified_too(tmp_path: Path) -> None:
    bundle = copy(tmp_path)
    (bundle / GOLDEN).write_bytes((bundle / GOLDEN).read_bytes() + b"1")
    with pytest.raises(BundleCorrupt, match=r"golden/golden\.npz differs"):
        Bundle.open(bundle)


def test_a_signature_may_lie_beside_the_sums(tmp_path: Path) -> None:
    bundle = copy(tmp_path)
    (bundle / SIGNATURE).write_bytes(bytes(64))
    assert Bundle.open(bundle).sha256 == Bundle.open(default_bundle("breast")).sha256


@pytest.mark.parametrize(
    "line",
    [
        "no hash at all",
        f"{'0' * 63}  short.txt",
        f"{'0' * 64}  ../outside",
        f"{'0' * 64}  /etc/passwd",
        f"{'0' * 64}  {SUMS}",
        f"{'0' * 64}  {MODEL}",
        "",
    ],
)
def test_a_bad_line_in_the_sums(tmp_path: Path, line: str) -> None:
    bundle = copy(tmp_path)
    with (bundle / SUMS).open("a", encoding="utf-8") as sums:
        sums.write(line + "\n")
    with pytest.raises(BundleCorrupt, match="line 4"):
        Bundle.open(bundle)


def test_sums_that_are_no_text(tmp_path: Path) -> None:
    bundle = copy(tmp_path)
    (bundle / SUMS).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BundleCorrupt, match="no UTF-8"):
        Bundle.open(bundle)


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    bundle = copy(tmp_path)
    (bundle / MODEL).unlink()
    (bundle / MODEL).mkdir()
    with pytest.raises(BundleCorrupt, match="cannot be read"):
        Bundle.open(bundle)


def test_a_file_too_large_for_a_kiosk_is_not_read(tmp_path: Path) -> None:
    bundle = copy(tmp_path)
    with (bundle / MODEL).open("wb") as model:
        model.truncate(LARGEST_FILE + 1)
    with pytest.raises(BundleCorrupt, match="larger than"):
        Bundle.open(bundle)


def test_more_files_than_a_bundle_has_are_not_read(tmp_path: Path) -> None:
    bundle = copy(tmp_path)
    for number in range(MOST_FILES):
        (bundle / f"{number}.txt").write_text("more")
    write_sums(bundle)
    with pytest.raises(BundleCorrupt, match="more than 16 files"):
        Bundle.open(bundle)


def test_a_signature_that_is_far_too_large_is_not_read(tmp_path: Path) -> None:
    bundle = copy(tmp_path)
    with (bundle / SIGNATURE).open("wb") as signature:
        signature.truncate(LARGEST_FILE + 1)
    with pytest.raises(BundleCorrupt, match="larger than"):
        Bundle.open(bundle)
