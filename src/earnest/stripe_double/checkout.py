"""The page on which a customer pays; it stands in for Stripe's own and says so."""

from html import escape
from typing import Any, Final

from earnest.stripe_double.cards import CARDS

CSS: Final = """
:root{--ink:#1d2433;--soft:#5b6577;--line:#d5dae3;--paper:#fff;--ground:#f3f5f9;--go:#1f5fd0;--bad:#a3261f;--flag:#fff3c9}
@media (prefers-color-scheme:dark){:root{--ink:#eef1f7;--soft:#a9b3c6;--line:#3a4357;--paper:#1b2130;--ground:#121722;
--go:#6c9cf2;--bad:#ff9a8f;--flag:#4a3f16}}
*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);font:17px/1.5 system-ui,sans-serif}
.flag{background:var(--flag);padding:.6rem 1rem;text-align:center;font-size:.95rem}
main{max-width:28rem;margin:2rem auto;padding:1.5rem;background:var(--paper);border-radius:14px;border:1px solid var(--line)}
h1{font-size:1.05rem;font-weight:500;color:var(--soft);margin:0}.sum{font-size:2.2rem;font-weight:650;margin:.1rem 0 1.2rem}
label{display:block;margin:.8rem 0 .2rem;font-size:.95rem;color:var(--soft)}
input{width:100%;padding:.65rem .7rem;border:1px solid var(--line);border-radius:8px;background:transparent;color:inherit;font:inherit}
.two{display:grid;grid-template-columns:1fr 1fr;gap:.8rem}
button{width:100%;margin-top:1.3rem;padding:.8rem;border:0;border-radius:8px;background:var(--go);color:var(--paper);font:inherit;
font-weight:600;cursor:pointer}.bad{color:var(--bad);margin:.6rem 0}a{color:var(--go)}
details{margin-top:1.4rem;font-size:.9rem;color:var(--soft)}li{margin:.25rem 0}code{font-size:.92rem;white-space:nowrap}
"""

_WORDS: Final = {
    "en": {
        "flag": "Test payment page. It stands in for Stripe: no real card, no real money.",
        "number": "Card number",
        "expiry": "Expires (MM/YY)",
        "cvc": "CVC",
        "name": "Name on card",
        "pay": "Pay",
        "back": "Back without paying",
        "cards": "Cards to try",
        "closed": "This payment page is no longer open.",
        "title": "Payment",
    },
    "fr": {
        "flag": "Page de paiement d'essai. Elle remplace Stripe : ni vraie carte, ni vrai argent.",
        "number": "Numéro de carte",
        "expiry": "Expire (MM/AA)",
        "cvc": "Cryptogramme",
        "name": "Nom sur la carte",
        "pay": "Payer",
        "back": "Revenir sans payer",
        "cards": "Cartes à essayer",
        "closed": "Cette page de paiement n'est plus ouverte.",
        "title": "Paiement",
    },
}


def page(session: dict[str, Any], error: str = "") -> str:
    """The page of an open session, with why the last try was declined."""
    language = "fr" if str(session.get("locale") or "").startswith("fr") else "en"
    say = _WORDS[language]
    amount = f"{_amount(session)} {session['currency'].upper()}"
    bad = f'<p class="bad" role="alert">{escape(error)}</p>' if error else ""
    cards = "".join(f"<li><code>{card.number}</code> {escape(card.says)}</li>" for card in CARDS)
    body = f"""<h1>{escape(session["_description"])}</h1><p class="sum">{amount}</p>{bad}
<form method="post"><label for="number">{say["number"]}</label>
<input id="number" name="number" inputmode="numeric" autocomplete="off" value="4242 4242 4242 4242" required>
<div class="two"><div><label for="expiry">{say["expiry"]}</label>
<input id="expiry" name="expiry" value="12/30" required></div>
<div><label for="cvc">{say["cvc"]}</label><input id="cvc" name="cvc" inputmode="numeric" value="123" required></div></div>
<label for="name">{say["name"]}</label><input id="name" name="name" autocomplete="off">
<button>{say["pay"]} {amount}</button></form>
<p><a href="{escape(session["cancel_url"] or "#")}">{say["back"]}</a></p>
<details><summary>{say["cards"]}</summary><ul>{cards}</ul></details>"""
    return _html(language, say, body)


def closed(session: dict[str, Any]) -> str:
    """The page of a session that was paid or has expired."""
    language = "fr" if str(session.get("locale") or "").startswith("fr") else "en"
    say = _WORDS[language]
    body = f'<p>{say["closed"]}</p><p><a href="{escape(session["cancel_url"] or "#")}">{say["back"]}</a></p>'
    return _html(language, say, body)


def _html(language: str, say: dict[str, str], body: str) -> str:
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{say["title"]}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="stylesheet" href="/checkout.css"></head><body><p class="flag">{say["flag"]}</p>'
        f"<main>{body}</main></body></html>"
    )


def _amount(session: dict[str, Any]) -> str:
    minor = session["amount_total"]
    return f"{minor:,}" if session["currency"] in ("jpy", "krw") else f"{minor // 100:,}.{minor % 100:02d}"
