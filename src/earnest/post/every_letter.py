"""All letters that a duty of kind `mail` can ask for, by the name of their template."""

from collections.abc import Callable
from typing import Final

from earnest.post import letters
from earnest.post.letters import About, Letter
from earnest.post.letters_heirs import HEIR_LETTERS
from earnest.post.letters_legal import LEGAL_LETTERS
from earnest.post.letters_passing import PASSING_LETTERS
from earnest.post.letters_refunds import REFUND_LETTERS
from earnest.post.letters_slips import SLIP_LETTERS

LETTERS: Final[dict[str, Callable[[About], Letter]]] = {
    **letters.LETTERS,
    **REFUND_LETTERS,
    **PASSING_LETTERS,
    **HEIR_LETTERS,
    **SLIP_LETTERS,
    **LEGAL_LETTERS,
}
