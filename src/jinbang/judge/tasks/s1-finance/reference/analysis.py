"""行情分析"""

import numpy as np
import pandas as pd


def clean(path):
    """清洗：去重、统一日期与成交量、补缺失的收盘价"""
    frame = pd.read_csv(path, dtype=str).drop_duplicates()
    frame = frame.rename(columns={"代码": "code", "日期": "date", "收盘价": "close", "成交量": "volume"})
    frame["date"] = pd.to_datetime(frame["date"].str.replace("/", "-"))
    frame["close"] = frame["close"].astype(float)
    frame["volume"] = frame["volume"].str.rstrip("手").astype(int)
    frame = frame.sort_values(["code", "date"]).reset_index(drop=True)
    frame["close"] = frame.groupby("code")["close"].ffill()
    return frame[["code", "date", "close", "volume"]]


def monthly(path):
    """月度汇总"""
    frame = clean(path)
    frame["month"] = frame["date"].dt.strftime("%Y-%m")
    result = frame.groupby(["code", "month"]).agg(
        first=("close", "first"), last=("close", "last"), high=("close", "max"), low=("close", "min"),
        volume=("volume", "sum"),
    ).reset_index()
    result["change"] = (result["last"] / result["first"] - 1) * 100
    return result


def risk(path):
    """波动率与最大回撤"""
    groups = clean(path).groupby("code")["close"]
    volatility = groups.apply(lambda close: close.pct_change().std() * np.sqrt(252) * 100)
    drawdown = groups.apply(lambda close: (1 - close / close.cummax()).max() * 100)
    return pd.DataFrame({"volatility": volatility, "drawdown": drawdown})
