"""Writes tests/month.csv and expected/. Run by its author: python make.py; not used when judging.

The month's book keeping below is a second implementation, so that the reference is checked and not just copied.
"""

import json
from decimal import Decimal
from pathlib import Path

HERE = Path(__file__).parent
GOODS = [("A001", "螺丝刀", "12.50"), ("A002", "扳手", "23.75"), ("A015", "卷尺", "9.90"), ("B010", "安全帽", "24.00"),
         ("B023", "劳保手套", "3.35"), ("C007", "绝缘胶带", "1.99"), ("C110", "手电筒", "36.80"), ("D001", "工具箱", "128.00")]


def lines():
    out, state = [], 20220401
    for day in range(1, 29):
        for hour in (9, 11, 15, 17):
            state = (state * 1103515245 + 12345) % 2**31
            sku, name, price = GOODS[(state >> 8) % len(GOODS)]
            number = (state >> 4) % 40 + 1
            stamp = f"2022-04-{day:02d} {hour:02d}:{state % 60:02d}"
            if (state >> 12) % 5 < 3:
                rise = Decimal(price) + Decimal((state >> 16) % 7) / 20
                out.append(f"{stamp},入库,{sku},{name},{number},{rise:.2f}")
            else:
                out.append(f"{stamp},出库,{sku},{name},{number},")
    out[10] = "2022-04-03 15:09,盘点,A001,螺丝刀,5,"
    out[31] = "2022-04-08 17:20,入库,A002,扳手,十,23.75"
    out[50] = "2022-04-13 15:01,出库,X999,不存在的货,1,"
    out[77] = "2022-04-20 11:44,出库,B010,安全帽"
    out[90] = "2022-04-23 15:13,出库,D001,工具箱,100000,"
    return out


def main():
    rows = lines()
    (HERE / "tests/month.csv").write_text("时间,类型,编号,品名,数量,单价\n" + "\n".join(rows) + "\n", encoding="utf-8")
    stock, errors = {}, []
    for number, line in enumerate(rows, 2):
        parts = line.split(",")
        if len(parts) != 6 or parts[1] not in ("入库", "出库") or not parts[4].isdecimal() or not parts[4].isascii():
            errors.append(f"第{number}行 格式有误")
            continue
        _, kind, sku, name, count, price = parts
        if kind == "入库":
            held = stock.get(sku, (name, 0, ""))[1]
            stock[sku] = (name, held + int(count), price)
        elif sku not in stock:
            errors.append(f"第{number}行 编号不存在")
        elif stock[sku][1] < int(count):
            errors.append(f"第{number}行 库存不足")
        else:
            stock[sku] = (name, stock[sku][1] - int(count), stock[sku][2])
    table = [{"sku": sku, "name": name, "quantity": count, "price": float(price)}
             for sku, (name, count, price) in sorted(stock.items())]
    total = sum(Decimal(price) * count for _, count, price in stock.values())
    (HERE / "expected/stock.json").write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (HERE / "expected/errors.log").write_text("\n".join(errors) + "\n", encoding="utf-8")
    text = "".join(f"{row['sku']} {row['name']} {row['quantity']}\n" for row in table) + f"库存总值：{total:.2f}\n"
    (HERE / "expected/month-total.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
