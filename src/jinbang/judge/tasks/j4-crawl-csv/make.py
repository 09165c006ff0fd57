"""Writes site/ and expected/ of this task. Run by its author: python make.py; not used when judging."""

import csv
import io
from pathlib import Path

HERE = Path(__file__).parent
HOST = "shucheng.example.cn"
PAGE_SIZE = 9
TITLES = """
Python程序设计入门|周明远|长江数字出版社|45.00|4.6
零基础学编程|何雨晴|青禾教育出版社|39.80|4.2
数据库原理与应用|沈立群|长江数字出版社|52.50|4.4
网页采集实战|陆子航|东湖科技出版社|68.00|4.8
算法图解笔记|秦思远|青禾教育出版社|59.90|4.7
计算思维十二讲|方若水|江南大学堂出版社|36.00|4.1
Linux运维手册|邵文博|东湖科技出版社|88.00|4.5
自动化办公与Python|叶知秋|青禾教育出版社|49.00|4.3
软件测试基础|顾长风|长江数字出版社|42.00|3.9
前端开发从零到一|林晓棠|云帆出版社|56.80|4.0
数据分析案例集|苏静怡|东湖科技出版社|79.00|4.9
机器学习二十问|唐亦辰|云帆出版社|65.00|4.6
信息安全常识|韩松涛|江南大学堂出版社|28.00|3.8
操作系统简史|段云飞|云帆出版社|48.00|4.4
正则表达式手册|冯启明|东湖科技出版社|32.50|4.5
XPath与网页解析|许清如|东湖科技出版社|41.00|4.3
电子商务数据化运营|白若溪|长江数字出版社|58.00|4.1
图解网络协议|杜衡之|云帆出版社|69.90|4.7
Excel到Python|卢婉清|青禾教育出版社|43.20|4.2
仓储管理系统开发|罗仲谋|长江数字出版社|55.00|4.0
职业素养与沟通|温如玉|江南大学堂出版社|25.00|3.7
数学建模初步|程万里|江南大学堂出版社|46.00|4.3
爬虫工程师的一天|莫问津|云帆出版社|38.00|4.4
Redis与缓存设计|夏观澜|东湖科技出版社|72.00|4.6
文本处理技巧|柳如烟|青禾教育出版社|35.00|4.0
面向对象二十四例|钟离昊|长江数字出版社|44.00|4.5
数据可视化之美|安若素|云帆出版社|98.00|4.8
版本控制入门|魏子期|东湖科技出版社|29.90|4.2
云计算概论|钱塘江|江南大学堂出版社|51.00|3.9
人工智能导论|司徒岚|长江数字出版社|63.00|4.4
程序员的数学课|欧阳澈|青禾教育出版社|57.00|4.7
乡村电商实务|石榴花|江南大学堂出版社|33.00|3.6
""".strip().splitlines()
LIST = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="gbk"><title>楚天书城 · 计算机类图书（第 {page} 页）</title></head>
<body>
<div id="top"><a href="/">首页</a> <a href="/admin/stock.html" rel="nofollow">内部库存</a></div>
<h1>计算机类图书</h1>
<p class="tip">共 {total} 种，本站推荐：<span class="title">名著导读</span></p>
<ul class="book-list">
{items}
</ul>
<div class="pager">{pager}</div>
</body></html>
"""
ITEM = """  <li class="book" data-id="{id}">
    <a class="title" href="/book/{id}.html" title="{title}">{short}</a>
    <span class="author">作者：{author}</span>
    <span class="price">￥{price}</span>
    <span class="score">{score} 分</span>
  </li>"""
DETAIL = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{title} - 楚天书城</title></head>
<body>
<h1>{title}</h1>
<table class="info">
  <tr><th>编号</th><td>{id}</td></tr>
  <tr><th>作者</th><td>{author}</td></tr>
  <tr><th>出版社</th><td>
      {publisher}
  </td></tr>
  <tr><th>定价</th><td>￥{price}</td></tr>
</table>
<p><a href="javascript:history.back()">返回列表</a></p>
</body></html>
"""


def books() -> list[dict[str, str]]:
    rows = []
    for number, line in enumerate(TITLES):
        title, author, publisher, price, score = line.split("|")
        rows.append(
            {"id": str(1001 + number * 7), "title": title, "author": author, "publisher": publisher,
             "price": price, "score": score, "short": title if len(title) <= 8 else title[:7] + "…"}
        )
    return rows


def write(name: str, text: str) -> None:
    path = HERE / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def main() -> None:
    rows = books()
    pages = [rows[i : i + PAGE_SIZE] for i in range(0, len(rows), PAGE_SIZE)]
    rules = ["# 列表页以 GBK 编码发送，响应头不声明编码；其余页面按文件名应答。"]
    for number, part in enumerate(pages, 1):
        items = "\n".join(ITEM.format(**row) for row in part)
        pager = f'<span class="now">{number}</span>'
        if number < len(pages):
            pager += f' <a class="next" href="/list?page={number + 1}">下一页</a>'
        write(f"site/list{number}.html", LIST.format(page=number, total=len(rows), items=items, pager=pager))
        query = f'query = {{ page = "{number}" }}\n'
        rules.append(f'[[page]]\npath = "/list"\n{query}file = "list{number}.html"\ntype = "text/html"\nencode = "gbk"\n')
    rules.append('[[page]]\npath = "/list"\nstatus = 404\n')
    write("site/site.toml", "\n".join(rules))
    for row in rows:
        write(f"site/book/{row['id']}.html", DETAIL.format(**row))
    write("site/index.html", '<!DOCTYPE html><meta charset="utf-8"><title>楚天书城</title><a href="/list?page=1">计算机类图书</a>\n')
    write("site/admin/stock.html", '<!DOCTYPE html><meta charset="utf-8"><title>内部库存</title><p>请勿采集</p>\n')
    write("site/robots.txt", "User-agent: *\nDisallow: /admin/\n")
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["编号", "书名", "作者", "出版社", "定价", "评分"])
    for row in rows:
        table.writerow([row[key] for key in ("id", "title", "author", "publisher", "price", "score")])
    write("expected/books.csv", out.getvalue())
    mean = sum(float(row["price"]) for row in rows) / len(rows)
    best = max(rows, key=lambda row: float(row["score"]))
    write("expected/summary.txt", f"图书总数：{len(rows)}\n平均定价：{mean:.2f}\n评分最高：{best['title']}\n")


if __name__ == "__main__":
    main()
