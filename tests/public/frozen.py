"""What is published stays as it is: compared with a file beside the tests, in which a reader can look it up.

`EARNEST_TEST_WRITE=1 ./earnest test --database sqlite tests/public` writes the files anew; the difference that git
then shows is what belongs into CHANGELOG.md.
"""

import json
import os
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def same(name: str, value: Any) -> None:
    """Compare with tests/public/NAME.json."""
    file = FOLDER / f"{name}.json"
    written = json.dumps(value, indent=1, ensure_ascii=False, sort_keys=False) + "\n"
    if os.environ.get("EARNEST_TEST_WRITE"):
        file.write_text(written)
    assert written == file.read_text(), f"{file.name} is published, and the answer is another one now"
