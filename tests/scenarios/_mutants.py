"""A small program with its tests, and seeded mutants of it: what told_apart.py breaks in two hundred ways. Every mutant is a change of one node of the
program's syntax; which tests notice it is asked of Python itself, without Baton."""

import ast
import copy
import json
import random
import subprocess
import sys

PROGRAM = '''"""Sums, dates, words and versions, as small programs have them."""


def clamp(value, low, high):
    if value < low:
        return low
    if value > high:
        return high
    return value


def gcd(a, b):
    while b != 0:
        a, b = b, a % b
    return abs(a)


def is_leap(year):
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in(month, year):
    if month == 2:
        return 29 if is_leap(year) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def day_of_year(day, month, year):
    total = day
    for earlier in range(1, month):
        total = total + days_in(earlier, year)
    return total


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2 == 1:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2


def find(values, wanted):
    low, high = 0, len(values) - 1
    while low <= high:
        middle = (low + high) // 2
        if values[middle] == wanted:
            return middle
        if values[middle] < wanted:
            low = middle + 1
        else:
            high = middle - 1
    return -1


def roman(number):
    text = ""
    for value, letters in ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        while number >= value:
            text = text + letters
            number = number - value
    return text


def wrap(words, width):
    lines, line = [], ""
    for word in words:
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = ""
        line = line + " " + word if line else word
    if line:
        lines.append(line)
    return lines


def newer(version, other):
    mine = [int(part) for part in version.split(".")]
    theirs = [int(part) for part in other.split(".")]
    for index in range(max(len(mine), len(theirs))):
        a = mine[index] if index < len(mine) else 0
        b = theirs[index] if index < len(theirs) else 0
        if a != b:
            return a > b
    return False


def price(amount, items, member):
    total = amount * items
    if items >= 10 and not member:
        total = total - total // 20
    if member:
        total = total - total // 10
    return total if total > 0 else 0


def steps(number):
    count = 0
    while number > 1 and count < 200:
        number = number // 2 if number % 2 == 0 else 3 * number + 1
        count += 1
    return count
'''

# name -> what it insists on. The old ones failed before anybody changed anything.
CHECKS = {
    "clamp_low": "clamp(-5, 0, 10) == 0", "clamp_high": "clamp(15, 0, 10) == 10", "clamp_between": "clamp(3, 0, 10) == 3 and clamp(9, 0, 10) == 9",
    "gcd": "gcd(12, 18) == 6", "gcd_of_zero": "gcd(0, 7) == 7", "gcd_negative": "gcd(-12, 18) == 6", "leap": "is_leap(2024) and is_leap(2000)", "no_leap": "not is_leap(1900) and not is_leap(2023)",
    "february": "(days_in(2, 2024), days_in(2, 2023)) == (29, 28)", "months": "[days_in(m, 2023) for m in (1, 4, 6, 9, 11, 12)] == [31, 30, 30, 30, 30, 31]",
    "first_day": "day_of_year(1, 1, 2023) == 1", "last_day": "day_of_year(31, 12, 2024) == 366", "median_odd": "median([3, 1, 2]) == 2", "median_even": "median([4, 1, 3, 2]) == 2.5",
    "find": "[find([1, 3, 5, 7], n) for n in (1, 3, 5, 7)] == [0, 1, 2, 3]", "find_none": "find([1, 3, 5], 4) == -1 and find([], 1) == -1", "roman_nine": "roman(9) == 'IX'", "roman_many": "roman(38) == 'XXXVIII' and roman(14) == 'XIV'",
    "roman_none": "roman(0) == ''", "wrap": "wrap(['a', 'bb', 'ccc'], 4) == ['a bb', 'ccc']", "wrap_long": "wrap(['abcdef', 'a'], 3) == ['abcdef', 'a']", "wrap_none": "wrap([], 3) == []",
    "newer": "newer('1.10', '1.9') and not newer('1.9', '1.10')", "newer_same": "not newer('1.2', '1.2.0')", "newer_longer": "newer('1.2.1', '1.2')", "price": "price(10, 3, False) == 30", "price_many": "price(10, 10, False) == 95",
    "price_member": "price(10, 10, True) == 90", "price_less": "price(-1, 3, False) == 0", "steps": "steps(6) == 8 and steps(1) == 0",
    "old_roman": "roman(40) == 'XL'", "old_wrap": "wrap(['a'], 0) == []", "old_newer": "newer('2.0', '1.x')", "old_price": "price(1, 1, False) == 2", "old_median": "median([]) == 0", "old_find": "find([2, 2], 2) == 1",
}
TESTS = "import unittest\n\nfrom program import *\n\n\nclass TestProgram(unittest.TestCase):\n" + "\n".join(f"    def test_{name}(self):\n        self.assertTrue({check})\n" for name, check in CHECKS.items())
FILES = {"program.py": PROGRAM, "tests/__init__.py": "", "tests/test_program.py": TESTS}

