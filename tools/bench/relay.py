"""``python -m tools.bench.relay HOST:PORT MILLISECONDS``: a line of that length before a server.

It delays each direction by half of the round-trip time, prints the port that it listens on, and when its standard input ends it
prints how many bytes passed: {"up", "down"}. A process of its own, so that it takes no time from what is measured.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from contextlib import suppress
from types import TracebackType

_CHUNK = 64 << 10


class Relay:
    """The process, from outside."""

    def __init__(self, address: str, round_trip_ms: float) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tools.bench.relay", address, str(round_trip_ms)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.address = f"127.0.0.1:{int(self._process.stdout.readline())}"

    def end(self) -> int:
        """Stop it and return how many bytes passed, in both directions together."""
        out, _ = self._process.communicate(timeout=20)
        counts = json.loads(out)
        return int(counts["up"]) + int(counts["down"])

    def __enter__(self) -> Relay:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()


async def _main(address: str, delay_s: float) -> None:
    host, _, port = address.rpartition(":")
    counts = {"up": 0, "down": 0}
    loop = asyncio.get_running_loop()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: str) -> None:
        due: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def deliver() -> None:
            while True:
                at_s, chunk = await due.get()
                await asyncio.sleep(max(0.0, at_s - loop.time()))
                if not chunk:
                    break
                writer.write(chunk)
                await writer.drain()
            with suppress(OSError, RuntimeError):
                writer.write_eof()

        delivering = asyncio.create_task(deliver())
        with suppress(OSError):
            while chunk := await reader.read(_CHUNK):
                counts[direction] += len(chunk)
                due.put_nowait((loop.time() + delay_s, chunk))
        due.put_nowait((loop.time() + delay_s, b""))
        with suppress(OSError):
            await delivering

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection(host, int(port))
        except OSError:
            writer.close()
            return
        # A connection that is open when the relay ends is cut, which is no fault of anybody's.
        with suppress(asyncio.CancelledError):
            await asyncio.gather(pump(reader, back, "up"), pump(there, writer, "down"))
        for each in (writer, back):
            each.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    print(json.dumps(counts), flush=True)


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], float(sys.argv[2]) / 2000.0))
