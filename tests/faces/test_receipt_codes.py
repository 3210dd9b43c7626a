"""Receipts as QR codes: whatever carries one gives the receipt's exact text back to a reader that is not ours."""

import re
import struct
import zlib
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest
import zxingcpp
from django.utils import translation

from earnest.book import clock, export, models, outbox, reads
from earnest.post import codes
from earnest.post.letters import TO_OPERATORS
from earnest.record.verify import verify_story
from earnest.web.telling.forms import written
from tests.faces.console_desk import logged_in
from tests.faces.visitor import inside
from tests.scene import book as book
from tests.scene import cancel, pay, place, work


def pixels(png: bytes) -> memoryview:
    """A greyscale PNG of one bit a pixel, filters None and Up, as segno writes it (PNG, sections 9 and 11.2.1)."""
    width, height, depth, colour = struct.unpack(">IIBB", png[16:26])
    assert (depth, colour) == (1, 0)
    found, at = b"", 8
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at : at + 8])
        found += png[at + 8 : at + 8 + size] if kind == b"IDAT" else b""
        at += size + 12
    rows, step = zlib.decompress(found), (width + 7) // 8
    grey, above = bytearray(), bytes(step)
    for y in range(height):
        kind, row = rows[y * (step + 1)], rows[y * (step + 1) + 1 : (y + 1) * (step + 1)]
        assert kind in (0, 2)
        above = bytes((each + up) % 256 for each, up in zip(row, above, strict=True)) if kind else row
        grey += bytes(255 * (above[x // 8] >> (7 - x % 8) & 1) for x in range(width))
    return memoryview(bytes(grey)).cast("B", (height, width))


def drawn(svg: str) -> memoryview:
    """The squares of one of our SVGs: lines one module high, moved to relatively (SVG 2, section 9.3)."""
    side = int(re.search(r'viewBox="0 0 (\d+) \d+"', svg)[1])  # type: ignore[index]
    scale = 4
    grey = bytearray(b"\xff" * (side * scale) ** 2)
    x = y = 0.0
    path = re.findall(r'<path[^>]* d="(M[^"]+)"', svg)[-1]
    for step, numbers in re.findall(r"([Mmh])([^Mmh]+)", path):
        given = [float(each) for each in re.findall(r"-?[\d.]+", numbers)]
        if step == "h":
            for row in range(int(y) * scale, int(y + 1) * scale):
                start = row * side * scale + int(x) * scale
                grey[start : start + int(given[0]) * scale] = bytes(int(given[0]) * scale)
            x += given[0]
        else:
            x, y = (given[0], given[1]) if step == "M" else (x + given[0], y + given[1])
    return memoryview(bytes(grey)).cast("B", (side * scale, side * scale))


def read(image: memoryview) -> str:
    found = zxingcpp.read_barcodes(image)
    assert len(found) == 1
    return bytes(found[0].bytes).decode()


@pytest.fixture
def number(book: clock.ManualClock) -> Iterator[str]:
    number = place()
    pay(number)
    work()
    yield number


def test_text_beyond_ascii_and_the_longest_origin_come_back_too() -> None:
    for text in (
        "é — x\n",
        f"{'a' * 253}\nreceipt\n{'B' * 44}\n123456\n{'C' * 44}\n\n— {'a' * 253} {'D' * 92}\n",
    ):
        assert read(pixels(codes.png(text))) == read(drawn(codes.svg(text))) == text
        assert codes.png(text) == codes.png(text)


@pytest.mark.django_db
def test_a_mail_carries_the_code_of_its_receipt_and_the_text_below(number: str) -> None:
    written_to = models.Mail.objects.exclude(template__in=TO_OPERATORS)
    assert written_to.count() >= 2
    for row in written_to:
        raw = outbox.kept(row.key)
        assert raw
        message = message_from_bytes(raw, policy=SMTP)
        assert isinstance(message, EmailMessage)
        html, text = (message.get_body((kind,)) for kind in ("html", "plain"))
        assert html and text
        (picture,) = [part for part in message.walk() if part.get_content_type() == "image/png"]
        scanned = read(pixels(picture.get_payload(decode=True)))
        assert scanned.strip() in text.get_content().replace("\r\n", "\n")
        assert scanned.splitlines()[4] in html.get_content()
        assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in html.get_content()
        shape = [part.get_content_type() for part in message.walk()]
        assert shape == ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]
        assert verify_story(export.story(number), clock.now(), receipts=[scanned]).ok
        lines = scanned.split("\n")
        another = "\n".join([*lines[:3], str(int(lines[3]) + 1), *lines[4:]])
        assert not verify_story(export.story(number), clock.now(), receipts=[another]).ok


@pytest.mark.django_db
def test_operators_see_the_mail_with_its_picture_and_nothing_is_fetched(number: str) -> None:
    row = models.Mail.objects.exclude(template__in=TO_OPERATORS).first()
    assert row
    answer = logged_in().get(f"/console/outbox/{row.pk}/html/")
    shown = answer.content.decode()
    assert "cid:" not in shown and 'src="data:image/png;base64,' in shown
    assert "img-src data:" in answer.headers["Content-Security-Policy"]


@pytest.mark.django_db
def test_every_receipt_on_the_customers_pages_has_its_code(number: str) -> None:
    cancel(number)
    acts = reads.acts("reservation", number)
    client = inside(number)
    shown = client.get(f"/my/{number}/acts/").content.decode()
    found = [read(drawn(svg)) for svg in re.findall(r"<svg.*?</svg>", shown, re.DOTALL)]
    assert found == [reads.receipt("reservation", number, seq) for seq in range(len(acts))]
    for page in ("", "cancelled/"):
        shown = client.get(f"/my/{number}/{page}").content.decode()
        svgs = [each for each in re.findall(r"<svg.*?</svg>", shown, re.DOTALL) if 'class="qr"' in each]
        (scanned,) = [read(drawn(each)) for each in svgs]
        assert scanned == reads.receipt("reservation", number, int(scanned.splitlines()[3]))


@pytest.mark.django_db
def test_paper_has_the_receipt_of_all_its_acts(number: str) -> None:
    with translation.override("en"):
        made = written(export.story(number), "pdf", "en")
    assert made.startswith(b"%PDF-1.7") and made == written(export.story(number), "pdf", "en")
