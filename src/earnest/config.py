"""Every setting of Earnest: one table, read once at start from the environment, typed and checked.

`docs/settings.md` is printed from SETTINGS, and `./earnest settings` shows the values in force.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from earnest.core import payee
from earnest.record.notes import COSIGNATURE, BadNote, Verifier

PREFIX = "EARNEST_"
BOOK_FILE = "earnest.sqlite3"
DEMO_ORIGIN = "demo.corvane.example"
#: Published, like everything of the demonstration: the double's API key and webhook secret.
DEMO_BANK = "Corvane Works, IBAN FR76 3000 6000 0112 3456 7890 189, BIC EARNFRP1"
#: Whose books they are.
DEMO_ACCOUNTS = Path(__file__).parent / "demo" / "accounts.toml"
DEMO_STRIPE = ("sk_test_demonstration", "whsec_demonstration")
ROOT = Path(__file__).resolve().parents[2]


class BadSetting(Exception):
    """A setting that cannot be used; its text is one sentence for the person who set it."""


@dataclass(frozen=True)
class Tsa:
    """A time stamping authority: its name in policies and stories, where to ask, and the SHA-256 of its stamping
    certificate or of one of its issuers."""

    name: str
    url: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.name}={self.url}#{self.sha256}"


@dataclass(frozen=True)
class Config:
    """The settings in force. Field `base_url` is the setting EARNEST_BASE_URL, and so on."""

    data: Path
    database_url: str
    host: str
    port: int
    base_url: str
    origin: str
    secret_key: str
    debug: bool
    allowed_hosts: tuple[str, ...]
    languages: tuple[str, ...]
    stripe_secret_key: str
    stripe_webhook_secret: str
    stripe_api_base: str
    email_url: str
    mail_from: str
    bank_account: str
    accounts: Path
    card_hold_minutes: int
    transfer_hold_days: int
    refund_pause_minutes: int
    account_limit_major: int
    order_limit_major: int
    card_refund_days: int
    may_pass_on: bool
    second_operator_major: int
    retention_days: tuple[tuple[str, int], ...]
    readings: tuple[tuple[str, str], ...]
    seal_seconds: int
    seal_acts: int
    reserves_days: int
    witnesses: tuple[tuple[str, str], ...]
    auditors: tuple[tuple[str, str], ...]
    tsas: tuple[Tsa, ...]
    log_level: str
    #: The demonstration is in use: the data folder holds no book, and no database was named.
    demo: bool = False


def _text(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise ValueError("must be one line of text, not empty")
    return value.strip()


def _secret(value: str) -> str:
    if not value.strip():
        raise ValueError("is set but empty: give it a value or remove it")
    return value


def _folder(value: str) -> Path:
    path = Path(_text(value)).expanduser()
    if path.exists() and not path.is_dir():
        raise ValueError(f"must be a folder, and {path} is a file")
    return path.absolute()


def _file(value: str) -> Path:
    path = Path(_text(value)).expanduser()
    if path.is_dir():
        raise ValueError(f"must be a file, and {path} is a folder")
    return path.absolute()


def _yes_no(value: str) -> bool:
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if value.strip().lower() not in words:
        raise ValueError(f"must be true or false, not {value!r}")
    return words[value.strip().lower()]


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not value.strip().isascii() or not value.strip().isdigit() or not low <= int(value) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}, not {value!r}")
        return int(value)

    return parse


def _words(value: str) -> tuple[str, ...]:
    words = tuple(word.strip() for word in value.split(",") if word.strip())
    if not words:
        raise ValueError("must name at least one, separated by commas")
    return words


def _languages(value: str) -> tuple[str, ...]:
    known = ("en", "fr")
    words = _words(value)
    if unknown := [word for word in words if word not in known]:
        raise ValueError(f"has {', '.join(unknown)}, and Earnest speaks {', '.join(known)}")
    return words


def _url(*schemes: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        try:
            parts = urlsplit(value.strip())
            usable = parts.scheme in schemes and (parts.netloc or parts.path.strip("/") or parts.port)
        except ValueError:
            usable = False
        if not usable:
            raise ValueError("must be an address that starts with " + " or ".join(f"{s}://" for s in schemes))
        return value.strip().rstrip("/")

    return parse


def _email_url(value: str) -> str:
    if value.strip() in ("console:", "console"):
        return "console:"
    return _url("smtp", "smtps", "file")(value)


def _origin(value: str) -> str:
    # A key name of a signed note: C2SP signed-note, no space and no plus sign.
    if not value or "+" in value or any(c.isspace() or not c.isprintable() for c in value):
        raise ValueError("must be a name without spaces or plus signs, such as reserve.example.com")
    return value


def _cosigners(value: str) -> tuple[tuple[str, str], ...]:
    found = []
    for each in _words(value):
        parts = each.split()
        if len(parts) != 2:
            raise ValueError("must be pairs of a verifier key and an address, separated by commas")
        try:
            if Verifier.parse(parts[0]).type != COSIGNATURE:
                raise ValueError("has a key that is none for cosignatures")
        except BadNote as error:
            raise ValueError(f"has a key that cannot be used: {error}") from None
        found.append((parts[0], _url("http", "https")(parts[1])))
    return tuple(found)


def _retention(value: str) -> tuple[tuple[str, int], ...]:
    found = []
    for each in _words(value):
        name, _, days = each.partition("=")
        known = name in ("identity", "contact", "bank", "text", "statement")
        if (
            not known
            or not days.isascii()
            or not days.isdecimal()
            or not 1 <= len(days) <= 5
            or int(days) < 1
        ):
            raise ValueError("must be such as contact=1095,bank=400: a class of data, and days from 1 on")
        found.append((name, int(days)))
    return tuple(found)


def _readings(value: str) -> tuple[tuple[str, str], ...]:
    # Only where it is set: whoever starts without it reads no file of the law here.
    from earnest.book.law_files import chosen
    from earnest.core.rights.law import BadLaw

    found: dict[str, str] = {}
    for each in _words(value):
        name, _, choice = (part.strip() for part in each.partition("="))
        if name in found:
            raise ValueError(f"names {name} twice")
        found[name] = choice
    readings = tuple(sorted(found.items()))
    try:
        chosen(readings)
    except BadLaw as error:
        raise ValueError(str(error)) from None
    return readings


def _tsas(value: str) -> tuple[Tsa, ...]:
    found: dict[str, Tsa] = {}
    for each in _words(value):
        name, _, rest = each.partition("=")
        url, _, digest = rest.rpartition("#")
        if not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", name) or not re.fullmatch(r"[0-9a-f]{64}", digest):
            raise ValueError(
                "must be NAME=ADDRESS#SHA256, separated by commas: a name of letters, digits, dots and dashes, and "
                "a certificate's fingerprint of 64 small hexadecimal digits"
            )
        if name in found:
            raise ValueError(f"names {name} twice")
        parts = urlsplit(_url("http", "https")(url))
        if parts.username is not None or not parts.hostname or any(map(str.isspace, url)):
            raise ValueError("has an address with a password, a space or no host in it")
        found[name] = Tsa(name, url, digest)
    return tuple(found.values())


def _bank_account(value: str) -> str:
    payee.read(_text(value))
    return value.strip()


def _log_level(value: str) -> str:
    levels = ("DEBUG", "INFO", "WARNING", "ERROR")
    if value.strip().upper() not in levels:
        raise ValueError(f"must be one of {', '.join(levels)}, not {value!r}")
    return value.strip().upper()


@dataclass(frozen=True)
class Setting:
    """One row of the table. `default` is the text to parse when the variable is not set.

    A default that starts with "(" is a sentence for the table; `load` works the value out.
    """

    name: str
    kind: str
    default: str
    meaning: str
    parse: Callable[[str], Any]

    @property
    def variable(self) -> str:
        return PREFIX + self.name.upper()

    @property
    def secret(self) -> bool:
        return self.kind == "secret"


SETTINGS = (
    Setting("data", "folder", "var", "Holds the SQLite file, the keys and the media of this book.", _folder),
    Setting(
        "database_url",
        "address",
        "(earnest.sqlite3 in the data folder)",
        "The database: `postgresql://user:password@host:port/name`, or `sqlite:////path/to/file`.",
        _url("sqlite", "postgresql"),
    ),
    Setting("host", "text", "127.0.0.1", "The address that the server listens on.", _text),
    Setting("port", "number", "8000", "The port that the server listens on.", _whole(1, 65535)),
    Setting(
        "base_url",
        "address",
        "(http://host:port)",
        "Where people reach this installation; links in mails start with it.",
        _url("http", "https"),
    ),
    Setting(
        "origin",
        "name",
        "(the host of the base URL)",
        "The name of the book in its record and in its keys, for good: `reserve.example.com`.",
        _origin,
    ),
    Setting(
        "secret_key",
        "secret",
        "(made once, in keys/secret of the data folder)",
        "Signs sessions and the cookies of the portal. Whoever knows it can open any reservation.",
        _secret,
    ),
    Setting(
        "debug",
        "yes or no",
        "false",
        "Shows errors with their source. Never where others can reach it.",
        _yes_no,
    ),
    Setting(
        "allowed_hosts",
        "list",
        "(the host of the base URL, localhost and 127.0.0.1)",
        "Host names that requests may ask for, separated by commas.",
        _words,
    ),
    Setting(
        "languages", "list", "en,fr", "Languages offered to visitors; the first is the default.", _languages
    ),
    Setting("stripe_secret_key", "secret", "(none: no card payments)", "Stripe's secret key.", _secret),
    Setting(
        "stripe_webhook_secret", "secret", "(none)", "Signing secret of Stripe's webhook endpoint.", _secret
    ),
    Setting(
        "stripe_api_base",
        "address",
        "https://api.stripe.com",
        "Where Stripe's API is; the demo and the tests give the address of the double.",
        _url("http", "https"),
    ),
    Setting(
        "email_url",
        "address",
        "(file: the folder mail in the data folder)",
        "How mail leaves: `smtp://user:password@host:587`, `smtps://…:465`, `file:///folder`, or `console:`.",
        _email_url,
    ),
    Setting("mail_from", "text", "(reservations@ the origin)", "The sender of every mail.", _text),
    Setting(
        "bank_account",
        "text",
        "(none: people are asked to write for it)",
        "Where customers transfer deposits to, in one line: `Boatyard, IBAN FR76 …, BIC ABCDFRPP`. With an IBAN, "
        "payment pages in euros show a code for banking apps; anything else is shown as it is.",
        _bank_account,
    ),
    Setting(
        "accounts",
        "file",
        "(accounts.toml in the data folder, if it is there)",
        "Whose books these are and how your accountant calls its accounts: docs/accounts.md.",
        _file,
    ),
    Setting(
        "card_hold_minutes", "number", "30", "Minutes a place is held for a card payment.", _whole(5, 24 * 60)
    ),
    Setting("transfer_hold_days", "number", "10", "Days a place is held for a transfer.", _whole(1, 90)),
    Setting(
        "refund_pause_minutes",
        "number",
        "60",
        "Minutes between a cancellation and its refund, in which it can be taken back.",
        _whole(0, 23 * 60),
    ),
    Setting(
        "account_limit_major",
        "number",
        "1000",
        "Largest refund, in whole units of its currency, paid at once to a first bank account.",
        _whole(0, 1_000_000),
    ),
    Setting(
        "order_limit_major",
        "number",
        "10000",
        "Largest payment order of refunds, in whole units of its currency, that one operator makes alone.",
        _whole(0, 10_000_000),
    ),
    Setting(
        "card_refund_days",
        "number",
        "0",
        "Days after which a payment no longer goes back to its card but to a bank account; 0: only the rail's limit.",
        _whole(0, 3650),
    ),
    Setting(
        "may_pass_on",
        "yes or no",
        "true",
        "Whether holders may pass a confirmed reservation on: your consent in advance (France: Code civil, art. 1216).",
        _yes_no,
    ),
    Setting(
        "second_operator_major",
        "number",
        "10000",
        "Above this sum, in whole units of its currency, a second operator confirms: many reservations given up at "
        "once, a deposit corrected.",
        _whole(0, 1_000_000_000),
    ),
    Setting(
        "retention_days",
        "list",
        "(docs/retention.md)",
        "Days that personal data is kept after a reservation is over, where it differs: `contact=1095,bank=400`; "
        "`statement` for a withdrawal that fits no reservation.",
        _retention,
    ),
    Setting(
        "readings",
        "list",
        "(docs/rights.md)",
        "Which reading of an open point of law is taken, where it differs: `fr-l242-4.first_tier=pro-rata`.",
        _readings,
    ),
    Setting(
        "seal_seconds",
        "number",
        "60",
        "Seconds that an act waits for a seal of the log, at most.",
        _whole(1, 3600),
    ),
    Setting(
        "seal_acts",
        "number",
        "1000",
        "So many waiting acts are sealed without waiting longer.",
        _whole(1, 100_000),
    ),
    Setting(
        "reserves_days",
        "number",
        "0",
        "Days after which the sealer states and publishes the reserves again; 0: only a person does.",
        _whole(0, 366),
    ),
    Setting(
        "witnesses",
        "list",
        "(none)",
        "Who signs beside the log: `VERIFIER-KEY ADDRESS` (C2SP tlog-witness), separated by commas.",
        _cosigners,
    ),
    Setting(
        "auditors",
        "list",
        "(none)",
        "As above, for those who replay every act before they sign: `./earnest audit`.",
        _cosigners,
    ),
    Setting(
        "tsas",
        "list",
        "(none)",
        "Who stamps the time of each seal (RFC 3161): `NAME=ADDRESS#SHA256`, separated by commas; the fingerprint is "
        "of the stamping certificate or of one of its issuers.",
        _tsas,
    ),
    Setting("log_level", "word", "INFO", "DEBUG, INFO, WARNING or ERROR.", _log_level),
)


def load(environ: Mapping[str, str]) -> Config:
    """Read and check all settings; raises BadSetting with one sentence at the first that cannot be used."""
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        text = environ.get(setting.variable, "" if setting.default.startswith("(") else setting.default)
        if setting.variable not in environ and not text:
            values[setting.name] = () if setting.kind == "list" else ""
            continue
        try:
            values[setting.name] = setting.parse(text)
        except ValueError as error:
            raise BadSetting(f"{setting.variable} {error}.") from None
    _refuse_unknown(environ)
    if values["stripe_secret_key"] and not values["stripe_webhook_secret"]:
        # An unsigned webhook is refused, so payments would go unheard: better not to start.
        raise BadSetting("EARNEST_STRIPE_WEBHOOK_SECRET must be set where EARNEST_STRIPE_SECRET_KEY is.")
    values["demo"] = not values["database_url"] and not (values["data"] / BOOK_FILE).exists()
    if values["demo"]:
        _demonstration(values)
    return Config(**_with_defaults(values))


def _demonstration(values: dict[str, Any]) -> None:
    """The demonstration is a book of its own: its folder, its origin, its published secrets, and no real money."""
    if values["stripe_secret_key"].startswith(("sk_live_", "rk_live_")):
        raise BadSetting("EARNEST_STRIPE_SECRET_KEY is a live key, and a demonstration takes none.")
    if values["email_url"].startswith(("smtp:", "smtps:")):
        raise BadSetting("EARNEST_EMAIL_URL sends real mail, and a demonstration sends none.")
    values["data"] = values["data"] / "demo"
    values["origin"] = DEMO_ORIGIN
    values["stripe_secret_key"], values["stripe_webhook_secret"] = DEMO_STRIPE
    values["bank_account"] = DEMO_BANK
    values["accounts"] = DEMO_ACCOUNTS
    values["stripe_api_base"] = f"http://127.0.0.1:{values['port'] + 1}"


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    known = {setting.variable for setting in SETTINGS}
    for name in sorted(environ):
        if name.startswith(PREFIX) and not name.startswith(PREFIX + "TEST_") and name not in known:
            raise BadSetting(f"{name} is not a setting of Earnest; `./earnest settings` lists them.")


def _with_defaults(given: dict[str, Any]) -> dict[str, Any]:
    """The values that follow from others when they are not given."""
    values = dict(given)
    data: Path = values["data"]
    host = f"[{values['host']}]" if ":" in values["host"] else values["host"]
    values["database_url"] = values["database_url"] or f"sqlite:///{data / BOOK_FILE}"
    values["base_url"] = values["base_url"] or f"http://{host}:{values['port']}"
    public = urlsplit(values["base_url"]).hostname or "localhost"
    values["origin"] = values["origin"] or public
    values["allowed_hosts"] = values["allowed_hosts"] or tuple(
        dict.fromkeys((public, "localhost", "127.0.0.1"))
    )
    values["email_url"] = values["email_url"] or f"file://{data / 'mail'}"
    values["accounts"] = values["accounts"] or data / "accounts.toml"
    values["mail_from"] = values["mail_from"] or f"reservations@{values['origin']}"
    return values


def shown(config: Config) -> dict[str, str]:
    """The values in force as text, by variable, with secrets and passwords hidden."""
    kinds = {setting.name: setting for setting in SETTINGS}
    answer = {}
    for field in fields(config):
        if field.name not in kinds:
            continue
        value = getattr(config, field.name)
        text = ",".join(_joined(each) for each in value) if isinstance(value, tuple) else str(value)
        text = text.lower() if isinstance(value, bool) else text
        answer[kinds[field.name].variable] = _masked(text, kinds[field.name].secret)
    return answer


def _joined(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _masked(text: str, secret: bool) -> str:
    if secret:
        return "(set)" if text else "(not set)"
    parts = urlsplit(text) if "://" in text else None
    if parts is None or parts.password is None:
        return text
    return text.replace(f":{parts.password}@", ":***@", 1)


def table() -> str:
    """The table of docs/settings.md, in Markdown."""
    rows = ["| Setting | Type | Default | Meaning |", "| --- | --- | --- | --- |"]
    for setting in SETTINGS:
        default = setting.default.strip("()") if setting.default.startswith("(") else f"`{setting.default}`"
        rows.append(f"| `{setting.variable}` | {setting.kind} | {default} | {setting.meaning} |")
    return "\n".join(rows) + "\n"
