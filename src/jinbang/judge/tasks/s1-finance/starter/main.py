"""生成报表与图形：python main.py 行情文件"""

import sys

import matplotlib.pyplot as plt

import analysis


def main(path):
    pass


if __name__ == "__main__":
    main(sys.argv[1])
