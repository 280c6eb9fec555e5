"""What the Firestore emulator counted: which values each expression of the rules has had."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.cloud_sync.firebase.emulators import FIREBASE, Emulators, owner


@dataclass(frozen=True, order=True)
class Expression:
    """A stretch of firestore.rules, and the values that were counted for it."""

    start: int
    end: int
    line: int
    text: str
    seen: frozenset[str]

    @property
    def is_condition(self) -> bool:
        """Whether it is true or false by its nature, so that both should have been seen; a field may be of any kind."""
        return bool(self.seen & {"true", "false"}) and "value" not in self.seen

    @property
    def is_covered(self) -> bool:
        return {"true", "false"} <= self.seen if self.is_condition else "value" in self.seen


def reload_rules(emulators: Emulators) -> None:
    """Load the rules anew: the emulator begins to count from nothing."""
    content = (FIREBASE / "firestore.rules").read_text()
    body = {"rules": {"files": [{"name": "firestore.rules", "content": content}]}}
    answer = owner(
        f"http://{emulators.firestore_host}/emulator/v1/projects/{emulators.project}:securityRules", body, method="PUT"
    )
    assert not answer.get("issues"), answer


def expressions(emulators: Emulators) -> list[Expression]:
    """Return all expressions of the rules in their order."""
    # Each different value is listed, whole tokens among them: the answer has some 100 MB, and takes its time.
    url = f"http://{emulators.firestore_host}/emulator/v1/projects/{emulators.project}:ruleCoverage"
    found: dict[tuple[int, int], Expression] = {}
    answer = owner(url, method="GET", deadline_s=200.0)
    content: str = answer["rules"]["files"][0]["content"]
    for node in _nodes(answer.get("report", [])):
        place = node["sourcePosition"]
        start, end = place["currentOffset"], place["endOffset"] + 1
        seen = {_value(value["value"]) for value in node.get("values", [])}
        before = found.get((start, end))
        whole = frozenset(seen | (before.seen if before else frozenset()))
        found[start, end] = Expression(start, end, place["line"], content[start:end], whole)
    return sorted(found.values())


def _nodes(nodes: list[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for node in nodes:
        yield node
        yield from _nodes(node.get("children", []))


def _value(value: Mapping[str, Any]) -> str:
    """Return what one counted value was; an empty one counts how often the expression was passed over."""
    if not value:
        return "passed over"
    if "boolValue" in value:
        return "true" if value["boolValue"] else "false"
    return "failed" if "undefined" in value else "value"
