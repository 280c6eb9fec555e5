"""firestore.rules: who may do what, on Firebase's own emulator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.cloud_sync.firebase import rules_attacks, rules_fields, rules_matrix
from tests.cloud_sync.firebase.emulators import Emulators
from tests.cloud_sync.firebase.rules_coverage import expressions, reload_rules
from tests.cloud_sync.firebase.rules_fields import Case
from tests.cloud_sync.firebase.rules_matrix import Cell
from tests.cloud_sync.firebase.rules_world import EVERYBODY, KIOSK, World

CELLS = list(rules_matrix.cells())
CASES = [*rules_attacks.cases(), *rules_fields.cases()]


@dataclass
class Trial:
    """Everything that is tried against the rules, each thing once, while the emulator counts."""

    world: World
    answers: dict[str, object] = field(default_factory=dict)

    def cell(self, cell: Cell) -> frozenset[str]:
        """Return who was allowed to."""
        who = lambda: frozenset(name for name in EVERYBODY if cell.attempt(self.world, self.world[name]).allowed)  # noqa: E731
        allowed = self._once(cell.name, who)
        assert isinstance(allowed, frozenset)
        return allowed

    def case(self, case: Case) -> bool:
        """Return whether it was allowed."""
        return self._once(case.name, lambda: case.attempt(self.world).allowed) is True

    def _once(self, name: str, attempt: Callable[[], object]) -> object:
        if name not in self.answers:
            self.answers[name] = attempt()
        return self.answers[name]


@pytest.fixture(scope="module")
def trial(emulators: Emulators) -> Trial:
    emulators.clear()
    reload_rules(emulators)
    world = World(emulators)
    world.seed()
    return Trial(world)


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_each_operation_is_allowed_to_those_who_may_and_to_nobody_else(trial: Trial, cell: Cell) -> None:
    assert trial.cell(cell) == cell.may


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_right_is_taken_and_an_attack_is_refused(trial: Trial, case: Case) -> None:
    assert trial.case(case) is case.allowed


def test_nothing_is_tried_twice_under_one_name() -> None:
    names = [*(cell.name for cell in CELLS), *(case.name for case in CASES)]
    assert len(names) == len(set(names))


def test_a_commit_holds_five_whole_records(trial: Trial) -> None:
    """Rules may look at 20 other documents for a commit; by Google's text each record costs four."""
    writes = [write for number in range(5) for write in trial.world.arrival(trial.world.fresh(), patient=f"P-{number}")]
    assert trial.world.commit(KIOSK, *writes).allowed


def test_every_expression_of_the_rules_is_seen_true_and_false(
    trial: Trial, emulators: Emulators, capsys: pytest.CaptureFixture[str]
) -> None:
    for cell in CELLS:
        trial.cell(cell)
    for case in CASES:
        trial.case(case)
    found = expressions(emulators)
    missed = [one for one in found if not one.is_covered]
    conditions = [one for one in found if one.is_condition]
    both = len([one for one in conditions if one.is_covered])
    told = f"{len(found) - len(missed)} of {len(found)} expressions seen, {both} of {len(conditions)} conditions true and false"
    with capsys.disabled():
        print(f"\nfirestore.rules: {told}")
    assert [(one.line, one.text, sorted(one.seen)) for one in missed] == []
    assert len(found) > 300
