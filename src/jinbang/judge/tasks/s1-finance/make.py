"""Writes material/, tests/ and expected/. Run by its author: python make.py; not used when judging.

Pure Python, so the pandas reference is checked against a second implementation.
"""

import csv
import datetime as dt
import io
import json
import math
from pathlib import Path

HERE = Path(__file__).parent
CODES = [("600801", "江城制造", 2000), ("600802", "东湖软件", 4500), ("600803", "长江物流", 1200)]


def raw(seed, start, days):
    """Clean rows, and the dirty lines they are served as."""
    state, clean, lines = seed, [], []
    for code, name, cents in CODES:
        price, day, last = cents, start, None
        for number in range(days):
            while day.weekday() >= 5:
                day += dt.timedelta(days=1)
            state = (state * 1103515245 + 12345) % 2**31
            price = max(100, price + (state >> 9) % 81 - 38)
            volume = (state >> 7) % 90000 + 10000
            missing = number > 0 and (state >> 15) % 17 == 0
            close = last if missing else price
            clean.append({"code": code, "date": day, "close": close, "volume": volume})
            shown = day.strftime("%Y/%m/%d") if number % 2 else day.isoformat()
            lines.append([code, name, shown, "" if missing else f"{close / 100:.2f}", f"{volume}手" if number % 5 == 0 else volume])
            if (state >> 13) % 11 == 0:
                lines.append(list(lines[-1]))
            last = close
            day += dt.timedelta(days=1)
    order = sorted(range(len(lines)), key=lambda i: (i * 7919) % 1009)
    return clean, [lines[i] for i in order]


def text(header, rows):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def write(name, content):
    (HERE / name).write_text(content, encoding="utf-8")


def monthly(rows):
    groups = {}
    for row in rows:
        groups.setdefault((row["code"], row["date"].strftime("%Y-%m")), []).append(row)
    found = []
    for (code, month), part in sorted(groups.items()):
        closes = [row["close"] / 100 for row in part]
        found.append((code, month, closes[0], closes[-1], max(closes), min(closes), sum(row["volume"] for row in part),
                      round((closes[-1] / closes[0] - 1) * 100, 6)))
    return found


def risk(rows):
    found = []
    for code, _, _ in CODES:
        closes = [row["close"] for row in rows if row["code"] == code]
        returns = [b / a - 1 for a, b in zip(closes, closes[1:])]
        mean = sum(returns) / len(returns)
        deviation = math.sqrt(sum((r - mean) ** 2 for r in returns) / (len(returns) - 1))
        peak, draw = closes[0], 0.0
        for close in closes:
            peak = max(peak, close)
            draw = max(draw, 1 - close / peak)
        found.append((code, round(deviation * math.sqrt(252) * 100, 6), round(draw * 100, 6)))
    return found


def main():
    header = ["代码", "名称", "日期", "收盘价", "成交量"]
    _, sample = raw(7, dt.date(2022, 1, 4), 20)
    clean, lines = raw(20220104, dt.date(2022, 1, 4), 120)
    write("material/quotes.csv", text(header, sample))
    write("tests/quotes-full.csv", text(header, lines))
    write("expected/clean.csv", text(["code", "date", "close", "volume"],
          [(row["code"], row["date"], f"{row['close'] / 100:.2f}", row["volume"]) for row in clean]))
    names = ["code", "month", "first", "last", "high", "low", "volume", "change"]
    write("expected/monthly.csv", text(names, monthly(clean)))
    write("expected/risk.csv", text(["code", "volatility", "drawdown"], risk(clean)))
    write("expected/sheet.csv", text(["代码", "月份", "期初", "期末", "最高", "最低", "成交量", "涨跌幅"], monthly(clean)))
    write("expected/change-june.json", json.dumps([row[7] for row in monthly(clean) if row[1] == "2022-06"]))
    for code, _, _ in CODES:
        closes = [row["close"] / 100 for row in clean if row["code"] == code]
        write(f"expected/close-{code}.json", json.dumps(closes))


if __name__ == "__main__":
    main()
