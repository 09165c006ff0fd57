"""行情分析"""

import pandas as pd


def clean(path):
    """清洗"""


def monthly(path):
    """月度汇总"""


def risk(path):
    """波动率与最大回撤"""
