"""成绩评定"""


def evaluate(usual, exam):
    """总评，以十分之一分计，避免浮点误差"""
    return (usual * 45 + exam * 55) // 10


def level(score):
    """等级"""
    if score >= 900:
        return "优秀"
    return "及格" if score >= {{rule.line}} * 10 else "不及格"


def read():
    """读入两个成绩；不合要求时抛出 ValueError"""
    usual, exam = (int(text) for text in input().split())
    if not (0 <= usual <= 100 and 0 <= exam <= 100):
        raise ValueError("超出范围")
    return usual, exam


def main():
    try:
        score = evaluate(*read())
    except ValueError:
        print("输入有误")
    else:
        print(f"{score / 10:.1f}", level(score))


if __name__ == "__main__":
    main()
