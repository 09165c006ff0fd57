"""English for the interface: merges the parts, compiles, and names what lacks a translation.

The interface is written in Chinese. Every part keeps its English in ``locale/en/parts/<part>.po`` as plain
msgid/msgstr pairs. ``python tools/messages.py`` merges them into ``django.po`` and compiles ``django.mo``;
``--check`` changes nothing and exits 1 if a Chinese text in a template or a Python file has no English or if the
compiled file is out of date; ``--missing`` prints pairs to fill in. Where two parts translate the same text
differently, the shell's word counts, else the first part's; the difference is printed.
"""

from __future__ import annotations

import argparse
import ast
import re
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src/jinbang"
LOCALE = SOURCE / "locale/en"
COMPILED = LOCALE / "LC_MESSAGES/django.mo"
MERGED = LOCALE / "LC_MESSAGES/django.po"
HEADER = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\nLanguage: en\n"
FUNCTIONS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
HAN = re.compile(r"[\u3400-\u9fff]")
TRANSLATE = re.compile(r"""{%\s*(?:translate|trans)\s+(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""")
BLOCK = re.compile(r"{%\s*blocktrans(?:late)?\b([^%]*)%}(.*?){%\s*endblocktrans(?:late)?\s*%}", re.S)
PLURAL = re.compile(r"{%\s*plural\s*%}")
Catalogue = dict[str, tuple[str, ...]]


class BrokenPartError(Exception):
    """A part that cannot be read, or two parts that disagree."""


def parse(path: Path) -> Catalogue:
    """The pairs of a part: msgid → (msgstr,) or, with msgid_plural, (singular, plural). Comments are skipped."""
    found: Catalogue = {}
    entry: dict[str, str] = {}
    field = ""
    for number, line in enumerate([*path.read_text(encoding="utf-8").splitlines(), ""], 1):
        text = line.strip()
        match = re.match(r'(msgid_plural|msgid|msgstr(?:\[\d\])?)\s+(".*")$', text)
        if match:
            field = match[1]
            if field == "msgid":
                _store(found, entry, path)
                entry = {}
            entry[field] = ast.literal_eval(match[2])
        elif text.startswith('"') and field:
            entry[field] += ast.literal_eval(text)
        elif text and not text.startswith("#"):
            raise BrokenPartError(f"{path}:{number}: not understood: {text}")
    _store(found, entry, path)
    return found


def _store(found: Catalogue, entry: dict[str, str], path: Path) -> None:
    if not entry.get("msgid"):
        return
    strings = (entry["msgstr"],) if "msgstr" in entry else (entry["msgstr[0]"], entry["msgstr[1]"])
    if not all(strings):
        raise BrokenPartError(f"{path}: empty translation of {entry['msgid']!r}")
    if found.setdefault(entry["msgid"], strings) != strings:
        raise BrokenPartError(f"{path}: two translations of {entry['msgid']!r}")


def merge(parts: list[Path]) -> tuple[Catalogue, list[str]]:
    """Every part together, and a line for each text that two parts translate differently (the first one counts)."""
    together: Catalogue = {}
    origin: dict[str, str] = {}
    quarrels = []
    for path in parts:
        for source, strings in parse(path).items():
            if source in together and together[source] != strings:
                quarrels.append(f"{path.name} and {origin[source]}: {source!r} → {strings} / {together[source]}")
                continue
            together.setdefault(source, strings)
            origin.setdefault(source, path.name)
    return together, quarrels


def parts() -> list[Path]:
    """The parts' files, the shell's first."""
    return sorted((LOCALE / "parts").glob("*.po"), key=lambda path: (path.stem != "shell", path.name))


def used() -> dict[str, str]:
    """Every Chinese text that the interface may show, with the first file that has it."""
    found: dict[str, str] = {}
    for path in sorted(SOURCE.rglob("*.html")) + sorted(SOURCE.rglob("*.py")):
        if "migrations" in path.parts or "judge/tasks" in path.as_posix():
            continue
        texts = from_template(path.read_text()) if path.suffix == ".html" else from_python(path.read_text())
        for text in texts:
            if HAN.search(text):
                found.setdefault(text, path.relative_to(ROOT).as_posix())
    return found


