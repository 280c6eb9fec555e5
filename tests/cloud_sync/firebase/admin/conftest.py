"""An empty project on the emulators, and the command line that works on it."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from cloud_sync.firebase.admin.access import EMULATORS, find_access
from cloud_sync.firebase.admin.project import Project, opened
from tests.cloud_sync.firebase.emulators import Emulators
from tools.cli.main import main


@dataclass(frozen=True)
class Done:
    """What a command printed."""

    out: str
    err: str


Firstlight = Callable[..., Done]


@pytest.fixture
def emptied(emulators: Emulators, monkeypatch: pytest.MonkeyPatch) -> Emulators:
    """The emulators, with nothing in them and with the environment pointing at them."""
    emulators.clear()
    for name, value in emulators.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    assert all(os.environ[name] for name in EMULATORS)
    return emulators


@pytest.fixture
def project(emptied: Emulators) -> Iterator[Project]:
    """The project as an administrator's tools see it."""
    with opened(find_access(os.environ, project=None, service_account=None, bucket=None)) as project:
        yield project


@pytest.fixture
def firstlight(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Firstlight:
    """The real command line, in this process; ``code`` is the exit code that it must end with, ``typed`` what it is told."""

    def run(*words: object, code: int = 0, typed: str = "") -> Done:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        printed = capsys.readouterr()
        assert ended.value.code == code, f"{ended.value.code}: {printed.out}{printed.err}"
        return Done(printed.out, printed.err)

    return run


@pytest.fixture
def cloud(firstlight: Firstlight, emptied: Emulators) -> Firstlight:
    """`firstlight cloud` on an empty project that has the site ``north``."""

    def run(*words: object, code: int = 0, typed: str = "") -> Done:
        return firstlight("cloud", *words, code=code, typed=typed)

    run("create-site", "--site", "north", "--name", "North clinic", "--prevalence", "breast=0.006")
    return run
