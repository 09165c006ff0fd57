"""处理出入库流水：python main.py 流水文件"""

import sys


def main(path):
    pass


if __name__ == "__main__":
    main(sys.argv[1])
