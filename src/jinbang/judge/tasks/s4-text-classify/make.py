"""Writes material/, tests/ and expected/. Run by its author: python make.py; not used when judging."""

import csv
import io
import json
from pathlib import Path

HERE = Path(__file__).parent
WORDS = {
    "体育": "球队 主场 联赛 冠军 射门 教练 决赛 比分 运动员 篮板 马拉松 游泳 排球 小组赛 夺冠 裁判".split(),
    "财经": "股市 基金 央行 利率 上市公司 营收 债券 汇率 投资者 净利润 融资 涨停 贷款 指数 财报 通胀".split(),
    "科技": "芯片 人工智能 卫星 算法 手机 机器人 量子 操作系统 新能源 电池 算力 开源 数据中心 传感器 云计算 程序员".split(),
    "美食": "火锅 热干面 食材 厨师 口感 小吃 麻辣 烘焙 汤底 鲜嫩 餐厅 豆皮 甜品 腌制 香气 夜宵".split(),
}
TEMPLATES = ["{a}再传消息，{b}成为焦点", "本周{a}与{b}引发热议", "关于{a}，你需要知道的{b}常识", "{a}迎来新变化：{b}表现抢眼",
             "记者走访：{a}背后的{b}", "从{a}说起，谈谈{b}和{c}", "{a}{b}双双走高，{c}成最大看点", "周末看点：{a}、{b}与{c}"]
LABELS = list(WORDS)


class Draw:
    def __init__(self, seed):
        self.state = seed

    def __call__(self, below):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % below


def texts(draw, count):
    rows = []
    for number in range(count):
        label = LABELS[draw(4) if draw(3) else 0]
        words = [WORDS[label][draw(16)] for _ in range(3)]
        if draw(5) == 0:
            other = LABELS[draw(4)]
            words[2] = WORDS[other][draw(16)]
        rows.append((number + 1, TEMPLATES[draw(8)].format(a=words[0], b=words[1], c=words[2]), label))
    return rows


def write(name, header, rows):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    (HERE / name).write_text(out.getvalue(), encoding="utf-8")


def main():
    draw = Draw(20220601)
    train, test, public = texts(draw, 480), texts(draw, 200), texts(draw, 40)
    write("material/train.csv", ["id", "text", "label"], train)
    write("material/public.csv", ["id", "text"], [row[:2] for row in public])
    write("tests/hidden.csv", ["id", "text"], [row[:2] for row in test])
    write("expected/hidden.csv", ["id", "label"], [(row[0], row[2]) for row in test])
    write("expected/public.csv", ["id", "label"], [(row[0], row[2]) for row in public])
    counts = {label: sum(row[2] == label for row in train) for label in LABELS}
    (HERE / "expected/counts.json").write_text(json.dumps(counts, ensure_ascii=False) + "\n", encoding="utf-8")
    (HERE / "expected/count-list.json").write_text(json.dumps(list(counts.values())) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
