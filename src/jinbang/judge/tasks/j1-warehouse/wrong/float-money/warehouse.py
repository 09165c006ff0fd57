"""仓储模块"""

from decimal import Decimal
from functools import wraps

KINDS = {"入库": "in", "出库": "out"}


class NotEnoughError(ValueError):
    """库存不足"""


def parse_record(line):
    """把一行流水解析成字典；格式有误时抛出 ValueError"""
    fields = [field.strip() for field in line.split(",")]
    if len(fields) != 6 or fields[1] not in KINDS:
        raise ValueError("格式有误")
    time, kind, sku, name, quantity, price = fields
    if not quantity.isdigit() or int(quantity) == 0:
        raise ValueError("数量应为正整数")
    return {
        "time": time,
        "kind": KINDS[kind],
        "sku": sku,
        "name": name,
        "quantity": int(quantity),
        "price": Decimal(price) if kind == "入库" else None,
    }


def total_value(stock):
    """库存总值：数量 × 单价之和"""
    return sum(item["quantity"] * int(float(item["price"])) for item in stock)


def logged(log):
    """装饰器：每次调用之后以函数名调用 log"""

    def decorate(function):
        @wraps(function)
        def wrapper(*args, **kwargs):
            result = function(*args, **kwargs)
            log(function.__name__)
            return result

        return wrapper

    return decorate


class Warehouse:
    """一个仓库"""

    def __init__(self, name):
        self.name = name
        self._items = {}

    def put(self, sku, name, quantity, price):
        """入库；单价以最近一次为准"""
        self._check(quantity)
        held = self.quantity(sku)
        self._items[sku] = {"name": name, "quantity": held + quantity, "price": Decimal(price)}

    def take(self, sku, quantity):
        """出库，返回剩余数量"""
        self._check(quantity)
        item = self._items[sku]
        if quantity > item["quantity"]:
            raise NotEnoughError("库存不足")
        item["quantity"] -= quantity
        return item["quantity"]

    def quantity(self, sku):
        """库存数量"""
        return self._items[sku]["quantity"] if sku in self._items else 0

    def low_stock(self, limit):
        """数量小于 limit 的编号"""
        for sku in self:
            if self.quantity(sku) < limit:
                yield sku

    def rows(self):
        """按编号顺序的库存"""
        return [{"sku": sku, **self._items[sku]} for sku in self]

    def __len__(self):
        return len(self._items)

    def __contains__(self, sku):
        return sku in self._items

    def __iter__(self):
        return iter(sorted(self._items))

    @staticmethod
    def _check(quantity):
        if not isinstance(quantity, int) or quantity <= 0:
            raise ValueError("数量应为正整数")
