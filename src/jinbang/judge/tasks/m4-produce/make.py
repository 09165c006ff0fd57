"""Writes site/ and expected/. Run by its author: python make.py; not used when judging."""

import json
from pathlib import Path

HERE = Path(__file__).parent
CATEGORIES = {"vegetable": "蔬菜", "fruit": "水果", "grain": "粮油"}
NAMES = {
    "vegetable": "大白菜 西红柿 黄瓜 土豆 茄子 青椒 菠菜 芹菜 胡萝卜 莲藕 冬瓜 豆角 生菜 洋葱".split(),
    "fruit": "富士苹果 砂糖橘 香蕉 巨峰葡萄 沙田柚 水蜜桃 库尔勒香梨 西瓜 猕猴桃 草莓".split(),
    "grain": "东北大米 小米 黄豆 绿豆 花生油 菜籽油 面粉 玉米".split(),
}
MARKETS = ["白沙洲批发市场", "四季美农贸城", "皇经堂市场", "汉口北市场"]
SIZE = 5


def records():
    state, found, number = 20221208, [], 0
    for category, names in NAMES.items():
        for name in names:
            number += 1
            state = (state * 1103515245 + 12345) % 2**31
            low = 60 + (state >> 8) % 900
            high = low + 20 + (state >> 12) % 180
            found.append({"id": f"N{number:04d}", "category": CATEGORIES[category], "slug": category, "name": name,
                          "low": low / 100, "high": high / 100, "unit": "元/斤" if number % 4 else "元/公斤",
                          "market": MARKETS[(state >> 16) % 4], "date": f"2022-12-{(state >> 20) % 9 + 1:02d}"})
    return found


def page(title, body):
    return ('<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>' + title + "</title></head>\n<body>\n"
            + body + "\n</body></html>\n")


def write(name, text):
    path = HERE / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def row(item):
    style = {0: "{:.2f}-{:.2f}", 1: "￥{:.2f} ~ ￥{:.2f}", 2: " {:.2f}—{:.2f} "}[int(item["id"][1:]) % 3]
    price = style.format(item["low"], item["high"])
    return (f'<tr class="item"><td>{item["id"]}</td><td><a href="/item/{item["id"]}.html">{item["name"]}</a></td>'
            f'<td class="price">{price}</td><td>{item["unit"]}</td></tr>')


def main():
    rules = ["# 个别页面首次请求会失败或很慢，与真实网站一样。"]
    links = []
    for slug, title in CATEGORIES.items():
        items = [item for item in records() if item["slug"] == slug]
        pages = [items[i : i + SIZE] for i in range(0, len(items), SIZE)]
        links.append(f'<li><a class="cat" href="/c/{slug}/1.html">{title}</a></li>')
        for number, part in enumerate(pages, 1):
            shown = part + ([pages[number - 2][-1]] if number > 1 else [])  # 置顶重复展示上一页最后一条
            body = f"<h1>{title}</h1>\n<table>\n" + "\n".join(map(row, shown)) + "\n</table>\n"
            if number < len(pages):
                body += f'<a rel="next" href="{number + 1}.html">下一页</a>'
            write(f"site/c/{slug}/{number}.html", page(title, body))
    for item in records():
        body = (f"<h1>{item['name']}</h1><dl><dt>品类</dt><dd>{item['category']}</dd><dt>市场</dt>"
                f"<dd> {item['market']}\n</dd><dt>日期</dt><dd>{item['date'].replace('-', '年', 1).replace('-', '月')}日</dd></dl>")
        write(f"site/item/{item['id']}.html", page(item["name"], body))
    write("site/index.html", page("江城农副产品行情", "<ul>\n" + "\n".join(links)
          + '\n<li><a class="cat" href="/private/quota.html">配额（内部）</a></li>\n</ul>'))
    write("site/private/quota.html", page("配额", "<p>内部数据</p>"))
    write("site/robots.txt", "User-agent: *\nDisallow: /private/\nAllow: /\n")
    for path in ("/item/N0007.html", "/c/fruit/2.html"):
        rules.append(f'[[page]]\npath = "{path}"\nfile = "{path[1:]}"\nfail = 1\nfail_status = 503\n')
    rules.append('[[page]]\npath = "/item/N0020.html"\nfile = "item/N0020.html"\ndelay_ms = 600\n')
    write("site/site.toml", "\n".join(rules))
    rows = []
    for item in records():
        factor = 1 if item["unit"] == "元/斤" else 0.5
        low, high = round(item["low"] * factor, 4), round(item["high"] * factor, 4)
        rows.append({"id": item["id"], "category": item["category"], "name": item["name"], "market": item["market"],
                     "date": item["date"], "low": low, "high": high, "mean": round((low + high) / 2, 4)})
    write("expected/prices.jsonl", "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows))
    lines = []
    for title in CATEGORIES.values():
        means = [one["mean"] for one in rows if one["category"] == title]
        lines.append(f"{title} {len(means)} {sum(means) / len(means):.3f}")
    write("expected/summary.txt", "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
