"""An auditor over HTTP: it mirrors and replays everything, and signs only what it could rebuild."""

from pathlib import Path

import pytest

from earnest.audit import command
from earnest.audit.auditor import Auditor
from earnest.rails import witnesses
from earnest.rails.witnesses import Declined
from earnest.witness.server import Witness, serve
from earnest.witness.store import Store
from tests.outside.small_maker import KEY, serving
from tests.vectors import make_v1
from tests.vectors.small_log import SmallLog

LOG = make_v1.told()

pytestmark = pytest.mark.once


def once(
    log: SmallLog, folder: Path, capsys: pytest.CaptureFixture[str], **given: list[bytes]
) -> tuple[int, str]:
    """(exit code, what was said) of `./earnest audit --once`."""
    folder.mkdir(exist_ok=True)
    (folder / "api").write_text(KEY)
    with serving(log, **given) as url:
        options = [
            "--url",
            url,
            "--log",
            log.log.vkey,
            "--data",
            str(folder),
            "--key",
            str(folder / "api"),
            "--once",
        ]
        code = command.main(options)
    said = capsys.readouterr()
    return code, said.out + said.err


def test_a_true_log_holds_and_is_mirrored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = once(LOG, tmp_path, capsys)
    assert (code, said) == (0, "22 acts of 12 subjects in 3 seals replayed: holds.\n")
    with serving(LOG) as url:
        again = Auditor(url, KEY, [LOG.log.verifier], tmp_path)
        assert again.replay.tree.size == LOG.tree.size


@pytest.mark.parametrize(
    ("log", "code"),
    [
        (make_v1.rolled_back(), "subjects"),
        (make_v1.never_mapped(), "subjects"),
        (make_v1.not_last(), "leaf"),
    ],
)
def test_a_cheating_log_does_not_hold(
    log: SmallLog, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exit_code, said = once(log, tmp_path, capsys)
    assert exit_code == 1 and f"[{code}]" in said


def test_other_bytes_than_readers_are_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = make_v1.begun()
    log.act("OTHER-1", "reservation.lapsed", "system", make_v1.SEALS[0], {"why": "unpaid"})
    log.seal(make_v1.SEALS[0])
    other = make_v1.begun()
    other.act("OTHER-1", "reservation.lapsed", "customer", make_v1.SEALS[0], {"why": "unpaid"})
    other.seal(make_v1.SEALS[0])
    exit_code, said = once(log, tmp_path, capsys, leaves=other.leaves)
    assert exit_code == 1 and "[root]" in said


def test_a_mirror_that_a_crash_cut_off_is_completed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    once(LOG, tmp_path, capsys)
    whole = (tmp_path / "leaves").read_bytes()
    (tmp_path / "leaves").write_bytes(whole[:-7])
    code, said = once(LOG, tmp_path, capsys)
    assert code == 0, said
    assert (tmp_path / "leaves").read_bytes() == whole


def test_a_log_that_went_back_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    once(LOG, tmp_path, capsys)
    shorter = make_v1.begun()
    make_v1.founding(shorter, until=4)
    code, said = once(shorter, tmp_path, capsys)
    assert code == 1 and "[rollback]" in said


def test_without_a_key_or_a_maker_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(LOG) as url:
        options = ["--url", url, "--log", LOG.log.vkey, "--data", str(tmp_path)]
        assert command.main(options) == 2
        assert "EARNEST_AUDIT_KEY" in capsys.readouterr().err
        (tmp_path / "bad").write_text("ek_no")
        assert command.main([*options, "--key", str(tmp_path / "bad")]) == 2
        assert "401" in capsys.readouterr().err
    assert command.main([*options, "--key", str(tmp_path / "bad")]) == 2


def auditing(url: str, folder: Path, log: SmallLog) -> Witness:
    auditor = Auditor(url, KEY, [log.log.verifier], folder)
    return command.signing(auditor, Store(folder), "a.example")


def test_as_a_witness_it_replays_before_it_signs(tmp_path: Path) -> None:
    with serving(LOG) as url:
        made = auditing(url, tmp_path, LOG)
        server = serve(made)
        answer = witnesses.ask(server.url, 0, [], LOG.seals[1].note, made.signer.verifier)
        server.stop()
    assert isinstance(answer, str)


def test_an_ordinary_witness_signs_a_map_that_was_rolled_back_and_an_auditor_does_not(tmp_path: Path) -> None:
    log = make_v1.rolled_back()
    note = log.seals[-1].note
    store = Store(tmp_path / "w")
    plain = Witness(store, store.signer("w.example"), [log.log.verifier])
    assert plain.add_checkpoint(f"old 0\n\n{note}".encode()).status == 200
    with serving(log) as url:
        made = auditing(url, tmp_path / "a", log)
        server = serve(made)
        answer = witnesses.ask(server.url, 0, [], note, made.signer.verifier)
        server.stop()
    assert isinstance(answer, Declined) and answer.status == 422 and "[subjects]" in answer.said
