"""Writes tests/, expected/ and task.toml. Run by its author: python make.py; not used when judging."""

from pathlib import Path

HERE = Path(__file__).parent
RULES = [(30, 70, 60), (40, 60, 60), (20, 80, 65), (50, 50, 62)]
INPUTS = ["80 90", "100 100", "60 60", "65 65", "62 62", "90 90", "100 50", "40 70", "abc 60", "60 101"]
HEAD = '''schema = 1
slug = "j2-scores"
title = "成绩评定"
level = "elementary"
skills = ["J1.3", "J2.1", "J2.2"]
minutes = 20

[[deliverables]]
name = "main.py"
about = "成绩评定程序"

[toolchain]
profile = "basic"

[limits]
wall_s = 5
cpu_s = 2
memory_mb = 64
'''
TAIL = """
[[tests]]
id = "code"
title = "代码要求"
points = 10
visible = true
checker = "source"
[tests.options]
must_define = ["evaluate"]
must_use = ["try"]
must_not_import = ["subprocess", "os"]

[[wrong]]
name = "fixed-weights"
why = "照抄别的题面，权重写成 45 与 55"
outcome = "partial"
points = 73
cases = { t01 = "wrong", t07 = "wrong", t02 = "accepted", t09 = "accepted", code = "accepted" }

[[wrong.edits]]
file = "main.py"
old = '''
    return (usual * {{rule.usual}} + exam * {{rule.exam}}) // 10
'''
new = '''
    return (usual * 45 + exam * 55) // 10
'''

[[wrong]]
name = "strict-line"
why = "优秀线、及格线用了大于号"
outcome = "partial"
points = 82
cases = { t06 = "wrong", t02 = "accepted", code = "accepted" }

[[wrong.edits]]
file = "main.py"
old = '''
    if score >= 900:
        return "优秀"
    return "及格" if score >= {{rule.line}} * 10 else "不及格"
'''
new = '''
    if score > 900:
        return "优秀"
    return "及格" if score > {{rule.line}} * 10 else "不及格"
'''

[[wrong]]
name = "no-check"
why = "不检查输入"
outcome = "partial"
points = 77
cases = { t09 = "runtime_error", t10 = "wrong", code = "partial" }

[[wrong.edits]]
file = "main.py"
old = '''
    if not (0 <= usual <= 100 and 0 <= exam <= 100):
        raise ValueError("超出范围")
'''
new = ''

[[wrong.edits]]
file = "main.py"
old = '''
    try:
        score = evaluate(*read())
    except ValueError:
        print("输入有误")
    else:
        print(f"{score / 10:.1f}", level(score))
'''
new = '''
    score = evaluate(*read())
    print(f"{score / 10:.1f}", level(score))
'''
"""


def result(text: str, usual: int, exam: int, line: int) -> str:
    parts = text.split()
    if not all(part.isdigit() and int(part) <= 100 for part in parts):
        return "输入有误"
    tenths = int(parts[0]) * usual // 10 + int(parts[1]) * exam // 10
    level = "优秀" if tenths >= 900 else "及格" if tenths >= line * 10 else "不及格"
    return f"{tenths // 10}.{tenths % 10} {level}"


def main() -> None:
    manifest = [HEAD]
    for number, text in enumerate(INPUTS, 1):
        name = f"t{number:02d}"
        (HERE / f"tests/{name}.in").write_text(text + "\n", encoding="utf-8")
        (HERE / f"expected/{name}.out").write_text("{{rule." + name + "}}\n", encoding="utf-8")
        manifest.append(f'\n[[runs]]\nid = "{name}"\nstdin = "tests/{name}.in"\n')
    for number, text in enumerate(INPUTS, 1):
        name = f"t{number:02d}"
        visible = "true" if number < 3 else "false"
        manifest.append(f'\n[[tests]]\nid = "{name}"\ntitle = "测试 {number}"\npoints = 9\nvisible = {visible}\nrun = "{name}"\n'
                        f'checker = "stdout"\n[tests.options]\nexpected = "expected/{name}.out"\n')
    manifest.append(TAIL)
    manifest.append('\n[variants]\nfiles = ["task.toml", "statement.md", "expected/*", "starter/*", "reference/*"]\n')
    for usual, exam, line in RULES:
        manifest.append(f"\n[[variants.parameters.rule.choices]]\nusual = {usual}\nexam = {exam}\nline = {line}\n")
        manifest.extend(f't{n:02d} = "{result(text, usual, exam, line)}"\n' for n, text in enumerate(INPUTS, 1))
    (HERE / "task.toml").write_text("".join(manifest), encoding="utf-8")


if __name__ == "__main__":
    main()
