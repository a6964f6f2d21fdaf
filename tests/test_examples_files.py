"""The demo data keeps its own rules: limits of every story, pictures, a ledger to import."""

from __future__ import annotations

import csv
import re
import runpy
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image, ImageChops, ImageStat

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
STORIES = sorted((EXAMPLES / "stories").glob("*.md"))
PICTURES = sorted((EXAMPLES / "pictures").glob("*.jpg"))
COLUMNS = {
    "政务信息/政务公开",
    "政务信息/审批事项",
    "政务信息/安监动态",
    "安全科普",
    "推送新闻",
}
KEYS = set("title column origin source author summary link cover cover_alt weibo".split())
HEADER = "发布时间,平台,账号,栏目,来源性质,标题,转载来源,链接,阅读数".split(",")

every_story = pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)


def read(path: Path) -> tuple[dict[str, Any], str]:
    before, front, body = path.read_text(encoding="utf-8").split("+++\n", 2)
    assert before == ""
    return tomllib.loads(front), body


def weibo_length(text: str) -> int:
    """Half-width characters count a half, everything else one; rounded up."""
    return (sum(1 if ord(c) < 128 else 2 for c in text) + 1) // 2


def shown(body: str) -> list[tuple[str, str]]:
    """Alternative text and path of each picture in a body."""
    return re.findall(r"!\[([^\]]*)\]\(([^)\s]+)\)", body)


def ledger() -> list[dict[str, str]]:
    with (EXAMPLES / "ledger-sample.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_counter_itself() -> None:
    assert weibo_length("安全") == 2
    assert weibo_length("ab") == weibo_length("a") == 1
    assert weibo_length("拨打12350。") == 6  # 2.5 for the digits, rounded up at the end


def test_there_are_fourteen_stories_of_every_column() -> None:
    assert [path.name[:3] for path in STORIES] == [f"{n:02}-" for n in range(1, 15)]
    fronts = [read(path)[0] for path in STORIES]
    assert {front["column"] for front in fronts} == COLUMNS
    assert sum(front["origin"] == "reprint" for front in fronts) == 2


def test_links_and_titles_are_unique() -> None:
    fronts = [read(path)[0] for path in STORIES]
    for key in ("link", "title"):
        assert len({front[key] for front in fronts}) == len(STORIES)


@every_story
def test_front_matter(path: Path) -> None:
    front, _ = read(path)
    assert set(front) == KEYS
    assert 0 < len(front["title"]) <= 32
    assert front["column"] in COLUMNS
    assert front["origin"] in {"original", "reprint"}
    assert bool(front["source"]) == (front["origin"] == "reprint")
    assert 0 < len(front["author"]) <= 16
    assert 0 < len(front["summary"]) <= 120
    assert front["cover_alt"]
    link = urlsplit(front["link"])
    assert (link.scheme, link.netloc, link.query) == ("https", "www.example.gov.cn", "")
    assert re.fullmatch(r"/[\x21-\x7e]+\.html", link.path)


@every_story
def test_weibo_text(path: Path) -> None:
    weibo = read(path)[0]["weibo"]
    assert set(weibo) == {"text", "pictures"}
    assert 40 <= weibo_length(weibo["text"]) <= 125
    assert not re.search("[#＃]|https?:", weibo["text"])
    assert weibo["text"].split() == [weibo["text"]]  # no space, no line break
    assert 1 <= len(weibo["pictures"]) <= 9


@every_story
def test_body(path: Path) -> None:
    front, body = read(path)
    assert 250 <= len(re.findall("[\u4e00-\u9fff]", body)) <= 700
    assert len(re.findall(r"^## \S", body, re.MULTILINE)) >= 2
    assert re.search(r"^(- |1\. )", body, re.MULTILINE)
    assert re.search(r"\*\*\S.*?\S\*\*", body)
    assert front["origin"] == "original" or f"来源：{front['source']}" in body


@every_story
def test_prose_is_full_width_and_without_private_numbers(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.findall("[\u4e00-\u9fff][,:;?!()]", text)
    assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)|\d{15}", text)
    for opening, closing in ("“”", "（）", "《》", "〔〕"):
        assert text.count(opening) == text.count(closing)


@every_story
def test_every_picture_named_is_there(path: Path) -> None:
    front, body = read(path)
    pictures = shown(body)
    assert all(alt for alt, _ in pictures)
    for name in (front["cover"], *front["weibo"]["pictures"], *(src for _, src in pictures)):
        assert name.startswith("../pictures/")
        assert (path.parent / name).is_file(), name


def test_no_picture_is_left_over() -> None:
    named = set()
    for path in STORIES:
        front, body = read(path)
        named |= {front["cover"], *front["weibo"]["pictures"], *(src for _, src in shown(body))}
    assert {Path(name).name for name in named} == {path.name for path in PICTURES}


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_pictures_open_and_are_small(path: Path) -> None:
    assert path.stat().st_size <= 60_000
    with Image.open(path) as image:
        image.load()
        assert image.format == "JPEG"
        assert image.size == ((800, 600) if "-" in path.stem else (900, 383))


def test_the_script_draws_these_pictures() -> None:
    script = runpy.run_path(str(EXAMPLES / "make_pictures.py"))
    assert set(script["PICTURES"]) == {path.stem for path in PICTURES}
    for name in ("01", "14-2"):
        with Image.open(EXAMPLES / "pictures" / f"{name}.jpg") as kept:
            apart = ImageChops.difference(script["render"](name), kept.convert("RGB"))
        assert max(ImageStat.Stat(apart).mean) < 3  # JPEG loss, nothing else


def test_the_folder_stays_small() -> None:
    files = [p for p in EXAMPLES.rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    assert sum(path.stat().st_size for path in files) < 1_500_000


def test_the_quarter_table_adds_up() -> None:
    body = read(next(path for path in STORIES if path.name.startswith("03-")))[1]
    rows = re.findall(r"^\| (\S+) \| (\d+) \| (\d+) \| (\d+) \|$", body, re.MULTILINE)
    *parts, total = [[int(n) for n in numbers] for _, *numbers in rows]
    assert rows[-1][0] == "合计"
    assert [sum(column) for column in zip(*parts, strict=True)] == total
    assert f"{total[2] / total[1]:.1%}" == "96.7%"


def test_ledger_sample() -> None:
    assert (EXAMPLES / "ledger-sample.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    rows = ledger()
    assert len(rows) == 40
    assert list(rows[0]) == HEADER
    assert len({row["链接"] for row in rows}) == 40
    times = [row["发布时间"] for row in rows]
    assert times == sorted(times)
    for row in rows:
        assert datetime.strptime(f"{row['发布时间']} +0800", "%Y/%m/%d %H:%M %z")
        host = {"微博": "weibo.com", "微信": "mp.weixin.qq.com"}[row["平台"]]
        assert urlsplit(row["链接"]).netloc == host
        assert row["来源性质"] in {"原创", "转载", "转发"}
        assert bool(row["转载来源"]) == (row["来源性质"] != "原创")
        assert row["栏目"] in COLUMNS
        assert row["账号"]
        assert row["标题"]
        assert int(row["阅读数"]) > 0
