from datetime import date

import pytest

from statement import Entry, balance, by_month, parse


def test_parses_a_line():
    assert parse("2026-03-31;rent;-85000\n") == Entry(date(2026, 3, 31), "rent", -85000)


def test_balance_of_nothing():
    assert balance([]) == 0


def test_sums_by_month():
    entries = [Entry(date(2026, 1, 3), "in", 500), Entry(date(2026, 1, 9), "out", -200), Entry(date(2026, 2, 1), "in", 50)]
    assert by_month(entries) == {"2026-01": 300, "2026-02": 50}


def test_refuses_a_broken_line():
    with pytest.raises(ValueError):
        parse("2026-03-31;rent")
