from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from device.screen.errors import PortRefused, PortTaken, ScreenStopped, UnknownLanguage
from device.screen.server import ScreenServer
from device.screen.view import Page, Said, Say, Screen, View
from tests.device.screen.conftest import Client, Stream


def touch(stream_view: dict[str, Any], say: str, value: object = None) -> dict[str, Any]:
    return {"session": stream_view["session"], "sequence": stream_view["sequence"], "say": say, "value": value}


def test_is_a_screen(server: ScreenServer) -> None:
    screen: Screen = server
    screen.show(View(Page.SEEN))
    assert screen.heard() == []


# -- what it serves


def test_pages_come_uncached_and_closed_to_others(client: Client) -> None:
    for path in ("/", "/health", "/catalogue.json", "/static/screen.js", "/health.json"):
        answer = client.get(path)
        assert answer.status == 200, path
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert answer.headers["Server"] == "Firstlight"  # and no version to look up


def test_catalogue_holds_every_language(client: Client) -> None:
    catalogue = client.get("/catalogue.json").json
    assert {each["code"] for each in catalogue["languages"]} == {"en", "es"}
    assert catalogue["texts"]["en"]["rest.title"] == "Hold your card here"
    assert catalogue["default"] == "en"


@pytest.mark.parametrize(
    "path", ["/static/none.js", "/static/../server.py", "/static/%2e%2e/server.py", "/bench", "/bench/state"]
)
def test_nothing_else_is_there(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status == 404
    assert answer.headers["Content-Security-Policy"]


def test_stream_tells_the_current_page_first(server: ScreenServer, client: Client) -> None:
    server.show(View(Page.PREPARE, {"seconds": 60, "seconds_left": 12}))
    for _ in range(2):  # a reconnect sees the same
        stream = Stream(client.port)
        view = stream.next()
        stream.close()
        assert (view["page"], view["data"]["seconds_left"]) == ("prepare", 12)


def test_stream_tells_each_change(server: ScreenServer, stream: Stream) -> None:
    assert stream.next()["page"] == "rest"
    server.show(View(Page.SEEN))
    assert stream.until(lambda view: view["page"] == "seen")["sequence"] == server.sequence
    server.show(View(Page.WORKING))
    assert stream.until(lambda view: view["page"] == "working")["page_began"] == server.sequence


def test_all_streams_are_told(server: ScreenServer) -> None:
    streams = [Stream(server.port) for _ in range(3)]
    server.show(View(Page.WORKING))
    for stream in streams:
        stream.until(lambda view: view["page"] == "working")
        stream.close()


def test_a_browser_that_is_early_waits_in_the_queue() -> None:
    server = ScreenServer(0)  # connected to before its thread has imported the web framework
    with socket.create_connection(("127.0.0.1", server.port)):
        pass
    assert Client(server.port).get("/").status == 200
    server.close()


# -- touches


def test_touch_reaches_the_visit(server: ScreenServer, client: Client, stream: Stream) -> None:
    server.show(View(Page.NEW_CARD, {"text_version": "1"}))
    view = stream.until(lambda view: view["page"] == "new_card")
    assert client.post("/touch", touch(view, "agree", {"training": True})).status == 204
    assert server.heard() == [Said(Say.AGREE, Page.NEW_CARD, {"training": True})]


def test_stale_touch_is_dropped(server: ScreenServer, client: Client, stream: Stream) -> None:
    server.show(View(Page.RESULT, {"result": "nothing_unusual", "seconds_left": 20}))
    view = stream.until(lambda view: view["page"] == "result")
    server.show(View(Page.REST))
    answer = client.post("/touch", touch(view, "done"))
    assert (answer.status, server.heard()) == (409, [])
    assert "no longer shown" in answer.text


def test_language_is_changed_for_all(server: ScreenServer, client: Client, stream: Stream) -> None:
    assert client.post("/touch", touch(stream.next(), "language", "es")).status == 204
    assert stream.next()["language"] == "es"
    assert server.language == "es"


def test_language_chosen_at_rest_lapses() -> None:
    server = ScreenServer(0, language_lapse_s=0.05)
    stream = Stream(server.port)
    Client(server.port).post("/touch", touch(stream.next(), "language", "es"))
    assert stream.next()["language"] == "es"
    assert stream.next()["language"] == "en"
    stream.close()
    server.close()


@pytest.mark.parametrize(
    "body", [b"", b"no json", b"[" * 900, b"\xff\xfe", b'{"say": "done"}', b'{"session":"' + b"x" * 2000 + b'"}']
)
def test_garbage_is_refused(server: ScreenServer, client: Client, body: bytes) -> None:
    answer = client.post("/touch", body)
    assert answer.status == 400
    assert answer.text
    assert server.heard() == []


def test_another_content_type_is_refused(client: Client, stream: Stream) -> None:
    # text/plain is what a form on another site could send without asking first
    assert client.post("/touch", touch(stream.next(), "language", "es"), Content_Type="text/plain").status == 400


# -- strangers


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "0.0.0.0:{port}", "[::1]:{port}"]
)
@pytest.mark.parametrize("path", ["/", "/events", "/catalogue.json", "/health.json"])
def test_re_bound_names_are_refused(client: Client, host: str, path: str) -> None:
    answer = client.get(path, Host=host.format(port=client.port))
    assert answer.status == 403
    assert answer.headers["Content-Security-Policy"]


