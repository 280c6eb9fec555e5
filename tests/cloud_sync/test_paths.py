"""Names in the cloud."""

from __future__ import annotations

import pytest

from cloud_sync.paths import BadPath, document_path, object_path


def test_paths_of_a_record() -> None:
    assert document_path("home", "ab") == "sites/home/records/ab"
    assert object_path("St. Mary's", "ab", "capture.npz") == "sites/St. Mary's/records/ab/capture.npz"


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "__all__", "a\nb", "a\0b", "x" * 201, "\x7f"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(BadPath, match="rename it"):
        document_path(name, "ab")
