"""`firstlight cloud deploy` with a scripted Google and a scripted firebase-tools: neither is within reach of a test.

That the rules and indexes themselves are right is tested on the emulators.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from cloud_sync.firebase.admin import deployed, origins, release, signin, tools, web
from cloud_sync.firebase.admin.access import CREDENTIALS, EMULATORS
from cloud_sync.firebase.admin.errors import DeployFailed
from cloud_sync.local.guard import HEADERS
from tests.checkout import ROOT
from tests.cloud_sync.firebase import emulators
from tests.cloud_sync.firebase.admin.conftest import Firstlight
from tests.cloud_sync.firebase.admin.google import PROJECT, Google, running

FIREBASE = """#!/bin/sh
if [ "$1" = --version ]; then echo "${FAKE_VERSION:-15.34.2}"; exit; fi
printf '%s\\n' "$@" >"$FAKE_OUT/arguments"
printf '%s' "$GOOGLE_APPLICATION_CREDENTIALS" >"$FAKE_OUT/credentials"
cp -r . "$FAKE_OUT/folder"
echo "i  deploying $7"
sleep "${FAKE_SLEEP:-0}"
exit "${FAKE_CODE:-0}"
"""


BUCKET = f"{PROJECT}.firebasestorage.app"
ANYBODY = {"origin": ["*"], "method": ["GET", "HEAD"], "maxAgeSeconds": 60}


SAFE = {
    "signIn": {"email": {"enabled": True, "passwordRequired": True}, "allowDuplicateEmails": False},
    "client": {"permissions": {"disabledUserSignup": True, "disabledUserDeletion": True}},
    "emailPrivacyConfig": {"enableImprovedEmailPrivacy": True},
}


class Bench:
    """A machine with the files to deploy, a built portal and firebase-tools, and what was deployed last."""

    def __init__(self, folder: Path, google: Google) -> None:
        self.google = google
        self.source, self.portal, self.out, self.bin = (folder / name for name in ("source", "portal", "out", "bin"))
        self.source.mkdir()
        for name in ("firestore.rules", "storage.rules", "firestore.indexes.json", "firebase.json", "package.json"):
            shutil.copy(release.SOURCE / name, self.source / name)
        (self.portal / "assets").mkdir(parents=True)
        (self.portal / "index.html").write_text("<!doctype html>")
        (self.portal / "assets" / "a.js").write_text("0")
        (self.portal / ".vite").mkdir()
        (self.portal / ".vite" / "manifest.json").write_text("{}")
        self.out.mkdir()
        self.bin.mkdir()
        (self.bin / "firebase").write_text(FIREBASE)
        (self.bin / "firebase").chmod(0o755)

    def ran(self) -> list[str] | None:
        arguments = self.out / "arguments"
        return arguments.read_text().splitlines() if arguments.exists() else None

    def deployed(self, name: str) -> Any:
        return json.loads((self.out / "folder" / name).read_text())


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    for name in (*EMULATORS, CREDENTIALS, "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    with running(tmp_path) as google:
        bench = Bench(tmp_path, google)
        google.has_web_app()
        google.has_bucket(BUCKET)
        google.has_bucket("images-of-the-clinic", ANYBODY)
        google.has_sign_in(**SAFE)
        monkeypatch.setattr(origins, "STORAGE", google.url)
        monkeypatch.setattr(signin, "IDENTITY", google.url)
        monkeypatch.setattr(web, "MANAGEMENT", google.url)
        monkeypatch.setattr(deployed, "RULES", google.url)
        monkeypatch.setattr(release, "SOURCE", bench.source)
        monkeypatch.setattr(release, "PORTAL", bench.portal)
        monkeypatch.setattr(tools, "SOURCE", bench.source)
        monkeypatch.setenv("PATH", f"{bench.bin}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.setenv("FAKE_OUT", str(bench.out))
        monkeypatch.setenv(CREDENTIALS, str(google.account))
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        yield bench


def test_everything_is_deployed_with_the_portals_settings(bench: Bench, firstlight: Firstlight) -> None:
    done = firstlight("cloud", "deploy")
    assert bench.ran() == [
        "deploy", "--non-interactive", "--project", PROJECT, "--only", "firestore:rules,firestore:indexes,storage,hosting",
    ]  # fmt: skip
    assert (bench.out / "credentials").read_text() == str(bench.google.account)
    assert bench.deployed("public/__firstlight.json") == {
        "schema": 1,
        "kind": "firebase",
        "project": PROJECT,
        "bucket": BUCKET,
        "apiKey": "key-of-the-web-app",
        "authDomain": f"{PROJECT}.firebaseapp.com",
    }
    assert (bench.out / "folder" / "public" / "assets" / "a.js").exists()
    assert not (bench.out / "folder" / "public" / ".vite").exists()
    assert (bench.out / "folder" / "firestore.rules").read_text() == (bench.source / "firestore.rules").read_text()
    configuration = bench.deployed("firebase.json")
    assert configuration["hosting"]["public"] == "public"
    assert configuration["storage"] == {"rules": "storage.rules"}
    assert "deploying" in done.err
    assert f"deployed to {PROJECT}: rules, indexes, storage, portal, sign-in" in done.out
    assert not (bench.portal / "__firstlight.json").exists()


def test_the_portal_finds_every_setting_that_it_looks_for(bench: Bench, firstlight: Firstlight) -> None:
    source = (ROOT / "cloud_sync/portal/src/data/firebase-connection.ts").read_text()
    wanted = set(re.findall(r'text\(settings, "(\w+)"\)', source))
    firstlight("cloud", "deploy")
    assert wanted == set(bench.deployed("public/__firstlight.json")) - {"schema", "kind"}


def test_the_bucket_lets_the_portals_pages_fetch_images_and_keeps_what_it_allows(bench: Bench, firstlight: Firstlight) -> None:
    theirs = {"origin": ["https://another.example"], "method": ["GET"]}
    bench.google.has_bucket(BUCKET, theirs)
    shown = firstlight("cloud", "deploy", "--show", "--origin", "https://portal.north.example").out
    assert "fetch images" in shown
    assert bench.google.changed == []
    firstlight("cloud", "deploy", "--origin", "https://portal.north.example")
    ((path, body),) = bench.google.changed
    assert path == f"/storage/v1/b/{BUCKET}?fields=cors"
    assert body["cors"][0] == theirs
    assert body["cors"][1]["origin"] == [
        f"https://{PROJECT}.web.app", f"https://{PROJECT}.firebaseapp.com", "https://portal.north.example",
    ]  # fmt: skip
    assert body["cors"][1]["method"] == ["GET"]


def test_a_bucket_that_allows_it_already_is_left_alone(bench: Bench, firstlight: Firstlight) -> None:
    bench.google.has_bucket(BUCKET, ANYBODY)
    firstlight("cloud", "deploy")
    assert bench.google.changed == []


@pytest.mark.parametrize("origin", ["http://a.example", "https://a.example/", "https://", "a.example", "https://a.example/x"])
def test_an_origin_is_no_address_of_a_page(bench: Bench, firstlight: Firstlight, origin: str) -> None:
    assert "no page's origin" in firstlight("cloud", "deploy", "--origin", origin, code=2).err
    assert bench.ran() is None


def test_without_a_bucket_it_says_so(bench: Bench, firstlight: Firstlight) -> None:
    assert "there is no bucket elsewhere" in firstlight("cloud", "deploy", "--bucket", "elsewhere", code=16).err
    assert bench.ran() is None


def test_people_come_by_invitation_alone_and_with_a_password(bench: Bench, firstlight: Firstlight) -> None:
    bench.google.has_sign_in(signIn={"email": {"enabled": True}, "anonymous": {"enabled": False}}, mfa={"state": "DISABLED"})
    words = ("cloud", "deploy", "--only", "sign-in")
    assert "client.permissions.disabledUserSignup becomes true" in firstlight(*words, "--show").out
    assert "change how people sign in" in firstlight(*words, code=2, typed="n\n").err
    assert bench.google.changed == []
    firstlight(*words, "--yes")
    ((path, body),) = bench.google.changed
    assert path == (
        f"/admin/v2/projects/{PROJECT}/config?updateMask=signIn.email.passwordRequired,client.permissions.disabledUserSignup,"
        "client.permissions.disabledUserDeletion,emailPrivacyConfig.enableImprovedEmailPrivacy"
    )
    assert body == {
        "signIn": {"email": {"passwordRequired": True}},
        "client": {"permissions": {"disabledUserSignup": True, "disabledUserDeletion": True}},
        "emailPrivacyConfig": {"enableImprovedEmailPrivacy": True},
    }
    assert bench.ran() is None


def test_a_second_factor_is_added_to_what_is_there(bench: Bench, firstlight: Firstlight) -> None:
    bench.google.has_sign_in(**SAFE, mfa={"state": "DISABLED", "enabledProviders": ["PHONE_SMS"]})
    words = ("cloud", "deploy", "--only", "sign-in", "--second-factor", "--yes")
    firstlight(*words)
    ((_, body),) = bench.google.changed
    totp = {"state": "ENABLED", "totpProviderConfig": {"adjacentIntervals": 1}}
    assert body == {"mfa": {"state": "ENABLED", "enabledProviders": ["PHONE_SMS"], "providerConfigs": [totp]}}
    bench.google.has_sign_in(**SAFE, mfa={"state": "MANDATORY", "providerConfigs": [totp]})
    firstlight(*words)
    assert len(bench.google.changed) == 1


def test_what_google_does_not_take_is_said_in_its_words(bench: Bench, firstlight: Firstlight) -> None:
    bench.google.answers[f"/admin/v2/projects/{PROJECT}/config"] = 400
    assert "scripted 400" in firstlight("cloud", "deploy", "--only", "sign-in", code=2).err


def test_authentication_has_to_be_switched_on_once(bench: Bench, firstlight: Firstlight) -> None:
    del bench.google.answers[f"/admin/v2/projects/{PROJECT}/config"]
    assert "not switched on" in firstlight("cloud", "deploy", code=16).err
    assert bench.ran() is None


def test_what_firebase_json_says_of_the_portal_is_kept(bench: Bench, firstlight: Firstlight) -> None:
    configuration = json.loads((bench.source / "firebase.json").read_text())
    configuration["hosting"] = {"public": "elsewhere", "headers": [{"source": "**", "headers": []}]}
    (bench.source / "firebase.json").write_text(json.dumps(configuration))
    firstlight("cloud", "deploy")
    assert bench.deployed("firebase.json")["hosting"] == {"public": "public", "headers": [{"source": "**", "headers": []}]}


def test_the_portal_may_speak_to_firebase_and_to_nobody_else() -> None:
    """Beside Firebase's hosts, the policy is that of the embedded cloud's server."""
    configuration = json.loads((release.SOURCE / "firebase.json").read_text())
    headers = {each["key"]: each["value"] for each in configuration["hosting"]["headers"][0]["headers"]}
    hosts = [word for word in headers["Content-Security-Policy"].replace(";", " ").split() if word.startswith("https:")]
    assert hosts == [
        f"https://{name}.googleapis.com" for name in ("firestore", "identitytoolkit", "securetoken", "firebasestorage")
    ]
    headers["Content-Security-Policy"] = headers["Content-Security-Policy"].replace(" " + " ".join(hosts), "")
    assert headers.pop("Strict-Transport-Security") == "max-age=31536000"  # the embedded server speaks no TLS
    assert headers == HEADERS


def test_hosting_serves_the_portal_its_settings_and_the_headers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Google's own emulator of Hosting, with what would be deployed."""
    portal = tmp_path / "portal"
    (portal / "assets").mkdir(parents=True)
    (portal / "index.html").write_text("<!doctype html>the portal")
    (portal / "assets" / "a-1234.js").write_text("0")
    (portal / ".set-up").write_text("not for anybody")
    monkeypatch.setattr(release, "PORTAL", portal)
    folder = tmp_path / "release"
    folder.mkdir()
    release.gather(list(release.PartName), {"apiKey": "a key"}).write(folder, None)
    with hosting(folder) as url:
        index, settings, script = (fetched(f"{url}/{path}") for path in ("", "__firstlight.json", "assets/a-1234.js"))
        assert index[1] == b"<!doctype html>the portal"
        assert "connect-src 'self' https://firestore.googleapis.com" in index[0]["Content-Security-Policy"]
        assert index[0]["Cache-Control"] == "no-cache"
        assert json.loads(settings[1]) == {"schema": 1, "kind": "firebase", "apiKey": "a key"}
        assert settings[0]["Cache-Control"] == "no-cache"
        assert script[0]["Cache-Control"] == "public, max-age=31536000, immutable"
        with pytest.raises(urllib.error.HTTPError, match="404"):
            fetched(f"{url}/.set-up")


