"""A workbook, written row by row: the few parts of Office Open XML (ECMA-376, part 1, 12.3 and 18) that a table needs.

Nothing is kept in memory but the row in hand. Text stands in its cell, so a value that begins with `=` is never a
formula. A sheet that is full is continued on another.
"""

import re
import zipfile
from collections.abc import Iterable
from typing import IO, Any, Final, Self
from xml.sax.saxutils import escape, quoteattr

#: Rows that a sheet of the common programs can hold (18.3.1.73; their own limit).
ROWS: Final = 1_048_576
#: An amount of money: minor units, and digits after the point.
Cell = str | int | tuple[int, int]

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
#: Number formats for 0, 2 and 3 digits after the point: styles 1, 2 and 3; style 4 is a head.
_STYLES: Final = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="#,##0.000"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="5"><xf/><xf numFmtId="3" applyNumberFormat="1"/><xf numFmtId="4" applyNumberFormat="1"/>'
    '<xf numFmtId="164" applyNumberFormat="1"/><xf fontId="1" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_STYLE_OF: Final = {0: 1, 2: 2, 3: 3}
#: What XML 1.0 cannot carry.
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class Workbook:
    """Write with `sheet`, then `row` after `row`; leaving the context writes the rest."""

    def __init__(self, into: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        self._names: list[str] = []
        self._part: IO[bytes] | None = None
        self._title = ""
        self._columns: tuple[str, ...] = ()
        self._row = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: Any, *rest: Any) -> None:
        self._close_sheet()
        if kind is None:
            self._write_frame()
        self._zip.close()

    def sheet(self, title: str, columns: tuple[str, ...]) -> None:
        """Begin a sheet with a row of heads."""
        self._title, self._columns = title, columns
        self._open_sheet(title)

    def row(self, cells: Iterable[Cell]) -> None:
        """Add a row."""
        if self._row >= ROWS:
            more = sum(1 for name in self._names if name.startswith(self._title)) + 1
            self._open_sheet(f"{self._title} {more}")
        self._write_row(_cell(each) for each in cells)

    def _open_sheet(self, name: str) -> None:
        self._close_sheet()
        self._names.append(name)
        part = self._zip.open(f"xl/worksheets/sheet{len(self._names)}.xml", "w", force_zip64=True)
        pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        part.write(
            f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">{pane}</sheetView>'
            '</sheetViews><sheetFormatPr defaultRowHeight="15"/>'
            f'<cols><col min="1" max="{len(self._columns)}" width="18" customWidth="1"/></cols><sheetData>'.encode()
        )
        self._part, self._row = part, 0
        self._write_row(_text(name, 4) for name in self._columns)

    def _write_row(self, cells: Iterable[str]) -> None:
        assert self._part is not None
        self._row += 1
        self._part.write(f'<row r="{self._row}">{"".join(cells)}</row>'.encode())

    def _close_sheet(self) -> None:
        if self._part is not None:
            self._part.write(b"</sheetData></worksheet>")
            self._part.close()
            self._part = None

    def _write_frame(self) -> None:
        numbered = list(enumerate(self._names, start=1))
        sheets = "".join(
            f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"/>' for n, name in numbered
        )
        related = [(f"rId{n}", "worksheet", f"worksheets/sheet{n}.xml") for n, _ in numbered]
        related.append((f"rId{len(numbered) + 1}", "styles", "styles.xml"))
        parts = [("xl/workbook.xml", f"{_TYPE}.sheet.main+xml"), ("xl/styles.xml", f"{_TYPE}.styles+xml")]
        parts += [(f"xl/worksheets/sheet{n}.xml", f"{_TYPE}.worksheet+xml") for n, _ in numbered]
        overrides = "".join(f'<Override PartName="/{part}" ContentType="{type}"/>' for part, type in parts)
        frame = {
            "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": _relations(related),
            "_rels/.rels": _relations([("rId1", "officeDocument", "xl/workbook.xml")]),
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>',
        }
        self._zip.writestr("xl/styles.xml", _STYLES)
        for name, body in frame.items():
            self._zip.writestr(name, _HEAD + body)


def _relations(rows: list[tuple[str, str, str]]) -> str:
    each = "".join(
        f'<Relationship Id="{id}" Type="{_OFFICE}/{kind}" Target="{target}"/>' for id, kind, target in rows
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{each}</Relationships>'


def _cell(value: Cell) -> str:
    if isinstance(value, tuple):
        minor, places = value
        whole, rest = divmod(abs(minor), 10**places)
        written = f"{'-' if minor < 0 else ''}{whole}" + (f".{rest:0{places}d}" if places else "")
        return f'<c s="{_STYLE_OF[places]}"><v>{written}</v></c>'
    return f"<c><v>{value}</v></c>" if isinstance(value, int) else _text(value)


def _text(value: str, style: int = 0) -> str:
    clean = escape(_UNWRITABLE.sub("\ufffd", value))
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{clean}</t></is></c>'
