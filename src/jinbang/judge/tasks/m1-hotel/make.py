"""Writes services/, material/, tests/ and expected/. Run by its author: python make.py; not used when judging.

It keeps the books in plain Python, so the reference (which keeps them in SQL) is checked against a second opinion.
"""

import csv
import datetime as dt
import io
import json
from decimal import Decimal
from pathlib import Path

HERE = Path(__file__).parent
ROOMS = [("101", "标准间", "198.00"), ("102", "标准间", "198.00"), ("103", "标准间", "218.00"), ("201", "大床房", "258.00"),
         ("202", "大床房", "258.00"), ("203", "大床房", "288.00"), ("301", "家庭房", "368.00"), ("302", "家庭房", "398.00"),
         ("401", "套房", "688.00"), ("402", "套房", "888.00")]
SAMPLE = [
    ("B001", "101", "王一诺", "2022-05-08", 3), ("B002", "201", "李思源", "2022-05-09", 2),
    ("B003", "101", "赵子轩", "2022-05-10", 1), ("B004", "999", "钱多多", "2022-05-10", 1),
    ("B005", "401", "孙若兰", "2022-05-04", 7), ("B006", "101", "周小川", "2022-05-11", 2),
]
GUESTS = ["王一诺", "李思源", "赵子轩", "孙若兰", "周小川", "吴晓彤", "郑锦程", "冯雨桐", "陈墨白", "O'Neil", "卫青禾", "蒋沐阳"]
DATE = dt.date(2022, 5, 10)


def hidden():
    state, rows = 510510, []
    for number in range(1, 49):
        state = (state * 1103515245 + 12345) % 2**31
        room = ROOMS[(state >> 7) % len(ROOMS)][0] if number not in (9, 33) else "500"
        start = dt.date(2022, 5, 1) + dt.timedelta(days=(state >> 11) % 24)
        nights = (state >> 16) % 4 + 1 if number % 8 else 7 + number % 3
        rows.append((f"C{number:03d}", room, GUESTS[(state >> 20) % len(GUESTS)], start.isoformat(), nights))
    return rows


def keep(bookings):
    prices = {room: (kind, Decimal(price)) for room, kind, price in ROOMS}
    taken, accepted, refused = {room: [] for room in prices}, [], []
    for code, room, guest, start, nights in bookings:
        begin = dt.date.fromisoformat(start)
        end = begin + dt.timedelta(days=nights)
        if room not in prices:
            refused.append((code, "房间不存在"))
        elif any(begin < other_end and other < end for other, other_end in taken[room]):
            refused.append((code, "日期冲突"))
        else:
            taken[room].append((begin, end))
            total = prices[room][1] * nights * (Decimal("0.9") if nights >= 7 else 1)
            accepted.append((code, room, guest, start, nights, f"{total:.2f}"))
    status = {room: "占用" if any(a <= DATE < b for a, b in spans) else "空闲" for room, spans in taken.items()}
    return accepted, refused, status, {room: len(spans) for room, spans in taken.items()}


def text(header, rows):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def write(name, content):
    (HERE / name).write_text(content, encoding="utf-8")


def main():
    rooms = ",\n".join(f"  ('{room}', '{kind}', {price}, '空闲', 0)" for room, kind, price in ROOMS)
    write("services/hotel.sql", "CREATE TABLE room (\n  room_no VARCHAR(8) PRIMARY KEY,\n  kind VARCHAR(16) NOT NULL,\n"
          "  price DECIMAL(8,2) NOT NULL,\n  status VARCHAR(8) NOT NULL,\n  times INT NOT NULL\n"
          f") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\nINSERT INTO room VALUES\n{rooms};\n")
    header = ["预订号", "房号", "客人", "入住日期", "天数"]
    write("material/bookings.csv", text(header, SAMPLE))
    write("tests/bookings-full.csv", text(header, hidden()))
    for name, rows in (("sample", SAMPLE), ("full", hidden())):
        accepted, refused, status, times = keep(rows)
        lines = [f"{code} 拒绝：{why}" for code, why in refused]
        total = sum(Decimal(row[5]) for row in accepted)
        lines.append(f"成功 {len(accepted)} 笔，拒绝 {len(refused)} 笔，收入 {total:.2f} 元")
        write(f"expected/{name}.txt", "\n".join(lines) + "\n")
        if name == "full":
            columns = ["code", "room_no", "guest", "check_in", "nights", "total"]
            write("expected/booking.csv", text(columns, accepted))
            write("expected/room.csv", text(["room_no", "status", "times"], [(r, status[r], times[r]) for r in status]))
            income, spent = {}, {}
            kinds = {room: kind for room, kind, _ in ROOMS}
            for _, room, guest, _, _, paid in accepted:
                income[kinds[room]] = income.get(kinds[room], 0) + float(paid)
                spent[guest] = spent.get(guest, Decimal(0)) + Decimal(paid)
            print("status", json.dumps(status, ensure_ascii=False))
            print("income", json.dumps(sorted(income.items(), key=lambda i: (i[1], i[0])), ensure_ascii=False))
            print("vip", sorted(guest for guest, paid in spent.items() if paid >= 3000), spent)


if __name__ == "__main__":
    main()
