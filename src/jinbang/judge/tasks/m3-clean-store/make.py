"""Writes site/ and expected/. Run by its author: python make.py; not used when judging."""

import json
from pathlib import Path

HERE = Path(__file__).parent
CITIES = ["武汉", "宜昌", "襄阳", "荆州", "黄冈", "十堰"]
JOBS = ["Python开发工程师", "数据采集工程师", "数据分析师", "测试工程师", "运维工程师", "后端开发实习生"]
DEGREES = ["大专", "本科", "不限", ""]


def raw():
    state, found = 20220607, []
    for number in range(1, 64):
        state = (state * 1103515245 + 12345) % 2**31
        low = (state >> 8) % 14 + 4
        high = low + (state >> 14) % 8 + 1
        style = number % 4
        salary = (f"{low}k-{high}k", f"{low * 1000}-{high * 1000}元/月", f"{low}K~{high}K·13薪", "面议")[style]
        found.append({"jobId": 5000 + number, "title": f" {JOBS[(state >> 5) % 6]} ", "city": CITIES[(state >> 17) % 6] + ("市" if number % 3 else ""),
                      "salary": salary, "degree": DEGREES[(state >> 21) % 4], "company": f"江城样例科技{(state >> 11) % 9 + 1}号公司",
                      "_low": None if style == 3 else low * 1000, "_high": None if style == 3 else high * 1000})
    return found


def main():
    items = raw()
    served = [{k: v for k, v in item.items() if not k.startswith("_")} for item in items]
    served[20:20] = [served[3], served[11]]
    served[45:45] = [served[30]]
    (HERE / "site/data").mkdir(parents=True, exist_ok=True)
    (HERE / "site/data/jobs.json").write_text(json.dumps(served, ensure_ascii=False, indent=1), encoding="utf-8")
    (HERE / "site/site.toml").write_text(
        '# 接口要求 AJAX 请求头。\n[[api]]\npath = "/api/jobs"\ndata = "data/jobs.json"\npage = "page"\nsize = 10\n'
        'delay_ms = 200\nneeds = { header = "X-Requested-With", contains = "XMLHttpRequest" }\n', encoding="utf-8")
    (HERE / "site/index.html").write_text(
        '<!DOCTYPE html><html lang="zh-CN"><meta charset="utf-8"><title>江城招聘</title>\n<div id="jobs">加载中……</div>\n'
        '<script>\nfetch("/api/jobs?page=1", {headers: {"X-Requested-With": "XMLHttpRequest"}})\n'
        "  .then(answer => answer.json())\n  .then(data => { document.getElementById('jobs').textContent = data.total; });\n</script></html>\n",
        encoding="utf-8")
    jobs = [{"job_id": item["jobId"], "title": item["title"].strip(), "city": item["city"].removesuffix("市"),
             "low": item["_low"], "high": item["_high"], "degree": item["degree"] or "不限", "company": item["company"]} for item in items]
    (HERE / "expected/jobs.json").write_text(json.dumps(jobs, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    stats = []
    for city in CITIES:
        of = [job for job in jobs if job["city"] == city]
        paid = [(job["low"] + job["high"]) / 2 for job in of if job["low"] is not None]
        stats.append({"city": city, "count": len(of), "mean": round(sum(paid) / len(paid), 2)})
    (HERE / "expected/city_stats.json").write_text(json.dumps(stats, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (HERE / "material/page-sample.json").write_text(
        json.dumps({"total": len(served), "page": 1, "pages": 7, "items": served[:4]}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
