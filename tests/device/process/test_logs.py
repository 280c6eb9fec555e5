"""One line for each event, in three styles, and nothing in it that must not be there."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from device.process.logs import Formatter, Log, Style, set_up_logging

UID = "04A3C6CAE26180"
RECORD = "0123456789abcdef0123456789abcdef"

Lines = Callable[[], list[str]]


@pytest.fixture(autouse=True)
def untouched_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def capture(style: Style) -> Lines:
    stream = io.StringIO()
    set_up_logging(style=style, stream=stream, level=logging.DEBUG)
    return lambda: stream.getvalue().splitlines()


def test_a_journal_line_has_a_priority_an_event_and_its_fields() -> None:
    lines = capture("journal")
    log = Log("device.visit")
    log.info("record saved", record=RECORD, ms=3.14159265, tries=2, synced=False, note="two words", empty="")
    assert lines() == [
        f'<6>device.visit: record saved record={RECORD} ms=3.14159 tries=2 synced=False note="two words" empty=""'
    ]


def test_each_level_has_its_priority() -> None:
    lines = capture("journal")
    log = Log("x")
    log.debug("d")
    log.info("i")
    log.warning("w")
    log.error("e")
    logging.getLogger("x").critical("c")
    assert [line[:3] for line in lines()] == ["<7>", "<6>", "<4>", "<3>", "<2>"]


def test_a_plain_line_starts_with_the_time() -> None:
    lines = capture("plain")
    Log("x").info("ready")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO    x: ready", lines()[0])


def test_a_json_line_is_json() -> None:
    lines = capture("json")
    Log("x").warning("sensor slow", rate_hz=7.5, bad=float("nan"), part=None)
    line = json.loads(lines()[0], parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert line.pop("time").endswith("Z")
    assert line == {"level": "warning", "source": "x", "event": "sensor slow", "rate_hz": 7.5, "bad": "nan", "part": None}


@pytest.mark.parametrize("style", ["journal", "plain", "json"])
def test_an_event_is_one_line_whatever_is_in_it(style: Style) -> None:
    lines = capture(style)
    Log("x").info("first", note="a\nb\r<0>c")
    logging.getLogger("y").info("first\n<0>second")
    try:
        raise ValueError("broken\nin two")
    except ValueError:
        Log("x").exception("it failed")
    assert len(lines()) == 3
    assert "ValueError: broken" in lines()[2]


@pytest.mark.parametrize("style", ["journal", "plain", "json"])
@pytest.mark.parametrize(
    "field",
    [
        {"uid": 77777777},
        {"pin": 4711},
        {"PIN": "4711"},
        {"card": UID},
        {"what": UID},
        {"what": UID.lower()},
        {"what": "04A3C6CA"},
        {"what": "04A3C6CAE2618011AABB"},
        {"what": "04:A3:C6:CA:E2:61:80"},
        {"what": "04 A3 C6 CA"},
        {"what": f"card {UID} seen"},
        {"what": ["04A3C6CA"]},
        {"what": bytes.fromhex(UID)},
        {"what": {"inner": bytes.fromhex(UID)}},
        {"what": np.full(3, 4711.0)},
        {"what": list(range(4711, 4800))},
        {"what": ValueError(f"bad card {UID}")},
        {"name": "Maria"},
    ],
    ids=str,
)
def test_a_secret_in_a_field_is_withheld(style: Style, field: dict[str, object]) -> None:
    lines = capture(style)
    Log("x").info("card seen", **field)
    assert "withheld" in lines()[0]
    assert not re.search("04.?a3.?c6|77777777|4711|maria|x04", lines()[0], re.IGNORECASE)


@pytest.mark.parametrize(
    ("message", "argument"),
    [
        ("card %s", UID),
        ("got %r", bytes.fromhex(UID)),
        ("got %s", bytearray(b"4711")),
        ("frame %s", np.full((24, 32), 4711.0)),
        ("frames %s", [np.full(3, 4711.0)]),
        ("words %s", [4711 + n for n in range(40)]),
        ("0x04A3C6CA%s", ""),
    ],
    ids=["uid", "bytes", "bytearray", "array", "array in a list", "numbers", "prefix"],
)
def test_a_secret_in_somebody_elses_message_is_withheld(message: str, argument: object) -> None:
    lines = capture("journal")
    logging.getLogger("library").warning(message, argument)
    assert "withheld" in lines()[0]
    assert not re.search("04.?a3.?c6|4711|x04", lines()[0], re.IGNORECASE)


def test_a_secret_in_a_traceback_is_withheld() -> None:
    lines = capture("journal")
    try:
        raise RuntimeError(f"card {UID}, read {bytes.fromhex(UID)!r}, frame {np.full(9, 4711.0)!r}")
    except RuntimeError:
        logging.getLogger("library").exception("the reader failed")
    assert "RuntimeError: card <withheld>, read <withheld>, frame <withheld>" in lines()[0]


@pytest.mark.parametrize(
    "value",
    [
        RECORD,
        "a" * 64,
        "cd8d637c-10fe-466f-b833-906c44c7838d",
        "i2c:1@0x33",
        "P-ABCD-2345-X7",
        "2026-11-20T09:30:12Z",
        "12:30:45",
    ],
)
def test_what_is_no_secret_stays(value: str) -> None:
    lines = capture("journal")
    Log("x").info("event", what=value)
    assert lines() == [f"<6>x: event what={value}"]


def test_warnings_of_libraries_are_logged() -> None:
    lines = capture("journal")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("this is old", stacklevel=1)
    assert lines()[0].startswith("<4>py.warnings: ")
    assert "this is old" in lines()[0]


def test_the_style_follows_where_stderr_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "journal").open("w+") as stream:
        status = os.fstat(stream.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{status.st_dev}:{status.st_ino}")
        set_up_logging(stream=stream)
        Log("x").info("to the journal")
        monkeypatch.setenv("JOURNAL_STREAM", "1:1")
        set_up_logging(stream=stream)
        Log("x").info("to a terminal")
        set_up_logging()
        assert logging.getLogger().handlers[0].stream is sys.stderr  # type: ignore[attr-defined]
    journal, terminal = (tmp_path / "journal").read_text().splitlines()
    assert journal == "<6>x: to the journal"
    assert terminal.endswith("INFO    x: to a terminal")


def test_a_level_that_is_off_costs_no_line() -> None:
    stream = io.StringIO()
    set_up_logging(style="plain", stream=stream)
    Log("x").debug("unseen")
    assert stream.getvalue() == ""


def test_the_formatter_serves_other_handlers() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "card %s", (UID,), None)
    assert Formatter("journal").format(record) == "<6>x: card <withheld>"
