"""Starts and stops Firebase's emulator suite (Auth, Firestore, Storage) with the rules of cloud_sync/firebase."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
FIREBASE = ROOT / "cloud_sync" / "firebase"
TOOLS = FIREBASE / "node_modules" / "firebase-tools" / "lib" / "bin" / "firebase.js"
OFFLINE = ROOT.parent / "shared" / "firebase" / "env.sh"
START_DEADLINE_S = 180.0
STOP_DEADLINE_S = 15.0
CALL_DEADLINE_S = 60.0
PROJECT = "demo-firstlight"
"""A project whose name begins with demo- never touches Google's servers."""
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Ignores a proxy of the environment: the emulators are on this very machine."""
CUSTOM_AUDIENCE = "https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1.IdentityToolkit"


class Absent(Exception):
    """What the emulators need is not on this machine; the message says what, and how to get it."""


@dataclass(frozen=True)
class Tokens:
    uid: str
    id_token: str
    refresh_token: str


@dataclass(frozen=True)
class Emulators:
    """Where the running emulators listen (host:port), and what only a test may do with them."""

    auth_host: str
    firestore_host: str
    storage_host: str
    project: str = PROJECT
    bucket: str = f"{PROJECT}.firebasestorage.app"
    api_key: str = "key-of-the-emulators"

    @property
    def documents(self) -> str:
        """The resource name below which all documents lie."""
        return f"projects/{self.project}/databases/(default)/documents"

    @property
    def environment(self) -> dict[str, str]:
        """Return what Firebase's own libraries look for in the environment."""
        return {
            "FIREBASE_AUTH_EMULATOR_HOST": self.auth_host,
            "FIRESTORE_EMULATOR_HOST": self.firestore_host,
            "FIREBASE_STORAGE_EMULATOR_HOST": self.storage_host,
            "STORAGE_EMULATOR_HOST": f"http://{self.storage_host}",
            "GCLOUD_PROJECT": self.project,
            "GOOGLE_CLOUD_PROJECT": self.project,
        }

    def clear(self) -> None:
        """Remove all users, documents and objects."""
        self.clear_firestore()
        self.clear_auth()
        self.clear_storage()

    def clear_firestore(self) -> None:
        owner(f"http://{self.firestore_host}/emulator/v1/{self.documents}", method="DELETE")

    def clear_auth(self) -> None:
        owner(f"http://{self.auth_host}/emulator/v1/projects/{self.project}/accounts", method="DELETE")

    def clear_storage(self) -> None:
        owner(f"http://{self.storage_host}/internal/reset")

    def unsigned_token(self, uid: str, /, *, issued_s_ago: float = 0.0, **claims: Any) -> str:
        """Return an ID token that only the emulators believe, of a user who need not exist, issued that long ago."""
        return unsigned(
            {**self._registered(uid, issued_s_ago), "iss": f"https://securetoken.google.com/{self.project}", **claims}
        )

    def custom_token(self, uid: str, /, **claims: Any) -> str:
        """Return what an administrator's tool hands to a kiosk: to be traded for an ID token and a refresh token."""
        return unsigned({"aud": CUSTOM_AUDIENCE, "uid": uid, "claims": claims, "iat": int(time.time())})

    def create_user(self, uid: str, *, email: str, password: str, name: str | None = None, **claims: Any) -> None:
        """Create a person who can sign in with e-mail and password, with the claims that an administrator's tool sets."""
        body = {"localId": uid, "email": email, "password": password, "displayName": name, "emailVerified": True}
        accounts = f"http://{self.auth_host}/identitytoolkit.googleapis.com/v1/projects/{self.project}/accounts"
        owner(accounts, {key: value for key, value in body.items() if value is not None})
        owner(
            f"{accounts}:update",
            {"localId": uid, "customAttributes": json.dumps(claims | ({} if name is None else {"called": name}))},
        )

    def disable_user(self, uid: str) -> None:
        accounts = f"http://{self.auth_host}/identitytoolkit.googleapis.com/v1/projects/{self.project}/accounts"
        owner(f"{accounts}:update", {"localId": uid, "disableUser": True})

    def sign_in(self, email: str, password: str) -> Tokens:
        """Return real tokens (signed in by the Auth emulator)."""
        return self._tokens("signInWithPassword", {"email": email, "password": password})

    def sign_in_custom(self, uid: str, /, **claims: Any) -> Tokens:
        """Return real tokens of a user made on the way, as a kiosk gets them for its custom token."""
        return self._tokens("signInWithCustomToken", {"token": self.custom_token(uid, **claims)}, uid)

    def _tokens(self, method: str, body: Mapping[str, Any], uid: str | None = None) -> Tokens:
        url = f"http://{self.auth_host}/identitytoolkit.googleapis.com/v1/accounts:{method}?key={self.api_key}"
        answer = owner(url, {**body, "returnSecureToken": True}, token=None)
        return Tokens(uid or answer["localId"], answer["idToken"], answer["refreshToken"])

    def _registered(self, uid: str, issued_s_ago: float) -> dict[str, Any]:
        issued = int(time.time() - issued_s_ago)
        firebase = {"identities": {}, "sign_in_provider": "custom"}
        issuer = f"https://securetoken.google.com/{self.project}"
        times = {"iss": issuer, "iat": issued, "auth_time": issued, "exp": issued + 3600}
        return {**times, "sub": uid, "user_id": uid, "aud": self.project, "firebase": firebase}


