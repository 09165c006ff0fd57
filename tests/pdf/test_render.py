"""Every document: text, pages, fonts, bytes that repeat, and input that must not pass."""

import base64
import dataclasses
import io
import json
import struct
import zlib

import pytest
from pypdf import PdfReader

from jinbang.pdf import data as docs
from jinbang.pdf import render as rendering
from jinbang.pdf import samples
from jinbang.pdf.render import KINDS, TEMPLATE_VERSIONS, TEMPLATES, GlyphMissingError, payload, render, render_stored

SAMPLES = samples.samples()


def read(pdf):
    return PdfReader(io.BytesIO(pdf))


def text_of(pdf):
    return "".join(page.extract_text() for page in read(pdf).pages).replace(" ", "").replace("\u3000", "")


def strings(value):
    if isinstance(value, str):
        return [value] if value else []
    if isinstance(value, dict):
        return [s for k, v in value.items() if k not in ("photo", "qr") for s in strings(v)]
    return [s for v in value for s in strings(v)] if isinstance(value, list) else []


def fonts_of(pdf):
    found = {}
    for page in read(pdf).pages:
        for font in page["/Resources"]["/Font"].values():
            inner = font["/DescendantFonts"][0].get_object()
            found[font["/BaseFont"].split("+")[1]] = "/FontFile3" in inner["/FontDescriptor"]
    return found


@pytest.mark.parametrize("kind", list(TEMPLATE_VERSIONS))
def test_everything_that_goes_in_can_be_read(kind):
    pdf = render(kind, SAMPLES[kind])
    shown = text_of(pdf).replace("\n", "")
    words = [s for s in strings(payload(kind, SAMPLES[kind])) if s not in ("taken", "spare", "unused", "broken")]
    lost = [w for w in words if w.replace(" ", "").replace("\u3000", "").casefold() not in shown.casefold()]
    # A cell may break a long word over two lines in between; then its halves are there.
    assert [w for w in lost if w.replace(" ", "")[:5].casefold() not in shown.casefold()] == []
    assert len(lost) <= len(words) // 20


@pytest.mark.parametrize(
    ("kind", "pages"),
    [
        ("ticket", 1), ("door_sign", 1), ("sign_in_sheet", 1), ("seat_map", 1), ("desk_label", 2), ("banner", 1),
        ("room_minutes", 1), ("result_slip", 1), ("certificate", 1), ("fee_statement", 1), ("pilot_application", 1),
    ],
)  # fmt: skip
def test_pages(kind, pages):
    assert len(read(render(kind, SAMPLES[kind])).pages) == pages


@pytest.mark.parametrize("kind", list(TEMPLATE_VERSIONS))
def test_fonts_are_chinese_and_embedded(kind):
    found = fonts_of(render(kind, SAMPLES[kind]))
    assert set(found) <= {"NotoSerifSC-Regular-Identity-H", "NotoSansSC-Regular-Identity-H"} | {
        "NotoSerifSC-Regular", "NotoSansSC-Regular",
    }  # fmt: skip
    assert found
    assert all(found.values())


@pytest.mark.parametrize("kind", list(TEMPLATE_VERSIONS))
def test_same_input_same_bytes_whatever_came_before(kind):
    first = render(kind, SAMPLES[kind])
    render("ticket", samples.tickets(2, 2, first=7))
    stored = json.loads(json.dumps(payload(kind, SAMPLES[kind])))
    assert render_stored(kind, TEMPLATE_VERSIONS[kind], stored) == first


def test_every_kind_has_type_template_and_sample():
    assert set(KINDS) == set(TEMPLATE_VERSIONS) == set(SAMPLES)
    assert all((TEMPLATES / f"{kind}.v{v}.typ").is_file() for kind, v in TEMPLATE_VERSIONS.items())


@pytest.mark.parametrize(("count", "per_page", "pages"), [(3, 1, 3), (3, 2, 2), (4, 4, 1), (5, 4, 2)])
def test_tickets_per_page(count, per_page, pages):
    pdf = render("ticket", samples.tickets(count, per_page))
    assert len(read(pdf).pages) == pages
    shown = text_of(pdf)
    assert all(samples.ticket(n + 1).ticket_number in shown for n in range(count))


