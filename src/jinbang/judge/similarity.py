"""Suspiciously similar programs of one sitting, by winnowing (Schleimer, Wilkerson, Aiken 2003).

A program becomes its tokens with names, numbers and strings made alike, so renaming and reformatting hide nothing.
Hashes of every K tokens are thinned to the smallest of every W; two programs that share a run of K + W - 1 tokens
share a hash for certain. Runs of the starter code, and runs that a large part of all share, say nothing and are
left out. Pairs come from an inverted index, so only programs that share something are ever compared.

A score is a reason to look, never a finding: people compare the regions, and the seats.
"""

from __future__ import annotations

import argparse
import io
import json
import keyword
import re
import sys
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from jinbang.judge.package import PackageError, read_folder
from jinbang.judge.uploads import UploadError, accept_files, unpack

K = 12
W = 6
_MODULUS = (1 << 61) - 1
_BASE = 1_000_003
_SKIPPED = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING}
_FALLBACK = re.compile(r"[^\W\d]\w*|\d+(?:\.\d+)?|[^\s\w]")
TOKENS_MAX = 200_000


class Token(NamedTuple):
    """A normalised token and where it stood."""

    text: str
    file: str
    line: int


@dataclass(frozen=True)
class Region:
    """Matching lines (from 1, both ends included) of the two programs, and how many tokens match there."""

    first_file: str
    first_lines: tuple[int, int]
    second_file: str
    second_lines: tuple[int, int]
    tokens: int


@dataclass(frozen=True)
class Pair:
    """Two submissions. `score` is the share (0..1) of the smaller one's fingerprints that the other has too."""

    first: str
    second: str
    score: float
    shared: int
    regions: tuple[Region, ...]


@dataclass(frozen=True)
class Settings:
    """`common`: runs found in more than this share of all (and in more than `common_least`) are everybody's.

    Programs with fewer than `least` fingerprints of their own are too short to tell.
    """

    threshold: float = 0.5
    common: float = 0.1
    common_least: int = 10
    least: int = 8
    most_pairs: int = 1000


def tokens_of(files: Mapping[str, bytes]) -> list[Token]:
    """The Python files' tokens, in order of their names. Text that is no Python falls back to plain words."""
    found: list[Token] = []
    for name in sorted(files):
        if name.endswith(".py"):
            found.extend(_tokens(name, files[name].decode("utf-8", "replace")))
    return found[:TOKENS_MAX]


def _tokens(name: str, text: str) -> list[Token]:
    try:
        return [
            Token(_normal(token), name, token.start[0])
            for token in tokenize.generate_tokens(io.StringIO(text).readline)
            if token.type not in _SKIPPED and token.string
        ]
    except (tokenize.TokenError, SyntaxError, ValueError):
        return [
            Token(word if keyword.iskeyword(word) or not word[0].isalnum() else "v", name, number)
            for number, line in enumerate(text.splitlines(), 1)
            for word in _FALLBACK.findall(line)
        ]


def _normal(token: tokenize.TokenInfo) -> str:
    if token.type == tokenize.NAME:
        return token.string if keyword.iskeyword(token.string) else "v"
    if token.type == tokenize.NUMBER:
        return "n"
    return "s" if token.type == tokenize.STRING else token.string


def grams(tokens: Sequence[Token]) -> list[int]:
    """The hash of every K tokens, by position; rolling, and the same in every process."""
    if len(tokens) < K:
        return []
    ids = [int.from_bytes(token.text.encode()[:7].ljust(7, b"\0"), "big") for token in tokens]
    high = pow(_BASE, K - 1, _MODULUS)
    value = 0
    for number in ids[:K]:
        value = (value * _BASE + number) % _MODULUS
    found = [value]
    for place in range(K, len(ids)):
        value = ((value - ids[place - K] * high) * _BASE + ids[place]) % _MODULUS
        found.append(value)
    return found


def winnow(hashes: Sequence[int]) -> dict[int, list[int]]:
    """Hash → positions, for the smallest (rightmost) hash of every window of W."""
    chosen: dict[int, list[int]] = {}
    best = -1
    for end in range(min(W, len(hashes)) - 1 if hashes else 0, len(hashes)):
        start = max(0, end - W + 1)
        previous = best
        if best < start:
            best = min(range(start, end + 1), key=lambda at: (hashes[at], -at))
        elif hashes[end] <= hashes[best]:
            best = end
        if best != previous:
            chosen.setdefault(hashes[best], []).append(best)
    return chosen


