"""What was worked out lately: what is asked for stays, what isn't goes, also from tables that seldom get anything."""

from __future__ import annotations

import pytest

from advisor import recent
from advisor.recent import Recent

AGE = 50


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "_AGE", AGE)


def much_else() -> None:
    other: Recent[int, int] = Recent(4)
    for number in range(AGE + 1):
        other.keep(number, number)


def test_a_full_table_forgets_what_nobody_asked_for() -> None:
    table: Recent[int, str] = Recent(8)
    for number in range(20):
        table.keep(number, str(number))
        assert table[0] == "0"
    assert [number for number in range(20) if table[number] is not None] == [0, 16, 17, 18, 19]


def test_a_table_that_seldom_gets_a_new_entry_forgets_what_nobody_asked_for() -> None:
    table: Recent[str, int] = Recent(1_000)
    table.keep("asked", 0)
    table.keep("not asked", 0)
    for number in range(20):
        much_else()
        table.keep(f"new {number}", number)
        assert table["asked"] == 0
    assert table["not asked"] is None
    assert table["new 19"] == 19
    assert table["new 10"] is None


def test_a_table_that_gets_no_new_entry_forgets_nothing() -> None:
    table: Recent[int, int] = Recent(1_000)
    for number in range(20):
        table.keep(number, number)
    for _ in range(3):
        much_else()
    assert [table[number] for number in range(20)] == list(range(20))
