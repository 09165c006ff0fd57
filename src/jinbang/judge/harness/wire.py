"""Values as JSON, both ways. Data only: nothing that is decoded can run code."""

from __future__ import annotations

import base64
import datetime as dt
import math
from decimal import Decimal
from typing import Any, Callable

MAX_DEPTH = 40
Plain = Any  # what the json module writes
Wrap = Callable[[Any], Plain]


class Unwireable(Exception):
    """The value cannot travel; `str()` says why."""


def refuse(value: Any) -> Plain:
    """The wrapper for places where objects may not travel."""
    raise Unwireable(f"an object of type {type(value).__name__} cannot travel")


def encode(value: Any, wrap: Wrap = refuse, depth: int = 0) -> Plain:
    """The value in JSON's types with `$` tags; what has no form of its own goes to `wrap`."""
    if depth > MAX_DEPTH:
        raise Unwireable("nested too deeply")
    if value is None or value is True or value is False:
        return value
    if isinstance(value, (str, int, float)):
        return _scalar(value)
    for kind, tag in ((list, None), (tuple, "$tuple"), (set, "$set"), (frozenset, "$set")):
        if type(value) is kind:
            return _sequence(value, tag, wrap, depth)
    if isinstance(value, dict):
        return _mapping(value, wrap, depth)
    tagged = _tagged(value)
    if tagged is not None:
        return tagged
    return _scientific(value, wrap, depth)


def _scalar(value: Any) -> Plain:
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        number = int.__int__(value)
        return number if number.bit_length() < 4096 else {"$int": hex(number)}
    real = float.__float__(value)
    return real if math.isfinite(real) else {"$float": repr(real)}


def _sequence(value: Any, tag: Any, wrap: Wrap, depth: int) -> Plain:
    items = [encode(item, wrap, depth + 1) for item in list(value)]
    if tag == "$set":
        items.sort(key=repr)
    return items if tag is None else {tag: items}


def _mapping(value: dict[Any, Any], wrap: Wrap, depth: int) -> Plain:
    pairs = list(dict.items(value))
    if all(type(key) is str and not key.startswith("$") for key, _ in pairs):
        return {key: encode(item, wrap, depth + 1) for key, item in pairs}
    return {"$dict": [[encode(k, wrap, depth + 1), encode(v, wrap, depth + 1)] for k, v in pairs]}


def _tagged(value: Any) -> Plain:
    if isinstance(value, (bytes, bytearray)):
        return {"$bytes": base64.b64encode(bytes(value)).decode("ascii")}
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, dt.datetime):
        return {"$datetime": value.isoformat()}
    if isinstance(value, dt.date):
        return {"$date": value.isoformat()}
    if isinstance(value, dt.timedelta):
        return {"$seconds": value.total_seconds()}
    if isinstance(value, complex):
        return {"$complex": [value.real, value.imag]}
    return None


def _scientific(value: Any, wrap: Wrap, depth: int) -> Plain:
    """NumPy and pandas by their names, so that neither has to be installed."""
    top = type(value).__module__.split(".")[0]
    name = type(value).__name__
    if top == "pandas" and name == "DataFrame":
        columns = [encode(str(column)) for column in value.columns]
        data = [[_cell(item) for item in row] for row in value.astype(object).values.tolist()]
        index = [_cell(item) for item in value.index.tolist()]
        dtypes = [str(kind) for kind in value.dtypes]
        return {"$frame": {"columns": columns, "index": index, "data": data, "dtypes": dtypes}}
    if top == "pandas" and name == "Series":
        data = [_cell(item) for item in value.astype(object).tolist()]
        index = [_cell(item) for item in value.index.tolist()]
        return {"$series": {"name": str(value.name), "index": index, "data": data, "dtype": str(value.dtype)}}
    if top == "pandas" and name in ("Index", "RangeIndex", "DatetimeIndex", "Categorical"):
        return [_cell(item) for item in value.tolist()]
    if top == "pandas":
        return _cell(value)
    if top == "numpy" and name == "ndarray":
        data = encode(value.tolist(), _cell, depth + 1)
        return {"$array": {"shape": list(value.shape), "dtype": str(value.dtype), "data": data}}
    if top == "numpy" and hasattr(value, "item") and type(value.item()).__module__ != "numpy":
        return encode(value.item(), wrap, depth + 1)
    return wrap(value)


def _cell(value: Any) -> Plain:
    """A table's cell: missing values of every kind become None, times become text."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if type(value).__name__ in ("NaTType", "NAType"):
        return None
    if isinstance(value, dt.datetime):
        return {"$datetime": dt.datetime.isoformat(value)}
    return encode(value, str)


def decode(plain: Plain, unwrap: Callable[[dict[str, Any]], Any]) -> Any:
    """The value of `encode`'s form; `unwrap` gets the forms of objects. Raises ValueError on nonsense."""
    if isinstance(plain, list):
        return [decode(item, unwrap) for item in plain]
    if not isinstance(plain, dict):
        return plain
    if len(plain) == 1:
        (tag, body), *_ = plain.items()
        if tag in _READERS:
            return _READERS[tag](body, unwrap)
        if tag.startswith("$"):
            return unwrap(plain)
    return {key: decode(item, unwrap) for key, item in plain.items()}


def _list(body: list[Any], unwrap: Any) -> list[Any]:
    return [decode(item, unwrap) for item in body]


_READERS: dict[str, Callable[[Any, Any], Any]] = {
    "$int": lambda body, _: int(body, 16),
    "$float": lambda body, _: float(body),
    "$tuple": lambda body, unwrap: tuple(_list(body, unwrap)),
    "$set": lambda body, unwrap: set(_list(body, unwrap)),
    "$dict": lambda body, unwrap: {decode(k, unwrap): decode(v, unwrap) for k, v in body},
    "$bytes": lambda body, _: base64.b64decode(body),
    "$decimal": lambda body, _: Decimal(body),
    "$datetime": lambda body, _: dt.datetime.fromisoformat(body),
    "$date": lambda body, _: dt.date.fromisoformat(body),
    "$seconds": lambda body, _: dt.timedelta(seconds=body),
    "$complex": lambda body, _: complex(*body),
}
