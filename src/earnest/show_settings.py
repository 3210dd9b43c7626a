"""`./earnest settings`: what is set, to what, and what it means. Needs no database and makes no file."""

import argparse
import json
import os
import sys

from earnest import config


def main(arguments: list[str]) -> int:
    """Print the settings in force; exit code 2 if one of them cannot be used."""
    parser = argparse.ArgumentParser(
        prog="./earnest settings", description="Every setting and its value in force."
    )
    parser.add_argument("--json", action="store_true", help="values as one JSON object, secrets hidden")
    parser.add_argument("--markdown", action="store_true", help="the table of docs/settings.md")
    options = parser.parse_args(arguments)
    if options.markdown:
        print(config.table(), end="")
        return 0
    try:
        values = config.shown(config.load(os.environ))
    except config.BadSetting as error:
        print(error, file=sys.stderr)
        if options.json:
            print(json.dumps({"error": str(error)}))
        return 2
    if options.json:
        print(json.dumps(values, indent=2, ensure_ascii=False))
        return 0
    for setting in config.SETTINGS:
        changed = "*" if setting.variable in os.environ else " "
        print(f"{changed} {setting.variable} = {values[setting.variable]}\n      {setting.meaning}")
    print("\n* set in the environment; the others have their defaults.")
    return 0