COMPARED = {ast.Lt: [ast.LtE, ast.Gt], ast.LtE: [ast.Lt, ast.GtE], ast.Gt: [ast.GtE, ast.Lt], ast.GtE: [ast.Gt, ast.LtE], ast.Eq: [ast.NotEq, ast.GtE], ast.NotEq: [ast.Eq, ast.Gt], ast.In: [ast.NotIn]}
COUNTED = {ast.Add: [ast.Sub, ast.Mult], ast.Sub: [ast.Add, ast.Mult], ast.Mult: [ast.Add, ast.FloorDiv], ast.FloorDiv: [ast.Mult, ast.Sub], ast.Mod: [ast.FloorDiv, ast.Add], ast.Div: [ast.Mult]}


def changes_of(node):
    """What may be done to a node: functions that do it."""
    def put(field, value):
        return lambda one: setattr(one, field, value)

    if isinstance(node, ast.Compare):
        return [put("ops", [other()]) for other in COMPARED.get(type(node.ops[0]), [])]
    if isinstance(node, (ast.BinOp, ast.AugAssign)):
        return [put("op", other()) for other in COUNTED.get(type(node.op), [])]
    if isinstance(node, ast.BoolOp):
        return [put("op", ast.Or() if isinstance(node.op, ast.And) else ast.And()), put("values", node.values[:1]), put("values", node.values[1:])] if len(node.values) > 1 else []
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return [put("value", node.value + 1), put("value", node.value - 1)]
    if isinstance(node, (ast.If, ast.While, ast.IfExp)):
        return [put("test", ast.UnaryOp(ast.Not(), node.test))]
    if isinstance(node, ast.Return) and node.value is not None:
        return [put("value", ast.Constant(None))]
    return []


def mutants(seed):
    """Texts of the program with one node changed, in an order that the seed decides; each text once."""
    tree = ast.parse(PROGRAM)
    places = [(index, change) for index, node in enumerate(ast.walk(tree)) for change in range(len(changes_of(node)))]
    random.Random(seed).shuffle(places)
    seen = {ast.unparse(tree)}
    for index, change in places:
        mutated = copy.deepcopy(tree)
        node = list(ast.walk(mutated))[index]
        changes_of(node)[change](node)
        if isinstance(node, ast.BoolOp) and len(node.values) == 1:
            node.values = node.values * 2  # "a and a" is a
        text = ast.unparse(ast.fix_missing_locations(mutated)) + "\n"
        if text not in seen:
            seen.add(text)
            yield text


def failing(folder, seconds=10):
    """The tests of a folder that fail, asked of Python itself; nothing where they do not end."""
    script = ("import json, unittest\nresult = unittest.TestResult()\nunittest.defaultTestLoader.discover('tests', top_level_dir='.').run(result)\n"
              "print(json.dumps([test.id() for test, _ in result.failures + result.errors]))")
    try:
        done = subprocess.run([sys.executable, "-B", "-c", script], cwd=folder, capture_output=True, text=True, timeout=seconds, check=True)
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        return None
    return {name.rsplit(".", 1)[1] for name in json.loads(done.stdout)}
