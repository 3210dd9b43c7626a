"""XML from strangers, streamed: no document type, no entities, nothing too deep, too long or too many.

Expat itself, with the handlers that refuse, because it alone tells the exact line of each element, keeps nothing,
and refuses a document type at its first letter, before any entity of it could be declared (which is all that
`defusedxml` does, on a slower parser).
"""

from collections.abc import Callable, Iterable
from typing import Final
from xml.parsers import expat

from earnest.rails.bank.statement import Unreadable

DEPTH_MAX: Final = 40
TEXT_MAX: Final = 20_000
#: Elements that may be held at once: a statement's head, or one detail of an entry.
HELD_MAX: Final = 50_000
_HTML: Final = "it is an HTML page and no bank statement"


class Node:
    """One element: local name, line, attributes, text and children, in their order."""

    __slots__ = ("attributes", "children", "line", "name", "text")

    def __init__(self, name: str, line: int, attributes: dict[str, str]) -> None:
        self.name = name
        self.line = line
        self.attributes = attributes
        self.text = ""
        self.children: list[Node] = []

    def find(self, path: str) -> "Node | None":
        """The first element at a path of local names, `Acct/Id/IBAN`."""
        first, _, rest = path.partition("/")
        for child in self.children:
            if child.name == first:
                found = child.find(rest) if rest else child
                if found is not None:
                    return found
        return None

    def all(self, name: str) -> "list[Node]":
        """All children of a name."""
        return [child for child in self.children if child.name == name]

    def get(self, path: str) -> str:
        """The text at a path without spaces around it, or nothing."""
        found = self.find(path)
        return found.text.strip() if found else ""


class Reader:
    """Feeds a document through expat and hands out elements as they end.

    `root` is the name of the outermost element. `handed` names the elements that are given to
    `take(node, parents)` at their end and then forgotten, unless `take` returns True, which attaches them to their
    parent like any other. `parents` are the open elements around it, the root first. Raises Unreadable.
    """

    def __init__(self, root: str, handed: frozenset[str], take: Callable[[Node, list[Node]], bool]) -> None:
        self._root = root
        self._handed = handed
        self._take = take
        self._open: list[Node] = []
        self._held = 0
        self._held_at: list[int] = []
        self._words: list[str] = []
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._character_data
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._entity
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self._parser = parser

    def feed(self, chunks: Iterable[bytes]) -> None:
        """Parse a whole document, chunk after chunk."""
        try:
            for chunk in chunks:
                self._parser.Parse(chunk, False)
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise Unreadable(f"not well-formed XML ({expat.ErrorString(error.code)})", error.lineno) from None
        except (LookupError, UnicodeError, ValueError) as error:
            raise Unreadable(f"its encoding cannot be read ({error})", self._line) from None

    @property
    def _line(self) -> int:
        return self._parser.CurrentLineNumber

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        line = self._parser.CurrentLineNumber
        local = name.rpartition(":")[2] if ":" in name else name
        if not self._open and local != self._root:
            if local.lower() == "html":
                raise Unreadable(_HTML, line)
            raise Unreadable(f"its outermost element is {local[:40]} and not {self._root}", line)
        if len(self._open) >= DEPTH_MAX:
            raise Unreadable(f"elements are nested more than {DEPTH_MAX} deep", line)
        self._held_at.append(self._held)
        self._held += 1
        if self._held > HELD_MAX:
            raise Unreadable("one element has too many elements inside", line)
        self._words.clear()
        self._open.append(Node(local, line, attributes))

    def _character_data(self, data: str) -> None:
        self._words.append(data)
        if sum(map(len, self._words)) > TEXT_MAX:
            raise Unreadable(f"a text is longer than {TEXT_MAX} letters", self._line)

    def _end(self, _: str) -> None:
        node = self._open.pop()
        held = self._held_at.pop()
        if not node.children:
            node.text = "".join(self._words)
        self._words.clear()
        if node.name in self._handed and not self._take(node, self._open):
            self._held = held
        elif self._open:
            self._open[-1].children.append(node)

    def _doctype(self, name: str, *_: object) -> None:
        if name.lower() == "html":
            raise Unreadable(_HTML, self._line)
        raise Unreadable("it has a document type (DTD), which no bank statement has", self._line)

    def _entity(self, *_: object) -> None:
        raise Unreadable("it declares an entity, which no bank statement does", self._line)
