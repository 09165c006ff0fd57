"""活动预约页采集：浏览器渲染后的页面"""

import csv

from selenium import webdriver

URL = "https://huodong.example.cn/"


def main():
    browser = webdriver.Chrome()
    try:
        browser.get(URL)
    finally:
        browser.quit()


if __name__ == "__main__":
    main()
