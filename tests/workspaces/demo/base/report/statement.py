"""Statements from a ledger's export: one line an entry, `DATE;TEXT;CENTS`."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Entry:
    day: date
    text: str
    cents: int


def parse_day(text: str) -> date:
    return date.fromisoformat(text)


def parse(line: str) -> Entry:
    day, text, cents = line.rstrip("\n").split(";")
    return Entry(parse_day(day), text, int(cents))


def balance(entries: list[Entry]) -> int:
    return sum(entry.cents for entry in entries)


def by_month(entries: list[Entry]) -> dict[str, int]:
    months: dict[str, int] = {}
    for entry in entries:
        month = f"{entry.day:%Y-%m}"
        months[month] = months.get(month, 0) + entry.cents
    return months
