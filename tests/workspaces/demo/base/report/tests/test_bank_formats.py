"""What the banks really send. Most of these are known not to work yet."""

from datetime import date

import pytest

from statement import parse_day

FORMATS = [
    "31.03.2026",
    "31.03.26",
    "31/03/2026",
    "03/31/2026",
    "31-03-2026",
    "31 March 2026",
    "31. März 2026",
    "March 31, 2026",
    "2026/03/31",
    "2026.03.31",
    "260331",
    "31MAR2026",
]


@pytest.mark.parametrize("text", FORMATS)
def test_reads_what_banks_send(text):
    assert parse_day(text) == date(2026, 3, 31)
