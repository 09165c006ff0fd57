"""成绩评定"""


def evaluate(usual, exam):
    """总评，以十分之一分计，避免浮点误差"""
    return (usual * {{rule.usual}} + exam * {{rule.exam}}) // 10


def level(score):
    """等级"""
    if score >= 900:
        return "优秀"
    return "及格" if score >= {{rule.line}} * 10 else "不及格"


def read():
    """读入两个成绩；不合要求时抛出 ValueError"""
    usual, exam = (int(text) for text in input().split())
    return usual, exam


def main():
    score = evaluate(*read())
    print(f"{score / 10:.1f}", level(score))


if __name__ == "__main__":
    main()
