import types
import unittest
from decimal import Decimal

import warehouse
from warehouse import NotEnoughError, Warehouse


def stocked():
    w = Warehouse("东库")
    w.put("B2", "扳手", 30, Decimal("23.75"))
    w.put("A1", "螺丝刀", 50, Decimal("12.50"))
    w.put("C3", "手套", 4, Decimal("3.00"))
    return w


class TestWarehouse(unittest.TestCase):
    def test_put_and_take(self):
        w = stocked()
        self.assertEqual(w.name, "东库")
        w.put("A1", "螺丝刀", 5, Decimal("13.00"))
        self.assertEqual(w.quantity("A1"), 55)
        self.assertEqual(w.take("A1", 15), 40)
        self.assertEqual(w.quantity("A1"), 40)

    def test_not_enough_keeps_stock(self):
        w = stocked()
        with self.assertRaises(NotEnoughError):
            w.take("C3", 5)
        self.assertEqual(w.quantity("C3"), 4)
        self.assertEqual(w.take("C3", 4), 0)

    def test_unknown_item(self):
        w = stocked()
        self.assertEqual(w.quantity("Z9"), 0)
        with self.assertRaises(KeyError):
            w.take("Z9", 1)

    def test_two_warehouses_are_apart(self):
        one, other = Warehouse("一"), Warehouse("二")
        one.put("A1", "螺丝刀", 1, Decimal("1"))
        self.assertEqual(other.quantity("A1"), 0)
        self.assertEqual(len(other), 0)

    def test_iteration_is_sorted(self):
        self.assertEqual(list(stocked()), ["A1", "B2", "C3"])

    def test_length_and_contains(self):
        w = stocked()
        self.assertEqual(len(w), 3)
        self.assertTrue(w.__contains__("A1"))
        self.assertFalse(w.__contains__("Z9"))


def test_low_stock_is_lazy():
    w = stocked()
    found = w.low_stock(31)
    assert hasattr(found, "send"), "low_stock 应是生成器"
    w.take("A1", 45)
    assert list(found) == ["A1", "B2", "C3"]
    assert list(w.low_stock(5)) == ["C3"]


def test_logged_decorator():
    seen = []
    pack = warehouse.logged(seen.append)(warehouse.total_value)
    assert pack([{"quantity": 2, "price": "1.5"}]) == Decimal("3.0")
    assert seen == ["total_value"]
    assert pack.__name__ == "total_value"


def test_error_is_a_value_error():
    assert issubclass(NotEnoughError, ValueError)
    assert NotEnoughError.__name__ == "NotEnoughError"


def test_bad_quantity(quantity):
    w = stocked()
    for action in (lambda: w.put("A1", "螺丝刀", quantity, Decimal("1")), lambda: w.take("A1", quantity)):
        try:
            action()
        except ValueError as error:
            assert not isinstance(error, NotEnoughError)
        else:
            raise AssertionError("没有抛出 ValueError")


test_bad_quantity.pytestmark = [types.SimpleNamespace(name="parametrize", args=("quantity", [0, -1, 2.5]))]
