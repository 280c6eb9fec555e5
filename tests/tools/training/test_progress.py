"""A bar on a terminal, nothing that clutters a log elsewhere."""

from __future__ import annotations

import io

from tools.training.progress import Bar, numbers


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_how_far_and_how_long() -> None:
    out, now = Terminal(), [0.0]
    bar = Bar(out, lambda: now[0])
    bar.draw("epoch 1", 1, 4)
    now[0] = 2.0
    bar.draw("epoch 1", 2, 4)
    assert out.getvalue().endswith("epoch 1 [###############...............] 2/4, 2 s left")
    bar.clear()
    assert out.getvalue().endswith("\r")


def test_an_unknown_total_is_counted() -> None:
    out = Terminal()
    Bar(out).draw("epoch 1", 7, 0)
    assert "] 7" in out.getvalue()


def test_a_log_stays_clean() -> None:
    out = io.StringIO()
    bar = Bar(out)
    bar.draw("epoch 1", 1, 4)
    bar.clear()
    assert out.getvalue() == ""


def test_numbers_read_as_numbers() -> None:
    assert numbers({"loss": 0.41234, "mae": 12.0}) == "loss 0.4123, mae 12"