def fetched(url: str) -> tuple[Message, bytes]:
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=20) as answer:
        return answer.headers, answer.read()


@contextmanager
def hosting(folder: Path) -> Iterator[str]:
    """Run the emulator of Hosting on a release; skip the test where it does not run."""
    try:
        prefix, offline = emulators.command()
    except emulators.Absent as absent:
        pytest.skip(f"Firebase's emulators do not run here: {absent}")
    configuration = json.loads((folder / "firebase.json").read_text())
    ports = emulators.free_ports(3)
    configuration["emulators"] = {
        name: {"host": "127.0.0.1", "port": port} for name, port in zip(("hosting", "hub", "logging"), ports, strict=True)
    } | {"ui": {"enabled": False}}
    (folder / "firebase.json").write_text(json.dumps(configuration))
    log = folder / "emulators.log"
    words = [*prefix, "emulators:start", "--project", emulators.PROJECT, "--only", "hosting"]
    environment = {**os.environ, "XDG_CONFIG_HOME": str(folder / "config"), "CI": "1", "NO_COLOR": "1"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            words, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    try:
        emulators.wait_until_ready(process, log, offline)
        yield f"http://127.0.0.1:{ports[0]}"
    finally:
        emulators.stop(process)


def test_showing_changes_nothing_and_says_everything(bench: Bench, firstlight: Firstlight) -> None:
    bench.google.has_rules("cloud.firestore", (bench.source / "firestore.rules").read_text())
    bench.google.has_rules(f"firebase.storage/{BUCKET}", "somebody else's")
    done = firstlight("cloud", "deploy", "--show")
    assert bench.ran() is None
    assert "the project has Firestore's rules: these already" in done.out
    assert "the project has Storage's rules: other ones" in done.out
    assert "2 files, 16 bytes, and __firstlight.json" in done.out
    assert done.out.count("SHA-256") == 3


def test_rules_of_somebody_else_are_not_replaced_without_a_word(bench: Bench, firstlight: Firstlight) -> None:
    bench.google.has_rules("cloud.firestore", "somebody else's")
    for typed in ("", "n\n"):
        done = firstlight("cloud", "deploy", code=2, typed=typed)
        assert "replace Firestore's rules" in done.err
        assert "nothing was changed" in done.err
        assert bench.ran() is None
    firstlight("cloud", "deploy", typed="y\n")
    assert bench.ran() is not None


def test_part_of_it_needs_neither_web_app_nor_portal(bench: Bench, firstlight: Firstlight) -> None:
    bench.google.answers.clear()
    shutil.rmtree(bench.portal)
    firstlight("cloud", "deploy", "--only", "rules", "--only", "indexes")
    assert (bench.ran() or [])[-1] == "firestore:rules,firestore:indexes"
    assert "hosting" not in bench.deployed("firebase.json")
    assert not (bench.out / "folder" / "public").exists()


def test_another_bucket_gets_the_rules(bench: Bench, firstlight: Firstlight) -> None:
    firstlight("cloud", "deploy", "--bucket", "images-of-the-clinic")
    assert bench.deployed("firebase.json")["storage"] == [{"bucket": "images-of-the-clinic", "rules": "storage.rules"}]
    assert bench.deployed("public/__firstlight.json")["bucket"] == "images-of-the-clinic"


def test_without_a_portal_it_says_how_to_build_it(bench: Bench, firstlight: Firstlight) -> None:
    (bench.portal / "index.html").unlink()
    assert "the portal is not built" in firstlight("cloud", "deploy", code=7).err
    assert bench.ran() is None


def test_without_a_web_app_it_says_where_to_make_one(bench: Bench, firstlight: Firstlight) -> None:
    bench.google.answers.clear()
    assert "has no web app" in firstlight("cloud", "deploy", code=16).err


def test_rules_that_cannot_be_read_are_not_replaced(bench: Bench, firstlight: Firstlight) -> None:
    bench.google.answers[f"/v1/projects/{PROJECT}/releases/cloud.firestore"] = 403
    assert "Firebase Admin" in firstlight("cloud", "deploy", "--yes", code=7).err
    assert bench.ran() is None


def test_a_failure_of_firebase_tools_is_no_success(
    bench: Bench, firstlight: Firstlight, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_CODE", "2")
    done = firstlight("cloud", "deploy", code=7)
    assert "ended with 2" in done.err
    assert "deployed to" not in done.out


def test_firebase_tools_that_hang_are_ended(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_SLEEP", "60")
    with pytest.raises(DeployFailed, match="had not finished after"):
        tools.deploy(
            bench.bin / "firebase", bench.source, project=PROJECT, targets="storage",
            service_account=bench.google.account, said=lambda line: None, timeout_s=1.0,
        )  # fmt: skip


def test_another_firebase_tools_is_not_trusted(bench: Bench, firstlight: Firstlight, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_VERSION", "13.0.0")
    assert "npm ci" in firstlight("cloud", "deploy", code=7).err
    monkeypatch.setenv("PATH", "/nonexistent")
    assert "not installed" in firstlight("cloud", "deploy", code=7).err


def test_an_enrolment_takes_the_key_of_the_projects_web_app(bench: Bench) -> None:
    from cloud_sync.firebase.admin.access import find_access
    from cloud_sync.firebase.admin.project import opened

    access = find_access(os.environ, project=None, service_account=None, bucket=None)
    with opened(access) as project:
        assert web.api_key_of(project, None) == "key-of-the-web-app"
        assert web.api_key_of(project, "mine") == "mine"
