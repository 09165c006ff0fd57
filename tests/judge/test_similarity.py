"""Similarity: copies are found through renaming, reformatting and reordering; starter and common code say nothing."""

import random

import pytest

from jinbang.judge.similarity import K, Settings, W, grams, similar, tokens_of, winnow

ORIGINAL = '''
def total(prices, counts):
    """Sum of price times count."""
    result = 0
    for price, count in zip(prices, counts):
        if count > 0:
            result += price * count
        else:
            result -= 1
    return result

def report(rows):
    lines = []
    for row in sorted(rows, key=lambda item: item["id"]):
        lines.append(f"{row['id']}: {row['name']}")
    with open("report.txt", "w", encoding="utf-8") as file:
        file.write("\\n".join(lines))
    return len(lines)
'''
RENAMED = '''
# 我自己写的
def report(shuju):
    jieguo = []
    for hang in sorted(shuju, key=lambda x: x["no"]):
        jieguo.append(f"{hang['id']}: {hang['name']}")   # 一行
    with open("out.txt", "w", encoding="gbk") as f:
        f.write("|".join(jieguo))
    return len(jieguo)


def he(jiage, shuliang):
    """别的说明"""
    s = 100
    for p, c in zip(jiage, shuliang):
        if c > 1:
            s += p * c
        else:
            s -= 2
    return s
'''
OTHER = """
import csv

class Table:
    def __init__(self, path):
        with open(path, newline="") as handle:
            self.rows = list(csv.reader(handle))

    def column(self, name):
        place = self.rows[0].index(name)
        return [row[place] for row in self.rows[1:]]

    def mean(self, name):
        values = [float(value) for value in self.column(name) if value]
        return sum(values) / len(values) if values else None

    def __len__(self):
        return max(0, len(self.rows) - 1)
"""


def one(text: str) -> dict[str, bytes]:
    return {"main.py": text.encode()}


def test_renamed_and_reordered_copies_are_found() -> None:
    pairs = similar({"a": one(ORIGINAL), "b": one(RENAMED), "c": one(OTHER)})
    assert [(pair.first, pair.second) for pair in pairs] == [("a", "b")]
    assert pairs[0].score >= 0.75
    assert sum(region.tokens for region in pairs[0].regions) > 100
    lines = [(region.first_lines[0], region.second_lines[0]) for region in pairs[0].regions]
    assert lines == [(2, 12), (12, 3)]


def test_starter_code_says_nothing() -> None:
    starter = one(ORIGINAL)
    mine = ORIGINAL + "\nx = [n * n for n in range(10) if n % 2]\nprint(max(x), min(x), sum(x) / len(x))\n"
    yours = (
        ORIGINAL + "\nwhile True:\n    try:\n        print(int(input()) + 1)\n    except ValueError:\n        break\n"
    )
    assert similar({"a": one(mine), "b": one(yours)}, starter=starter) == []
    assert len(similar({"a": one(mine), "b": one(yours)})) == 1


def test_code_that_everybody_has_says_nothing() -> None:
    crowd = {f"p{number:02d}": one(ORIGINAL) for number in range(40)}
    assert similar(crowd) == []
    assert len(similar(crowd, settings=Settings(common=1.0))) == 40 * 39 // 2


def test_broken_python_is_compared_all_the_same() -> None:
    broken = ORIGINAL + "\n    ((('''"
    assert [pair.second for pair in similar({"a": one(broken), "b": one(broken)})] == ["b"]


def test_a_long_shared_run_always_leaves_a_shared_fingerprint() -> None:
    """The guarantee of winnowing: K + W - 1 tokens in common, wherever they stand."""
    tokens = tokens_of(one(ORIGINAL + OTHER))
    hashes = grams(tokens)
    for start in range(len(tokens) - (K + W - 1) + 1):
        part = grams(tokens[start : start + K + W - 1])
        assert part == hashes[start : start + W]
        assert set(winnow(part)) & set(winnow(hashes))


def test_the_list_does_not_depend_on_the_order_given() -> None:
    given = {"a": one(ORIGINAL), "b": one(RENAMED), "c": one(ORIGINAL + OTHER)}
    assert similar(given) == similar(dict(reversed(given.items())))


def program(seed: int) -> str:
    """A plausible program: statements drawn at random, so two seeds share idioms but no long runs."""
    rng = random.Random(seed)
    forms = [
        "v{a} = {b} + v{c} * {d}", "if v{a} > {b}:\n    print(v{c}, {d})", "for i{a} in range({b}):\n    v{c} -= {d}",
        "v{a} = [x for x in v{c} if x % {b}]", "print(f'v{a}', {b}, sep='-')",
        "def f{a}(x, y={b}):\n    return x ** y - {c}",
        "try:\n    v{a} = int(v{b})\nexcept ValueError:\n    v{a} = {c}", "v{a} = {{'k{b}': {c}, 'm': v{d}}}",
        "while v{a} < {b}:\n    v{a} += {c}",
        "assert v{a} != {b} or v{c}", "v{a}, v{b} = v{c}, {d}", "del v{a}[{b}:{c}]", "v{a} = lambda q: q // {b} | {c}",
    ]  # fmt: skip
    return "\n".join(
        rng.choice(forms).format(a=rng.randrange(9), b=rng.randrange(99), c=rng.randrange(9), d=rng.randrange(99))
        for _ in range(60)
    )


@pytest.mark.parametrize("size", [200, pytest.param(2000, marks=pytest.mark.soak)])
def test_in_a_whole_sitting_only_the_copy_is_found(size: int) -> None:
    crowd = {f"s{number:04d}": one(program(number)) for number in range(size)}
    crowd["copy"] = one(program(77).replace("v1", "renamed").replace("print", "show"))
    pairs = similar(crowd, settings=Settings(threshold=0.8))
    assert [(pair.first, pair.second) for pair in pairs] == [("copy", "s0077")]
