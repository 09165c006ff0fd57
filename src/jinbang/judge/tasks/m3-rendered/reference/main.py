"""活动预约页采集：浏览器渲染后的页面"""

import csv
import re

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

URL = "https://huodong.example.cn/"
FIELDS = ["编号", "名称", "场馆", "日期", "余位"]
WAIT_S = 30


def wait_for_page(browser, number):
    """等到提示文字是“第 number / M 页”，返回 M。"""

    def shown(driver):
        return re.match(rf"第 {number} / (\d+) 页", driver.find_element(By.ID, "tip").text)

    return int(WebDriverWait(browser, WAIT_S).until(shown)[1])


def load_all(browser):
    """逐页点击“加载更多”，直到最后一页。"""
    pages = wait_for_page(browser, 1)
    for number in range(2, pages + 1):
        browser.find_element(By.ID, "more").click()
        wait_for_page(browser, number)


def parse(card):
    """一张卡片 → 一行数据。"""
    title, hall, day, left = (card.find_element(By.CLASS_NAME, name).text for name in ("title", "hall", "day", "left"))
    seats = re.search(r"余 (\d+) 席", left)
    return [int(card.get_attribute("data-id")), title, hall.strip(), day, int(seats[1]) if seats else 0]


def crawl():
    """页面上看得见的全部活动。"""
    browser = webdriver.Chrome()
    try:
        browser.get(URL)
        load_all(browser)
        cards = browser.find_elements(By.CSS_SELECTOR, "#list .card")
        return [parse(card) for card in cards if card.is_displayed()]
    finally:
        browser.quit()


def main():
    rows = crawl()
    with open("activities.csv", "w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(FIELDS)
        writer.writerows(rows)
    print(f"活动 {len(rows)} 场")
    print(f"已约满 {sum(row[-1] == 0 for row in rows)} 场")
    print(f"余位 {sum(row[-1] for row in rows)} 个")


if __name__ == "__main__":
    main()
