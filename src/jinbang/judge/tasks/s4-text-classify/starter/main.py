"""新闻标题分类：python main.py 待预测文件"""

import sys

import pandas as pd


def main(path):
    train = pd.read_csv("train.csv")


if __name__ == "__main__":
    main(sys.argv[1])
