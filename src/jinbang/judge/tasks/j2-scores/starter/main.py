"""成绩评定：平时 {{rule.usual}}%，期末 {{rule.exam}}%"""


def evaluate(usual, exam):
    """总评"""
