"""The portal's own files as `npm run build` left them, out of memory and compressed once."""

from __future__ import annotations

import asyncio
import gzip
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

DIST = Path(__file__).parent.parent / "portal" / "dist"
INDEX = "index.html"
_FOREVER = "public, max-age=31536000, immutable"
_COMPRESSIBLE = {".css", ".html", ".js", ".json", ".mjs", ".svg", ".txt", ".wasm", ".webmanifest"}
_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
_NOT_BUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Firstlight</title>
<h1>The portal is not built</h1>
<p>The server runs and keeps what arrives; only its pages are missing. They are built from <code>cloud_sync/portal</code> with
Node 18 or newer: install it, then start <code>./run</code> again, or run <code>npm ci</code> and <code>npm run build</code>
in that folder.</p>
</html>
"""


@dataclass(frozen=True)
class _Kept:
    mtime_ns: int
    plain: bytes
    packed: bytes | None


class Dist:
    """The files below one folder, and nothing else."""

    def __init__(self, folder: Path = DIST) -> None:
        self._folder = folder.resolve()
        self._kept: dict[Path, _Kept] = {}

    async def index(self, request: web.Request) -> web.StreamResponse:
        path = self._folder / INDEX
        if not path.is_file():
            return web.Response(text=_NOT_BUILT, content_type="text/html", status=503, headers={"Retry-After": "60"})
        return await self._answer(request, path)

    async def file(self, request: web.Request) -> web.StreamResponse:
        path = self._find(request.match_info["path"])
        if path is None:
            raise web.HTTPNotFound(text="There is no such page here.")
        return await self._answer(request, path)

    def _find(self, name: str) -> Path | None:
        try:
            path = (self._folder / name).resolve()
            return path if path.is_relative_to(self._folder) and path.is_file() else None
        except (OSError, ValueError):  # too long, or with a NUL in it
            return None

    async def _answer(self, request: web.Request, path: Path) -> web.Response:
        kept = await asyncio.to_thread(self._read, path)
        hashed = path.parent != self._folder and path.is_relative_to(self._folder / "assets")
        headers = {
            "Cache-Control": _FOREVER if hashed else "no-cache",
            "ETag": f'"{kept.mtime_ns:x}"',
            "Vary": "Accept-Encoding",
        }
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=304, headers=headers)
        kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        charset = "utf-8" if path.suffix in _COMPRESSIBLE and path.suffix != ".wasm" else None
        body = kept.plain
        if kept.packed is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
            body, headers["Content-Encoding"] = kept.packed, "gzip"
        return web.Response(body=body, content_type=kind, charset=charset, headers=headers)

    def _read(self, path: Path) -> _Kept:
        mtime_ns = path.stat().st_mtime_ns
        kept = self._kept.get(path)
        if kept is None or kept.mtime_ns != mtime_ns:
            plain = path.read_bytes()
            packed = gzip.compress(plain, 9, mtime=0) if path.suffix in _COMPRESSIBLE else None
            kept = self._kept[path] = _Kept(mtime_ns, plain, packed)
        return kept
