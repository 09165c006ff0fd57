"""Writes site/data, material/ and expected/. Run by its author: python make.py; not used when judging."""

import csv
import json
from pathlib import Path

HERE = Path(__file__).parent
TOPICS = ["剪纸体验", "楚剧折子戏", "少儿书法", "城市摄影讲座", "汉绣入门", "古琴雅集", "读书分享会", "木版年画"]
HALLS = ["江城文化馆", "东湖书房", "南岸剧场", "青山社区中心"]


def raw():
    """Twenty activities: some full, some called off (the page hides those), some places with blanks around them."""
    state, found = 20220514, []
    for number in range(1, 21):
        state = (state * 1103515245 + 12345) % 2**31
        found.append({
            "id": 700 + number * 3,
            "title": f"{TOPICS[number % 8]}（第{number}期）",
            "hall": ("  " if number % 4 == 0 else "") + HALLS[(state >> 9) % 4],
            "day": f"2022-{6 + number // 12:02d}-{(state >> 15) % 28 + 1:02d}",
            "left": 0 if number % 6 == 0 else (state >> 20) % 40 + 1,
            "off": number % 7 == 0,
        })
    return found


def main():
    items = raw()
    for name in ("site/data", "expected"):
        (HERE / name).mkdir(parents=True, exist_ok=True)
    served = json.dumps(items, ensure_ascii=False, indent=1) + "\n"
    (HERE / "site/data/activities.json").write_text(served, encoding="utf-8")
    shown = [item for item in items if not item["off"]]
    with (HERE / "expected/activities.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["编号", "名称", "场馆", "日期", "余位"])
        writer.writerows([item["id"], item["title"], item["hall"].strip(), item["day"], item["left"]] for item in shown)
    full = sum(item["left"] == 0 for item in shown)
    (HERE / "expected/summary.txt").write_text(
        f"活动 {len(shown)} 场\n已约满 {full} 场\n余位 {sum(item['left'] for item in shown)} 个\n", encoding="utf-8")


if __name__ == "__main__":
    main()