def unsigned(claims: Mapping[str, Any]) -> str:
    """Return a JWT without a signature."""
    parts = [json.dumps(part, separators=(",", ":")).encode() for part in ({"alg": "none", "typ": "JWT"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."


def owner(
    url: str,
    body: Mapping[str, Any] | None = None,
    *,
    method: str = "POST",
    token: str | None = "owner",
    deadline_s: float = CALL_DEADLINE_S,
) -> dict[str, Any]:
    """Call an emulator as its owner, for whom no rules hold. An answer that is no success raises with its text."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method)
    request.add_header("Content-Type", "application/json")
    if token is not None:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with DIRECT.open(request, timeout=deadline_s) as answer:
            text = answer.read()
    except urllib.error.HTTPError as error:
        raise RuntimeError(f"{method} {url}: {error.code} {error.read().decode(errors='replace')}") from error
    read: dict[str, Any] = json.loads(text) if text.strip().startswith(b"{") else {}
    return read


@contextmanager
def running(folder: Path) -> Iterator[Emulators]:
    """Run the suite with its files in ``folder``; raises `Absent` where it cannot run."""
    prefix, offline = command()
    ports = free_ports(7)
    write_configuration(folder, ports)
    log = folder / "emulators.log"
    arguments = [
        "emulators:start",
        "--project",
        PROJECT,
        "--only",
        "auth,firestore,storage",
        "--config",
        str(folder / "firebase.json"),
    ]
    # The Storage emulator keeps its objects in a folder of a fixed name there, and removes it when it starts.
    own = {"XDG_CONFIG_HOME": str(folder / "config"), "TMPDIR": str(folder)}
    environment = {**os.environ, **own, "CI": "1", "NO_COLOR": "1"}
    environment.pop("FIRESTORE_EMULATOR_HOST", None)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*prefix, *arguments], cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip
    try:
        wait_until_ready(process, log, offline)
        yield Emulators(*(f"127.0.0.1:{port}" for port in ports[:3]))
    finally:
        stop(process)


def command() -> tuple[list[str], bool]:
    """Return how to start firebase-tools, and whether that works without internet."""
    node = shutil.which("node")
    if node is None:
        raise Absent("there is no Node.js; they need version 20 or newer")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20, check=True).stdout.strip()
    if int(version.removeprefix("v").partition(".")[0]) < 20:
        raise Absent(f"Node.js is {version}; they need version 20 or newer")
    if not TOOLS.exists():
        raise Absent("firebase-tools is not installed; ./test does it, or `npm ci` in cloud_sync/firebase")
    if OFFLINE.exists() and shutil.which("bash"):
        sourced = subprocess.run(["bash", "-c", f'. "{OFFLINE}"'], capture_output=True, text=True, timeout=120, check=False)
        if sourced.returncode == 0:
            return ["bash", "-c", f'. "{OFFLINE}" && exec "$@"', "bash", node, str(TOOLS)], True
    if shutil.which("java") is None:
        raise Absent("there is no Java; they need version 21 or newer")
    return [node, str(TOOLS)], False


def write_configuration(folder: Path, ports: list[int]) -> None:
    """Write a firebase.json with these ports beside a copy of the rules."""
    for name in ("firestore.rules", "storage.rules", "firestore.indexes.json"):
        shutil.copy(FIREBASE / name, folder / name)
    read: dict[str, Any] = json.loads((FIREBASE / "firebase.json").read_text())
    configuration = {key: read[key] for key in ("firestore", "storage")}
    listening = [{"host": "127.0.0.1", "port": port} for port in ports[:6]]
    names = ("auth", "firestore", "storage", "hub", "logging", "eventarc")
    emulators: dict[str, Any] = dict(zip(names, listening, strict=True))
    emulators["firestore"]["websocketPort"] = ports[6]
    emulators["ui"] = {"enabled": False}
    (folder / "firebase.json").write_text(json.dumps({**configuration, "emulators": emulators}))


def free_ports(count: int) -> list[int]:
    """Return ports on which nobody listens now. Somebody may be faster: then the start fails, with the port in its log."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports: list[int] = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def wait_until_ready(process: subprocess.Popen[bytes], log: Path, offline: bool) -> None:
    deadline = time.monotonic() + START_DEADLINE_S
    while time.monotonic() < deadline:
        text = log.read_text(errors="replace")
        if "All emulators ready" in text:
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    last = " | ".join(log.read_text(errors="replace").strip().splitlines()[-8:])
    if offline:
        raise RuntimeError(f"the emulators did not start within {START_DEADLINE_S:.0f} s: {last}")
    raise Absent(f"firebase-tools could not start them within {START_DEADLINE_S:.0f} s; they may have to be downloaded: {last}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End firebase-tools and the emulators that it started, which are leaders of process groups of their own."""
    started = descendants(process.pid)
    process.send_signal(signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_DEADLINE_S)
    for pid in [process.pid, *started]:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
    process.wait(STOP_DEADLINE_S)


def descendants(pid: int) -> list[int]:
    """Return the processes below ``pid`` (Linux)."""
    found: list[int] = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            found += [int(child), *descendants(int(child))]
    return found
