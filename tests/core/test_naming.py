"""Names: spellings, order, masks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin

from jinbang.core.naming import clusters, mask_name, name_sort_key, normalise_name, split_name, validate_name


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("张 三", "张三"),
        ("　张三　", "张三"),
        ("古丽 • 艾合买提", "古丽·艾合买提"),
        ("古丽・艾合买提", "古丽·艾合买提"),
        ("古丽‧艾合买提", "古丽·艾合买提"),
        ("Ａｎｎａ  Ｌｉ", "Anna Li"),
        ("𠮷\u200b野", "𠮷野"),
        ("\ufeff李四", "李四"),
        ("㛃𬎆", "㛃𬎆"),
        ("葛\U000e0100明", "葛\U000e0100明"),
        ("神\ufa19", "神\ufa19"),
    ],
)
def test_normalise(typed, kept):
    assert normalise_name(typed) == kept


@given(st.text(max_size=20))
def test_normalise_is_idempotent(text):
    once = normalise_name(text)
    assert normalise_name(once) == once


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("张三", []),
        ("古丽·艾合买提", []),
        ("𠮷𬎆", []),
        ("O'Neil Anna-Lee", []),
        ("", ["name_empty"]),
        ("张", ["name_length"]),
        ("张" * 51, ["name_length"]),
        ("张\ue123", ["name_private_use"]),
        ("张3", ["name_characters"]),
        ("张三（班长）", ["name_characters"]),
        ("·张三", ["name_dot"]),
        ("张··三", ["name_dot"]),
    ],
)
def test_validate(name, expected):
    assert [p.code for p in validate_name(name)] == expected


def test_split():
    assert split_name("欧阳明日") == ("欧阳", "明日")
    assert split_name("欧阳") == ("欧", "阳")
    assert split_name("张三") == ("张", "三")
    assert split_name("古丽·艾合买提") == ("", "古丽·艾合买提")
    assert split_name("Anna") == ("", "Anna")
    assert split_name("") == ("", "")


def test_order_by_surname_reading():
    names = ["仇一", "单一", "解一", "曾一", "查一", "区一", "万俟一", "尉迟一", "张一", "阿一"]
    ordered = sorted(names, key=lambda n: name_sort_key(n, lazy_pinyin))
    assert ordered == ["阿一", "万俟一", "区一", "仇一", "单一", "解一", "尉迟一", "曾一", "查一", "张一"]


def test_shorter_name_first_and_unknown_last():
    names = ["李明明", "李明", "𬎆一", "Anna"]
    assert sorted(names, key=lambda n: name_sort_key(n, lazy_pinyin)) == ["Anna", "李明", "李明明", "𬎆一"]


@given(st.lists(st.text("张王李单仇曾𠮷·A", max_size=6)))
def test_order_is_total(names):
    keys = {n: name_sort_key(n, list) for n in names}
    assert len(set(keys.values())) == len(keys)


@pytest.mark.parametrize(
    ("name", "masked"),
    [("张三", "张*"), ("张三丰", "张*丰"), ("欧阳明日", "欧**日"),
     ("古丽·艾力", "古*·*力"), ("张", "*"), ("", ""),
     ("葛\U000e0100明", "葛\U000e0100*")],
)  # fmt: skip
def test_mask(name, masked):
    assert mask_name(name) == masked


@given(st.text(max_size=12))
def test_clusters_lose_nothing(text):
    assert "".join(clusters(text)) == text
