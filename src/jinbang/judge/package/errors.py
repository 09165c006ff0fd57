"""What is wrong with a package, said so that its author can put it right."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One fault: in which file, at which field, what it is and what to do about it."""

    file: str
    field: str
    message: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file} · {self.field}" if self.field else self.file
        return f"{place}：{self.message}。{self.remedy}"


class PackageError(Exception):
    """The package cannot be used; `problems` lists every fault found, not just the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
