"""`firstlight cloud` where it cannot work: no project, no right, no network. Each is a sentence, an exit code, and in time."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.checkout import ROOT
from tools.cli.cloud import COMMANDS

CREATE = ("create-site", "--site", "north", "--name", "North")
OURS = re.compile(r"FIREBASE|FIRESTORE|STORAGE_EMULATOR|GOOGLE|GCLOUD|_proxy$", re.IGNORECASE)


def cloud(
    *words: str | Path, code: int, environment: Mapping[str, str] | None = None, timeout_s: float = 100
) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not OURS.search(name)}
    command = [sys.executable, "-m", "tools.cli.main", "cloud", *map(str, words)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=timeout_s, check=False, env={**clean, **(environment or {})}
    )
    assert done.returncode == code, f"{done.returncode}: {done.stdout}{done.stderr}"
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def account() -> dict[str, Any]:
    """A service account as Google would write it, whose key nobody knows."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    return {
        "type": "service_account",
        "project_id": "firstlight-nowhere",
        "private_key_id": "0" * 40,
        "private_key": pem,
        "client_email": "tools@firstlight-nowhere.iam.gserviceaccount.com",
        "token_uri": "https://oauth2.googleapis.com/token",
    }


def written(folder: Path, document: object, mode: int = 0o600) -> Path:
    path = folder / "account.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    path.chmod(mode)
    return path


def test_nobody_said_with_which_right() -> None:
    assert "--service-account" in cloud(*CREATE, code=15).stderr


def test_nobody_said_which_emulated_project() -> None:
    hosts = {"FIRESTORE_EMULATOR_HOST": "h:1", "FIREBASE_AUTH_EMULATOR_HOST": "h:2", "STORAGE_EMULATOR_HOST": "http://h:3"}
    assert "--project" in cloud(*CREATE, code=15, environment=hosts).stderr


def test_half_of_a_project_never_goes_to_google(tmp_path: Path, account: dict[str, Any]) -> None:
    words = (*CREATE, "--service-account", written(tmp_path, account))
    done = cloud(*words, code=15, environment={"FIRESTORE_EMULATOR_HOST": "127.0.0.1:1"})
    assert "half of it would go to the real project" in done.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        ("no json, but a SECRET", "no JSON"),
        ("[]", "another"),
        ({"type": "authorized_user", "client_secret": "SECRET"}, "another"),
        ({"type": "service_account", "project_id": "firstlight-nowhere", "private_key": "SECRET"}, "lacks client_email"),
        (
            {
                "type": "service_account", "project_id": "firstlight-nowhere", "private_key": "SECRET",
                "client_email": "a@b.example", "token_uri": "https://c.example",
            },
            "no usable private key",
        ),
    ],
)  # fmt: skip
def test_a_wrong_file_is_named_and_never_quoted(tmp_path: Path, content: object, said: str) -> None:
    path = tmp_path / "account.json" if content is None else written(tmp_path, content)
    done = cloud(*CREATE, "--service-account", path, code=15)
    assert said in done.stderr
    assert str(path) in done.stderr
    assert "SECRET" not in done.stdout + done.stderr


def test_a_project_has_a_plausible_name(tmp_path: Path, account: dict[str, Any]) -> None:
    words = (*CREATE, "--service-account", written(tmp_path, account), "--project", "../evil")
    assert "no project's id" in cloud(*words, code=15).stderr


@pytest.fixture
def proxy() -> str:
    """A proxy that nobody runs: whatever leaves this machine in these tests ends here."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    return f"http://127.0.0.1:{port}"


def test_without_a_network_it_ends_in_time_and_says_so(tmp_path: Path, account: dict[str, Any], proxy: str) -> None:
    path = written(tmp_path, account, 0o644)
    environment = {"https_proxy": proxy, "http_proxy": proxy, "grpc_proxy": proxy}
    began = time.monotonic()
    done = cloud(*CREATE, "--service-account", path, code=7, environment=environment)
    assert time.monotonic() - began < 60
    assert "sites/north could not be read" in done.stderr
    assert "others may read" in done.stderr
    assert "PRIVATE KEY" not in done.stderr


@pytest.mark.slow
def test_a_server_that_never_answers_ends_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=16) as silent:
        host = f"127.0.0.1:{silent.getsockname()[1]}"
        environment = {
            "FIRESTORE_EMULATOR_HOST": host,
            "FIREBASE_AUTH_EMULATOR_HOST": host,
            "STORAGE_EMULATOR_HOST": f"http://{host}",
            "GOOGLE_CLOUD_PROJECT": "demo-firstlight",
        }
        began = time.monotonic()
        asked = {"the user could": ("revoke", "--doctor", "ada@north.example"), "sites/north could": CREATE}
        with ThreadPoolExecutor() as both:
            done = list(both.map(lambda words: cloud(*words, code=7, environment=environment).stderr, asked.values()))
        assert time.monotonic() - began < 60
        assert all(f"{said} not be read" in stderr for said, stderr in zip(asked, done, strict=True))


def test_without_the_extra_it_says_what_to_install() -> None:
    script = "import sys; sys.modules['firebase_admin'] = None; from tools.cli.main import main; main(sys.argv[1:])"
    hosts = {"FIRESTORE_EMULATOR_HOST": "h:1", "FIREBASE_AUTH_EMULATOR_HOST": "h:2", "STORAGE_EMULATOR_HOST": "http://h:3"}
    command = [sys.executable, "-c", script, "cloud", *CREATE, "--project", "demo-firstlight"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env={**os.environ, **hosts})
    assert (done.returncode, "firstlight[cloud]" in done.stderr) == (15, True), done.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    done = cloud(name, "--help", code=0)
    assert len(done.stdout.splitlines()) > 6
    if name != "import-usb":  # it may go to an embedded cloud, too
        assert "--service-account" in done.stdout


def test_help_needs_none_of_googles_libraries() -> None:
    script = (
        "import sys; from tools.cli.main import cli; cli.main(['cloud', '--help'], standalone_mode=False); "
        "print(*(name for name in ('google', 'firebase_admin', 'grpc', 'requests', 'fhir') if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1].strip() == ""
