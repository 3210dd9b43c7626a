"""The subjects `operator` and `keys`: that the book was opened, and which keys sign for it."""

from dataclasses import dataclass, replace

from earnest.core.acts import Act


@dataclass(frozen=True)
class Register:
    """What those acts left: the book's mode and origin, and verifier keys by role."""

    n: int = 0
    mode: str = ""
    origin: str = ""
    keys: tuple[tuple[str, str], ...] = ()


def fold(register: Register | None, act: Act) -> Register:
    """The register after one more act. Raises ValueError for an act that has no place here."""
    register = replace(register or Register(), n=(register.n if register else 0) + 1)
    match act.type:
        case "book.opened":
            if register.mode:
                raise ValueError("a book is opened once, test or live, for ever")
            return replace(register, mode=act.text("mode"), origin=act.text("origin"))
        case "keys.introduced":
            return replace(register, keys=(*register.keys, (act.text("role"), act.text("vkey"))))
        case _:
            raise ValueError(f"{act.type} is no act of the book")
