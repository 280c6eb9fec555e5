"""A scripted Google: hands out tokens to a service account, and tells of a project's web app and of its rules."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

PROJECT = "firstlight-clinic"


@dataclass
class Google:
    """What it answers: by path, a document, or a status."""

    url: str
    account: Path
    answers: dict[str, Any] = field(default_factory=dict)
    changed: list[tuple[str, Any]] = field(default_factory=list)
    """Path and body of each change that was asked for."""

    def has_rules(self, release: str, text: str) -> None:
        ruleset = f"projects/{PROJECT}/rulesets/{len(self.answers)}"
        self.answers[f"/v1/projects/{PROJECT}/releases/{release}"] = {"rulesetName": ruleset}
        self.answers[f"/v1/{ruleset}"] = {"source": {"files": [{"name": "some.rules", "content": text}]}}

    def has_bucket(self, bucket: str, *cors: Any) -> None:
        self.answers[f"/storage/v1/b/{bucket}?fields=cors"] = {"cors": list(cors)} if cors else {}

    def has_sign_in(self, **config: Any) -> None:
        """Let Authentication be switched on, with ``config``; changes are taken."""
        self.answers[f"/admin/v2/projects/{PROJECT}/config"] = config

    def has_web_app(self) -> None:
        app = f"projects/{PROJECT}/webApps/1"
        self.answers[f"/v1beta1/projects/{PROJECT}/webApps"] = {"apps": [{"name": app}]}
        self.answers[f"/v1beta1/{app}/config"] = {
            "apiKey": "key-of-the-web-app",
            "authDomain": f"{PROJECT}.firebaseapp.com",
            "projectId": PROJECT,
        }


@contextmanager
def running(folder: Path) -> Iterator[Google]:
    """Run it on loopback, with a service account's file that leads to it."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(200, {"access_token": "a token", "expires_in": 3600, "token_type": "Bearer"})

        def do_GET(self) -> None:
            self._answer_known()

        def do_PATCH(self) -> None:
            google.changed.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self._answer_known()

        def _answer_known(self) -> None:
            known = self.headers["Authorization"] == "Bearer a token"
            path = self.path.partition("?updateMask=")[0]
            found = google.answers.get(path, 404) if known else 401
            if isinstance(found, int):
                self._answer(found, {"error": {"code": found, "message": f"scripted {found}"}})
            else:
                self._answer(200, found)

        def _answer(self, status: int, document: Any) -> None:
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    url = f"http://127.0.0.1:{server.server_port}"
    google = Google(url, _account(folder, url))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield google
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def _account(folder: Path, url: str) -> Path:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    account = {
        "type": "service_account",
        "project_id": PROJECT,
        "private_key_id": "0" * 40,
        "private_key": pem.decode(),
        "client_email": f"tools@{PROJECT}.iam.gserviceaccount.com",
        "token_uri": f"{url}/token",
    }
    path = folder / "account.json"
    path.write_text(json.dumps(account))
    path.chmod(0o600)
    return path
