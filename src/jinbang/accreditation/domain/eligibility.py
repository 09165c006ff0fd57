"""May this school pilot? The conditions of the seed as pure checks over an application's figures.

The limits are data (:class:`Conditions`): another certificate may ask for others.
"""

from __future__ import annotations

from dataclasses import dataclass

from jinbang.core.problems import Problem


@dataclass(frozen=True)
class Conditions:
    """Least values; percentages are whole numbers out of 100."""

    recruiting_years: int = 3
    experience_years: int = 3
    trainers: int = 3
    industry_percent: int = 30
    double_qualified_percent: int = 50
    place_capacity: int = 40


@dataclass(frozen=True)
class Figures:
    """What the school states."""

    licensed: bool
    recruiting_years: int
    experience_years: int
    trainers: int
    industry_trainers: int
    double_qualified_percent: int
    place_capacity: int
    people_applied: int
    majors: int
    attachments: int


def eligibility(figures: Figures, *, by_major: bool, conditions: Conditions | None = None) -> list[Problem]:
    """Every condition that is not met, in the order of the form; empty when the school may apply."""
    least = conditions or Conditions()
    return [*_school(figures, least), *_staff(figures, least), *_rest(figures, least, by_major)]


def _school(figures: Figures, least: Conditions) -> list[Problem]:
    found = []
    if not figures.licensed:
        found.append(Problem.of("licence", "院校信息缺少办学许可证号，请联系省级教育行政部门补录"))
    if figures.recruiting_years < least.recruiting_years:
        found.append(
            Problem.of(
                "recruiting_years", "相关专业须近 {need} 年连续招生，现填 {have} 年",
                need=least.recruiting_years, have=figures.recruiting_years,
            )
        )  # fmt: skip
    if figures.experience_years < least.experience_years:
        found.append(
            Problem.of(
                "experience_years", "须有 {need} 年以上相关专业教育与培训经验，现填 {have} 年",
                need=least.experience_years, have=figures.experience_years,
            )
        )  # fmt: skip
    return found


def _staff(figures: Figures, least: Conditions) -> list[Problem]:
    found = []
    if figures.trainers < least.trainers:
        found.append(
            Problem.of(
                "trainers", "培训团队不少于 {need} 人，现填 {have} 人", need=least.trainers, have=figures.trainers
            )
        )
    if figures.industry_trainers * 100 < figures.trainers * least.industry_percent:
        wanted = -(-figures.trainers * least.industry_percent // 100)
        found.append(
            Problem.of(
                "industry_trainers",
                "行业企业兼职教师占比不少于 {percent}%：{trainers} 人的团队至少要有 {wanted} 人，现填 {have} 人",
                percent=least.industry_percent, trainers=figures.trainers, wanted=wanted,
                have=figures.industry_trainers,
            )
        )  # fmt: skip
    if figures.double_qualified_percent < least.double_qualified_percent:
        found.append(
            Problem.of(
                "double_qualified", "“双师型”教师占比不少于 {need}%，现填 {have}%",
                need=least.double_qualified_percent, have=figures.double_qualified_percent,
            )
        )  # fmt: skip
    return found


def _rest(figures: Figures, least: Conditions, by_major: bool) -> list[Problem]:
    found = []
    if figures.place_capacity < least.place_capacity:
        found.append(
            Problem.of(
                "place_capacity", "场地须能同时考核不少于 {need} 人，现填 {have} 人",
                need=least.place_capacity, have=figures.place_capacity,
            )
        )  # fmt: skip
    if figures.people_applied < 1:
        found.append(Problem.of("people_applied", "申请培训人数须大于 0"))
    if by_major and not figures.majors:
        found.append(Problem.of("majors", "本计划要求按专业填报，请至少选择一个拟申报专业"))
    if not figures.attachments:
        found.append(Problem.of("attachments", "请上传佐证材料（如试点申报书）"))
    return found