@pytest.mark.parametrize("rows", [1, 40, 60])
def test_forty_fit_on_one_sign_in_sheet(rows):
    sheet = SAMPLES["sign_in_sheet"]
    lines = tuple(dataclasses.replace(sheet.rows[0], seat=str(n)) for n in range(rows))
    pdf = render("sign_in_sheet", dataclasses.replace(sheet, rows=lines))
    assert len(read(pdf).pages) == (2 if rows > 40 else 1)


@pytest.mark.parametrize("per_page", [1, 2, 4])
def test_long_rules_shrink_instead_of_spilling(per_page):
    sheet = samples.tickets(4, per_page)
    many = tuple(f"第 {n} 条：" + "考生应当服从监考员的安排，" * 3 for n in range(9))
    pdf = render("ticket", dataclasses.replace(sheet, rules=many))
    assert len(read(pdf).pages) == 4 // per_page
    assert "第8条" in text_of(pdf)


def test_text_is_never_markup():
    evil = '#panic("x") *bold* $x$ `raw` \\ <label> @ref'
    name = dataclasses.replace(samples.certificate(), statement=evil)
    assert '#panic("x")*bold*$x$`raw`\\<label>@ref' in text_of(render("certificate", name)).replace("\n", "")


def test_rare_characters_in_names():
    covered = dataclasses.replace(samples.certificate(), name="龘䶮㛃𫍲")
    assert "龘䶮㛃𫍲" in text_of(render("certificate", covered))
    with pytest.raises(GlyphMissingError, match="U\\+2A6A5") as caught:
        render("certificate", dataclasses.replace(covered, name="李𪚥"))
    assert caught.value.characters == ("𪚥",)


def test_other_documents_spell_the_character_out():
    label = docs.DeskLabel("第 1 考场", "01", "李𪚥", "0100010001000101", "初级")
    assert "李[U+2A6A5]" in text_of(render("desk_label", docs.DeskLabels("考试", (label,))))


def png():
    def chunk(tag, body):
        return struct.pack(">L", len(body)) + tag + body + struct.pack(">L", zlib.crc32(tag + body))

    rows = zlib.compress(b"".join(b"\0" + b"\x20\x40\x80" * 30 for _ in range(42)))
    header = struct.pack(">LLBBBBB", 30, 42, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def images_in(pdf):
    found = []

    def walk(resources):
        for thing in resources.get("/XObject", {}).values():
            thing = thing.get_object()
            if thing["/Subtype"] == "/Image":
                found.append((thing["/Width"], thing["/Height"]))
            else:
                walk(thing.get("/Resources", {}))

    walk(read(pdf).pages[0]["/Resources"])
    return found


def test_photo_is_printed():
    photo = "data:image/png;base64," + base64.b64encode(png()).decode()
    pdf = render("certificate", dataclasses.replace(samples.certificate(), photo=photo))
    assert (30, 42) in images_in(pdf)
    assert "照片" not in text_of(pdf)


@pytest.mark.parametrize(
    "photo", ["file:///etc/passwd", "data:image/svg+xml;base64,AAAA", 'data:image/png;base64,AA"/><x']
)
def test_a_photo_is_data_and_nothing_else(photo):
    with pytest.raises(ValueError, match="photo"):
        render("certificate", dataclasses.replace(samples.certificate(), photo=photo))


@pytest.mark.parametrize(("kind", "template"), [("nothing", "1"), ("ticket", "../1"), ("ticket", "")])
def test_unknown_templates_are_refused(kind, template):
    with pytest.raises(ValueError, match="no such template"):
        render_stored(kind, template, {})


def test_kind_and_data_must_agree():
    with pytest.raises(TypeError, match="TicketSheet"):
        render("ticket", SAMPLES["certificate"])
    with pytest.raises(ValueError, match="a page"):
        samples.tickets(1, 3)
    with pytest.raises(ValueError, match="banner"):
        docs.Banner("x", width_cm=501)


def test_creation_date_is_fixed_and_title_set():
    meta = read(render("certificate", samples.certificate(3))).metadata
    assert meta["/CreationDate"].startswith("D:20220101000000")
    assert meta.title == "职业技能等级证书 ZH20221000003K"


def test_banner_size():
    box = read(render("banner", docs.Banner("欢迎", 300, 60))).pages[0].mediabox
    assert round(float(box.width) / 72 * 2.54) == 300
    assert round(float(box.height) / 72 * 2.54) == 60


def test_engine_names_its_parts():
    assert rendering.engine().startswith("typst ")
    assert "pylopdf-fonts-zh-cn" in rendering.engine()
