"""What witness and auditor say to a command line that they cannot follow."""

import argparse
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """Says what is wrong with the arguments in one sentence, without the whole usage."""

    def error(self, message: str) -> NoReturn:
        """Ends with 2."""
        self.exit(2, f"{message[:1].upper()}{message[1:]}; see `./{self.prog} --help`.\n")
