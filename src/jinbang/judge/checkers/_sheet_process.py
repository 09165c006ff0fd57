"""Program: reads a workbook from standard input, writes {"sheets": […], "rows": [[…]]} for one sheet as JSON.

A process of its own with little memory, because a sheet of two cells far apart unfolds to gigabytes. argv: sheet's
name (empty for the first), most rows.
"""

import io
import json
import resource
import sys

MEMORY = 768 << 20


def main() -> None:
    """Exit status 3 with a word on standard output: `workbook` if it is none, `sheet` if that sheet is not there."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    import python_calamine

    name, most = sys.argv[1], int(sys.argv[2])
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
        name = name or book.sheet_names[0]
        if name not in book.sheet_names:
            _refuse("sheet")
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=True)[:most]
    except (python_calamine.CalamineError, IndexError):
        _refuse("workbook")
    json.dump([[_plain(cell) for cell in row] for row in rows], sys.stdout)


def _plain(cell: object) -> object:
    return cell if cell is None or isinstance(cell, str | int | float | bool) else str(cell)


def _refuse(word: str) -> None:
    print(word)
    sys.exit(3)


if __name__ == "__main__":
    main()