def test_localhost_is_this_machine_too(client: Client) -> None:
    assert client.get("/", Host=f"localhost:{client.port}").status == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1:1", ""])
def test_posts_of_other_pages_are_refused(server: ScreenServer, client: Client, stream: Stream, origin: str) -> None:
    answer = client.post("/touch", touch(stream.next(), "language", "es"), Origin=origin)
    assert answer.status == 403
    assert server.language == "en"


def test_streams_to_other_pages_are_refused(client: Client) -> None:
    assert client.get("/events", Origin="https://evil.example").status == 403
    assert client.get("/events", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="no-cors").status == 403
    assert client.get("/static/screen.js", Sec_Fetch_Site="same-site", Sec_Fetch_Mode="cors").status == 403


def test_links_from_other_pages_are_followed(client: Client) -> None:
    assert client.get("/", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate").status == 200


def test_listens_on_loopback_alone(server: ScreenServer) -> None:
    table = Path("/proc/net/tcp").read_text().splitlines()
    addresses = [line.split()[1] for line in table if line.split()[3] == "0A"]
    mine = [address for address in addresses if address.endswith(f":{server.port:04X}")]
    assert mine == [f"0100007F:{server.port:04X}"]


# -- life and death


def test_port_taken_names_the_holder(server: ScreenServer) -> None:
    with pytest.raises(PortTaken, match=rf"port {server.port} is held by .*\(process {os.getpid()}\): stop it, or"):
        ScreenServer(server.port)


def test_port_taken_by_another_process() -> None:
    code = "from device.screen.server import ScreenServer; s = ScreenServer(0); print(s.port, flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        with pytest.raises(PortTaken, match=rf"python.*\(process {other.pid}\)"):
            ScreenServer(int(other.stdout.readline()))
        other.communicate("\n")
    assert other.returncode == 0


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_number_that_is_no_port(port: int) -> None:
    with pytest.raises(PortRefused, match="choose a port"):
        ScreenServer(port)


def test_unknown_language_takes_no_port() -> None:
    with pytest.raises(UnknownLanguage, match="en, es"):
        ScreenServer(0, language="xx")


def test_close_ends_streams_and_gives_the_port_back(server: ScreenServer, stream: Stream) -> None:
    stream.next()
    server.close()
    with pytest.raises(EOFError):
        stream.until(lambda view: False)
    again = ScreenServer(server.port)
    again.close()
    server.close()
    assert "closed" in repr(server)
    assert server.heard() == []


def test_close_before_the_server_has_started() -> None:
    for _ in range(3):
        ScreenServer(0).close()


def test_showing_to_a_closed_server_is_harmless(server: ScreenServer) -> None:
    server.close()
    server.show(View(Page.SEEN))


def test_a_server_that_dies_is_noticed_by_the_visit(monkeypatch: pytest.MonkeyPatch, server: ScreenServer) -> None:
    def fail(*_arguments: object) -> None:
        raise RuntimeError("no loop left")

    monkeypatch.setattr("device.screen.pages.Pages.__init__", fail)
    dying = ScreenServer(0)
    dying._thread.join(20)
    with pytest.raises(ScreenStopped, match=r"no loop left.*restart the kiosk"):
        dying.heard()
    dying.close()


def test_show_and_heard_from_many_threads(server: ScreenServer, stream: Stream) -> None:
    def drum(page: Page) -> None:
        for _ in range(200):
            server.show(View(page, {"progress": 0.1}))
            server.heard()

    threads = [threading.Thread(target=drum, args=(page,)) for page in (Page.CAPTURE, Page.WORKING)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stream.until(lambda view: view["sequence"] == 401)["page"] in ("capture", "working")


# -- the technician's rows


@dataclass(frozen=True)
class Row:
    part: str
    status: str
    summary: str
    remedy: str | None = None


def test_health_rows(server: ScreenServer, client: Client) -> None:
    assert client.get("/health.json").json == []
    server.set_health([Row("Card reader", "ok", "version 2.0"), Row("Disk", "fault", "full", "Free some space.")])
    assert client.get("/health.json").json == [
        {"part": "Card reader", "status": "ok", "summary": "version 2.0", "remedy": ""},
        {"part": "Disk", "status": "fault", "summary": "full", "remedy": "Free some space."},
    ]


def test_importing_the_server_imports_no_web_framework() -> None:
    code = "import sys, device.screen.server; print('aiohttp' in sys.modules, 'drivers.sim.world' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["False", "False"]