def similar(
    submissions: Mapping[str, Mapping[str, bytes]],
    *,
    starter: Mapping[str, bytes] | None = None,
    settings: Settings = Settings(),
) -> list[Pair]:
    """Pairs at or above the threshold, highest score first; ties by name, so the list is always the same."""
    excluded = set(grams(tokens_of(starter or {})))
    tokens = {name: tokens_of(files) for name, files in submissions.items()}
    prints = {name: winnow(grams(own)) for name, own in tokens.items()}
    names = sorted(prints)
    index = _index(names, prints, excluded, settings)
    sizes = Counter(number for holders in index.values() for number in holders)
    scored = []
    for (one, other), shared in _shared(index.values()).items():
        smaller = min(sizes[one], sizes[other])
        if smaller >= settings.least and shared / smaller >= settings.threshold:
            scored.append((-shared / smaller, names[one], names[other], shared))
    scored.sort()
    return [
        Pair(one, other, round(-score, 4), shared, _regions(tokens[one], tokens[other], excluded))
        for score, one, other, shared in scored[: settings.most_pairs]
    ]


def _index(
    names: Sequence[str], prints: Mapping[str, Mapping[int, list[int]]], excluded: set[int], settings: Settings
) -> dict[int, list[int]]:
    index: dict[int, list[int]] = defaultdict(list)
    for number, name in enumerate(names):
        for value in prints[name]:
            if value not in excluded:
                index[value].append(number)
    most = max(settings.common_least, int(settings.common * len(names)))
    return {value: holders for value, holders in index.items() if len(holders) <= most}


def _shared(groups: Iterable[Sequence[int]]) -> Counter[tuple[int, int]]:
    counts: Counter[tuple[int, int]] = Counter()
    for holders in groups:
        if len(holders) > 1:
            counts.update(combinations(holders, 2))
    return counts


def _regions(one: Sequence[Token], other: Sequence[Token], excluded: set[int]) -> tuple[Region, ...]:
    """Longest matching runs first, none overlapping another in either program; at least K tokens each."""
    runs = sorted(_runs(one, other, excluded), key=lambda run: (-run[2], run[0], run[1]))
    used_one: set[int] = set()
    used_other: set[int] = set()
    regions = []
    for start, begin, length in runs:
        left, right = set(range(start, start + length)), set(range(begin, begin + length))
        if left & used_one or right & used_other:
            continue
        used_one |= left
        used_other |= right
        regions.append(_region(one[start : start + length], other[begin : begin + length]))
    return tuple(sorted(regions, key=lambda region: (region.first_file, region.first_lines)))


def _region(left: Sequence[Token], right: Sequence[Token]) -> Region:
    return Region(
        left[0].file,
        (left[0].line, left[-1].line),
        right[0].file,
        (right[0].line, right[-1].line),
        len(left),
    )


def _runs(one: Sequence[Token], other: Sequence[Token], excluded: set[int]) -> Iterator[tuple[int, int, int]]:
    """(start in one, start in other, length) of matching runs inside single files, starter code left out."""
    places: dict[int, list[int]] = defaultdict(list)
    for place, value in enumerate(grams(other)):
        if value not in excluded:
            places[value].append(place)
    hashes = grams(one)
    seen: set[tuple[int, int]] = set()
    for start, value in enumerate(hashes):
        for begin in places.get(value, ())[:20]:
            if (start, begin) in seen:
                continue
            length = _extent(one, other, start, begin)
            seen.update((start + step, begin + step) for step in range(length - K + 1))
            if length >= K:
                yield start, begin, length


def _extent(one: Sequence[Token], other: Sequence[Token], start: int, begin: int) -> int:
    length = 0
    while start + length < len(one) and begin + length < len(other):
        left, right = one[start + length], other[begin + length]
        if left.text != right.text or left.file != one[start].file or right.file != other[begin].file:
            break
        length += 1
    return length


def main(argv: Sequence[str]) -> int:
    """`jinbang judge similarity FOLDER`: every folder, zip or .py file in it is a submission."""
    parser = argparse.ArgumentParser(prog="jinbang judge similarity", description="找出相似的程序")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--starter", type=Path, help="起始代码所在文件夹，其中的代码不计")
    parser.add_argument("--threshold", type=float, default=0.5, help="相似度下限，0 到 1，默认 0.5")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    try:
        submissions = {path.name: _read(path) for path in sorted(options.folder.iterdir()) if not path.is_symlink()}
        starter = read_folder(options.starter) if options.starter else None
    except (OSError, PackageError, UploadError) as error:
        print(error, file=sys.stderr)
        return 2
    pairs = similar(submissions, starter=starter, settings=Settings(threshold=options.threshold))
    if options.json:
        print(json.dumps({"submissions": len(submissions), "pairs": [asdict(p) for p in pairs]}, ensure_ascii=False))
    else:
        print("\n".join(f"{pair.score:.2f}  {pair.first}  {pair.second}" for pair in pairs) or "没有相似的程序")
    return 0


def _read(path: Path) -> Mapping[str, bytes]:
    if path.is_dir():
        return accept_files(read_folder(path).items())
    if path.suffix == ".zip":
        return unpack(path.read_bytes())
    return accept_files([(path.name, path.read_bytes())])
