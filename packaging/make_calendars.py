"""Write the calendars of `src/earnest/law/` from the package `holidays`; run by hand, never when something is decided.

    python -m venv /tmp/calendars && /tmp/calendars/bin/pip install holidays
    /tmp/calendars/bin/python packaging/make_calendars.py

A day that a new law makes a holiday is found by running it again with a newer `holidays`; the change is then reviewed
like any other, and changes the digest of the law.
"""

from pathlib import Path

import holidays

FIRST, LAST = 2009, 2045
FOLDER = Path(__file__).parent.parent / "src/earnest/law"
#: Name: what it says in the file. The United States are their federal holidays, with the days on which they are kept.
CALENDARS = {
    "FR": "France: public holidays (Code du travail L3133-1), without those of Alsace and Moselle",
    "US": "United States: federal holidays, with the days on which they are observed",
}


def main() -> None:
    """Each calendar into its file."""
    for name, meaning in CALENDARS.items():
        found = holidays.country_holidays(name, years=range(FIRST, LAST + 1))
        days = sorted(day for day in found if FIRST <= day.year <= LAST)
        lines = [
            f"# {meaning}.",
            f"# Made by packaging/make_calendars.py from holidays {holidays.__version__}.",
            f"name: {name}",
            f"first_year: {FIRST}",
            f"last_year: {LAST}",
            "weekend: [5, 6]",
            "holidays:",
        ]
        for year in range(FIRST, LAST + 1):
            of_year = ", ".join(day.isoformat() for day in days if day.year == year)
            lines.append(f"  {year}: [{of_year}]")
        (FOLDER / f"calendar-{name.lower()}.yaml").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
