"""生成报表与图形：python main.py 行情文件"""

import sys

import matplotlib.pyplot as plt
import seaborn as sns

import analysis

NAMES = {"600801": "江城制造", "600802": "东湖软件", "600803": "长江物流"}
TITLES = {"code": "代码", "month": "月份", "first": "期初", "last": "期末", "high": "最高", "low": "最低",
          "volume": "成交量", "change": "涨跌幅"}


def draw_close(path):
    """收盘价走势"""
    frame = analysis.clean(path)
    frame["name"] = frame["code"].map(NAMES)
    plt.figure(figsize=(10, 5))
    axes = sns.lineplot(frame, x="date", y="close", hue="name")
    axes.set(title="三只股票的收盘价", xlabel="日期", ylabel="收盘价（元）")
    axes.legend(title=None)
    plt.savefig("close.png")
    plt.close()


def draw_change(frame):
    """最后一月的涨跌幅"""
    last = frame[frame["month"] == frame["month"].max()]
    plt.figure(figsize=(8, 5))
    axes = sns.barplot(x=last["code"].map(NAMES), y=last["change"])
    axes.set(title=f"{last['month'].iloc[0]} 涨跌幅", xlabel="股票", ylabel="涨跌幅（%）")
    plt.savefig("change.png")
    plt.close()


def main(path):
    frame = analysis.monthly(path)
    frame.rename(columns=TITLES).to_excel("report.xlsx", sheet_name="月度", index=False)
    draw_close(path)
    draw_change(frame)


if __name__ == "__main__":
    main(sys.argv[1])
