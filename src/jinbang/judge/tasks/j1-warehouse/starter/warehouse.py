"""仓储模块"""

from decimal import Decimal


class NotEnoughError(ValueError):
    """库存不足"""


def parse_record(line):
    """把一行流水解析成字典"""


def total_value(stock):
    """库存总值"""


def logged(log):
    """装饰器：每次调用之后以函数名调用 log"""


class Warehouse:
    """一个仓库"""

    def __init__(self, name):
        self.name = name
