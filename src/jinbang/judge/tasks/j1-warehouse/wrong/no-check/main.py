"""处理出入库流水：python main.py 流水文件"""

import json
import sys
from decimal import InvalidOperation

from warehouse import NotEnoughError, Warehouse, parse_record, total_value


def handle(warehouse, line):
    """处理一条流水，返回出错原因；成功时返回 None"""
    try:
        record = parse_record(line)
    except (ValueError, InvalidOperation):
        return "格式有误"
    try:
        if record["kind"] == "in":
            warehouse.put(record["sku"], record["name"], record["quantity"], record["price"])
        else:
            warehouse.take(record["sku"], record["quantity"])
    except NotEnoughError:
        return "库存不足"
    except KeyError:
        return "编号不存在"
    return None


def main(path):
    warehouse = Warehouse("主仓库")
    with open(path, encoding="utf-8") as records, open("errors.log", "w", encoding="utf-8") as errors:
        for number, line in enumerate(records, 1):
            if number == 1:
                continue
            reason = handle(warehouse, line.rstrip("\n"))
            if reason:
                errors.write(f"第{number}行 {reason}\n")
    rows = warehouse.rows()
    for row in rows:
        print(row["sku"], row["name"], row["quantity"])
    print(f"库存总值：{total_value(rows):.2f}")
    with open("stock.json", "w", encoding="utf-8") as file:
        json.dump([{**row, "price": float(row["price"])} for row in rows], file, ensure_ascii=False)


if __name__ == "__main__":
    main(sys.argv[1])