def from_template(text: str) -> Iterator[str]:
    """Message ids of a template, as Django builds them."""
    for double, single in TRANSLATE.findall(text):
        yield (double or single).replace('\\"', '"')
    for options, body in BLOCK.findall(text):
        singular = PLURAL.split(body)[0]
        if "trimmed" in options.split():
            singular = " ".join(line.strip() for line in singular.strip().splitlines())
        singular = singular.replace("%", "%%") if "{{" not in singular else singular
        yield re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", singular)


def from_python(text: str) -> Iterator[str]:
    """First string argument of every gettext call."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        first = node.args[1 if name.startswith("pgettext") and len(node.args) > 1 else 0]
        if name in FUNCTIONS and isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value


def plurals() -> dict[str, str]:
    """Singular → plural message ids of the templates' ``{% plural %}`` blocks."""
    found = {}
    for path in SOURCE.rglob("*.html"):
        for _options, body in BLOCK.findall(path.read_text()):
            forms = PLURAL.split(body)
            if len(forms) == 2:
                singular, plural = (re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", form) for form in forms)
                found[singular] = plural
    return found


def compiled(catalogue: Catalogue) -> bytes:
    """The catalogue in GNU ``.mo`` format, entries sorted."""
    several = plurals()
    entries = {"": HEADER}
    for source, strings in catalogue.items():
        key = f"{source}\0{several.get(source, source)}" if len(strings) == 2 or source in several else source
        entries[key] = "\0".join(strings if len(strings) == 2 or source not in several else (strings[0], strings[0]))
    keys = sorted(entries, key=lambda key: key.encode())
    ids = b"".join(key.encode() + b"\0" for key in keys)
    table, where = [], 0
    for key in keys:
        table.append((len(key.encode()), where))
        where += len(key.encode()) + 1
    start = 28 + 16 * len(keys)
    head, tail, place = b"", b"", start + len(ids)
    for length, offset in table:
        head += struct.pack("<II", length, start + offset)
    texts = b""
    for key in keys:
        data = entries[key].encode()
        tail += struct.pack("<II", len(data), place + len(texts))
        texts += data + b"\0"
    return struct.pack("<7I", 0x950412DE, 0, len(keys), 28, 28 + 8 * len(keys), 0, 0) + head + tail + ids + texts


def quoted(text: str) -> str:
    """``text`` as a po string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def written(catalogue: Catalogue) -> str:
    """The merged file, for reading and for other tools."""
    several = plurals()
    blocks = [f'msgid ""\nmsgstr {quoted(HEADER)}']
    for source, strings in sorted(catalogue.items()):
        if len(strings) == 2 or source in several:
            forms = strings if len(strings) == 2 else (strings[0], strings[0])
            blocks.append(
                f"msgid {quoted(source)}\nmsgid_plural {quoted(several.get(source, source))}\n"
                f"msgstr[0] {quoted(forms[0])}\nmsgstr[1] {quoted(forms[1])}"
            )
        else:
            blocks.append(f"msgid {quoted(source)}\nmsgstr {quoted(strings[0])}")
    return "\n\n".join(blocks) + "\n"


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--check", action="store_true", help="change nothing; say what is missing or stale")
    parser.add_argument(
        "--missing", metavar="PATH", nargs="?", const="", help="print pairs to fill in (of files under PATH)"
    )
    options = parser.parse_args(argv)
    catalogue, quarrels = merge(parts())
    missing = {text: path for text, path in used().items() if text not in catalogue}
    if options.missing is not None:
        for text, path in missing.items():
            if options.missing in path:
                print(f'#: {path}\nmsgid {quoted(text)}\nmsgstr ""\n')
        return 0
    if options.check:
        stale = not COMPILED.exists() or COMPILED.read_bytes() != compiled(catalogue)
        for line in quarrels:
            print(f"two translations: {line}")
        for text, path in missing.items():
            print(f"no English: {path}: {text!r}")
        if stale:
            print(f"{COMPILED.relative_to(ROOT)} is out of date: run tools/messages.py")
        return 1 if missing or stale else 0
    MERGED.parent.mkdir(parents=True, exist_ok=True)
    MERGED.write_text(written(catalogue), encoding="utf-8")
    COMPILED.write_bytes(compiled(catalogue))
    print(f"{len(catalogue)} texts compiled; {len(missing)} without English; {len(quarrels)} disagreements")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except BrokenPartError as fault:
        sys.exit(str(fault))
