"""`./earnest rights check CASES.yaml`: every case agreed or not, with both values; by the law of the package alone.

Rates that operators of a book entered have no part in it: the same file gives the same anywhere.
"""

from pathlib import Path
from typing import Any

from earnest.book import law_files
from earnest.core.rights.cases import Checked, NotCases, check
from earnest.management.base import BadUsage, Command, DoesNotHold


def add(asked: Any) -> None:
    """The arguments."""
    parser = asked.add_parser("check", help="compare worked cases with what the engine gives")
    parser.add_argument(
        "file", type=Path, metavar="CASES.yaml", help="rule, inputs and expected of each case"
    )
    parser.add_argument("--json", action="store_true", help="answer as one JSON object")


def run(command: Command, options: dict[str, Any]) -> None:
    """Raises DoesNotHold where a case does not agree, BadUsage for a file that holds no cases."""
    file: Path = options["file"]
    try:
        checked = check(law_files.packaged(), law_files.read_yaml(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise BadUsage(f"The file cannot be read: {error.strerror} ({file}).") from None
    except UnicodeDecodeError:
        raise BadUsage(f"{file} is not a file of cases: it is not text in UTF-8.") from None
    except (NotCases, ValueError) as error:
        raise BadUsage(f"{file} is not a file of cases: {error}.") from None
    agreed = sum(each.agreed for each in checked)
    data = {
        "law": law_files.packaged().digest,
        "cases": len(checked),
        "agreed": agreed,
        "results": [_plain(each) for each in checked],
    }
    lines = [line for each in checked for line in _lines(each)]
    lines.append(f"{agreed} of {len(checked)} cases agree.")
    command.answer(options, data, "\n".join(lines))
    if agreed < len(checked):
        left = len(checked) - agreed
        raise DoesNotHold("1 case does not agree." if left == 1 else f"{left} cases do not agree.")


def _plain(each: Checked) -> dict[str, Any]:
    said: dict[str, Any] = {"id": each.id, "rule": each.rule, "agreed": each.agreed}
    if each.trouble:
        return {**said, "trouble": each.trouble}
    compared = [
        {"key": of.key, "expected": _text(of.expected), "given": of.given, "agreed": of.agreed}
        for of in each.compared
    ]
    return {**said, "compared": compared}


def _lines(each: Checked) -> list[str]:
    head = f"{each.id:<12} {each.rule:<26} {'agreed' if each.agreed else 'NOT AGREED'}"
    if each.trouble:
        return [head, f"    {each.trouble}"]
    verdict = {True: "agreed", False: "NOT AGREED", None: "not compared"}
    return [
        head,
        *(
            f"    {of.key:<28} expected {_shown(of.expected):<24} given {_shown(of.given):<24} {verdict[of.agreed]}"
            for of in each.compared
        ),
    ]


def _text(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | bool | list) else str(value)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return (
        {None: "none", True: "yes", False: "no"}.get(value, str(value))
        if not isinstance(value, int) or isinstance(value, bool)
        else str(value)
    )
