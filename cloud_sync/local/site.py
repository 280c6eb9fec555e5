"""What the portal knows of its site: a document of the cloud, or what the server was started with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cloud_sync.fields import number_of, text_of
from cloud_sync.local.reader import CloudReader, NotHeld


@dataclass(frozen=True)
class SiteSettings:
    """Of the one site whose kiosk this machine is."""

    id: str = "home"
    prevalence: Mapping[str, float] = field(default_factory=dict)
    """By model name: how many of those who are examined are ill."""


def site_info(reader: CloudReader, site: str, settings: SiteSettings) -> dict[str, Any]:
    """Return id, name and prevalence of ``site``. Raises `OSError` and `sqlite3.Error`."""
    document: dict[str, Any] = {}
    try:
        parsed = json.loads(reader.document(f"sites/{site}").content or b"{}")
        document = parsed if isinstance(parsed, dict) else {}
    except (NotHeld, ValueError, RecursionError):
        pass
    configured = settings.prevalence if site == settings.id else {}
    given = document.get("prevalence")
    shares = {**configured, **(given if isinstance(given, dict) else {})}
    known = {name: number_of(shares, name) for name in list(shares)[:64]}
    return {
        "id": site,
        "name": text_of(document, "name") or site,
        "prevalence": {name: share for name, share in known.items() if share is not None and 0 < share < 1},
    }
