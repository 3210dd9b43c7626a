"""A letter in words: what `core.letters` made as codes, in the reader's language, for mails, paper and the screen."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from django.utils import translation
from django.utils.translation import gettext as _

from earnest.book import clock, facts, law, reads
from earnest.core.acts import Act
from earnest.core.instants import day as read_day
from earnest.core.letters import kinds
from earnest.core.letters.content import Amount, Content
from earnest.core.letters.kinds import KINDS
from earnest.core.letters.words import HEADS, MARKS, NOT_ADVICE, PARAGRAPHS, TITLES
from earnest.core.letters.writing import all_of, case_of, known, write
from earnest.core.offer import Offer
from earnest.core.refusals import Refusal
from earnest.core.reservation import Address, Identity, Reservation
from earnest.core.rights.answers import Ground, Line, NotComputable
from earnest.core.rights.days import today
from earnest.core.rights.facts import Facts, Today
from earnest.core.rights.gather import as_of, facts_of
from earnest.core.rights.words import SENTENCES
from earnest.core.rights.words import spoken as parameters
from earnest.post.words import country, day, money

LANGUAGES: Final = ("en", "fr")
#: The letter that an act is, where the act does not name it.
_OF_ACT: Final = {"notice.received": kinds.FORMAL_NOTICE, "cancellation.requested": kinds.RESOLUTION}


@dataclass(frozen=True)
class Source:
    """A text that a letter rests on: its citation with how far it was confirmed, and the computation by it."""

    citation: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Spoken:
    """A letter in words. `sums` are (what, how much); `holder_lines` name and address the holder."""

    code: str
    language: str
    number: str
    on: date
    title: str
    holder: str
    holder_lines: tuple[str, ...]
    maker_writes: bool
    paragraphs: tuple[str, ...]
    sums: tuple[tuple[str, str], ...]
    totals: tuple[str, ...]
    sources: tuple[Source, ...]
    note: str

    def text(self) -> str:
        """As plain text."""
        table = [f"  {what}: {how_much}" for what, how_much in self.sums]
        table += [f"  {_('Together')}: {total}" for total in self.totals]
        sources = [line for each in self.sources for line in (each.citation, *(f"  {x}" for x in each.lines))]
        blocks = [self.title, f"{self.number}, {day(self.on)}", *self.paragraphs]
        blocks += ["\n".join(part) for part in (table, sources) if part]
        return "\n\n".join([*blocks, self.holder if not self.maker_writes else "", self.note]).strip() + "\n"


def letter(
    number: str, code: str, language: str, *, on: date | None = None, extra_time_ends_on: date | None = None
) -> Spoken:
    """The letter of a kind as the law gives it now, or on a day. Raises Missing, and Refused where it does not."""
    state, offer = _read(number)
    known_, days = _known(state, offer, on)
    case = case_of(
        law.current(), state, offer, known_, days, language=language, extra_time_ends_on=extra_time_ends_on
    )
    return spoken(write(code, case), state, language)


def possible(number: str, sender: str, language: str) -> list[tuple[str, str, Refusal | None]]:
    """The letters that one side writes: (code, title, why not today)."""
    state, offer = _read(number)
    known_, days = _known(state, offer, None)
    case = case_of(law.current(), state, offer, known_, days, language=language)
    with translation.override(language):
        return [
            (code, _(TITLES[code]), made if isinstance(made, Refusal) else None)
            for code, made in all_of(case).items()
            if KINDS[code].sender == sender
        ]


def of_act(act: Act, state: Reservation, offer: Offer, language: str) -> Spoken:
    """The letter that an act sent, as it was on its day: what came by it and after it is left out."""
    code = act.text("letter") if act.type == "letter.sent" else _OF_ACT[act.type]
    written_on = act.get("dated_on") or act.get("received_on")
    on = read_day(str(written_on)) if written_on else today(facts_of(state, offer), act.at).rights
    extra = act.get("extra_time_ends_on")
    days = Today(on, on)
    before = known(state, offer, days)
    if code == kinds.FORMAL_NOTICE:
        before = replace(before, notice=None, ended=None)
    elif KINDS[code].needs != "ended":
        before = replace(before, ended=None)
    case = case_of(
        law.current(),
        *(state, offer, before, days),
        language=language,
        extra_time_ends_on=read_day(str(extra)) if extra else None,
    )
    return spoken(write(code, case), state, language)


def _read(number: str) -> tuple[Reservation, Offer]:
    state = reads.reservation(number)
    return state, reads.offer(state.offer).offer


def _known(state: Reservation, offer: Offer, on: date | None) -> tuple[Facts, Today]:
    whole = facts.of(state.number)
    days = Today(on, on) if on else today(whole, clock.now())
    return as_of(whole, days.duties), days


def spoken(content: Content, state: Reservation, language: str) -> Spoken:
    """What a letter says in `en` or `fr`."""
    with translation.override(language):
        return Spoken(
            code=content.kind.code,
            language=language,
            number=content.number,
            on=content.on,
            title=_(TITLES[content.kind.code]),
            holder=state.identity.name if isinstance(state.identity, Identity) else "",
            holder_lines=_lines(state),
            maker_writes=content.kind.sender == kinds.MAKER,
            paragraphs=tuple(_paragraph(each) for each in content.paragraphs),
            sums=tuple(
                (
                    _(HEADS[each.kind]) + (f" ({_lacks(each.missing)})" if each.missing else ""),
                    money(each.amount_minor, each.currency),
                )
                for each in content.sums
            ),
            totals=tuple(money(content.total_minor(each), each) for each in content.currencies),
            sources=tuple(_source(each, content, language) for each in content.grounds),
            note=_(NOT_ADVICE),
        )


def _lines(state: Reservation) -> tuple[str, ...]:
    """Name and address, as far as they are known."""
    found = [state.identity.name] if isinstance(state.identity, Identity) else []
    if isinstance(state.address, Address):
        given = state.address
        town = " ".join(filter(None, (given.postcode, given.city)))
        found += [given.street, given.street_more, town, country(state.buyer.residence)]
    return tuple(filter(None, found))


def _paragraph(each: Line) -> str:
    return _(PARAGRAPHS[each.code]) % {name: _word(value) for name, value in each.params.items()}


def _word(value: object) -> str:
    match value:
        case date():
            return day(value)
        case tuple():
            return " + ".join(money(*each) for each in value if isinstance(each, Amount))
        case _:
            return str(value)


def _lacks(missing: NotComputable) -> str:
    since = day(missing.first_missing_day) if missing.first_missing_day else "–"
    return _("from %(day)s on: rate not yet entered") % {"day": since}


def _source(ground: Ground, content: Content, language: str) -> Source:
    rule = law.current().rule(ground.rule)
    cited = rule.cited_in(language) if rule else ground.citation
    currency = content.currencies[0] if content.currencies else "EUR"
    lines = [_(SENTENCES[each.code]) % parameters(each.params, currency) for each in ground.lines]
    return Source(f"{cited} ({_(MARKS[ground.mark])})", tuple(lines))


def plain(said: Spoken) -> dict[str, Any]:
    """For programs."""
    return {
        "letter": said.code,
        "language": said.language,
        "number": said.number,
        "on": said.on.isoformat(),
        "title": said.title,
        "paragraphs": list(said.paragraphs),
        "sums": [list(each) for each in said.sums],
        "totals": list(said.totals),
        "sources": [{"citation": each.citation, "lines": list(each.lines)} for each in said.sources],
        "note": said.note,
    }
