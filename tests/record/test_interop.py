"""The tree and the notes agree with what others wrote (canonical JSON and disclosures: `test_primitives`)."""

import base64
import hashlib

import pytest
from pymerkle import InmemoryTree
from pymerkle import verify_consistency as their_consistency
from pymerkle import verify_inclusion as their_inclusion

from earnest.record import merkle
from earnest.record.checkpoint import cosign, cosigned_at, parse_checkpoint
from earnest.record.notes import BadNote, Signer, Verifier, open_note
from earnest.record.policy import Policy
from earnest.record.witnessing import Seen, judge
from tests.vectors.make_v1 import W1

LARGEST = 130


def test_roots_agree_with_pymerkle_for_every_size() -> None:
    theirs, ours = InmemoryTree(algorithm="sha256"), merkle.Tree()
    for n in range(LARGEST + 1):
        if n:
            assert theirs.get_root(n) == ours.root(n)
        theirs.append_entry(b"%d" % n)
        ours.append(merkle.leaf_hash(b"%d" % n))


def test_every_proof_agrees_with_pymerkle_for_every_size() -> None:
    """Each leaf of each tree, and each tree against each of its beginnings: 8,515 of either."""
    theirs, ours = InmemoryTree(algorithm="sha256"), merkle.Tree()
    for n in range(LARGEST):
        theirs.append_entry(b"%d" % n)
        ours.append(merkle.leaf_hash(b"%d" % n))
    leaves = [theirs.get_leaf(n + 1) for n in range(LARGEST)]
    roots = [merkle.EMPTY_ROOT] + [theirs.get_root(size) for size in range(1, LARGEST + 1)]
    for size in range(1, LARGEST + 1):
        for index in range(size):
            path = merkle.inclusion(index, size, ours.node)
            assert merkle.root_from_inclusion(index, size, leaves[index], path) == roots[size]
            proof = theirs.prove_inclusion(index + 1, size)
            their_inclusion(leaves[index], roots[size], proof)
            assert [hashed for hashed in proof.path if hashed != leaves[index]] == path
        for old in range(1, size + 1):
            path = merkle.consistency(old, size, ours.node)
            merkle.check_consistency(old, size, roots[old], roots[size], path)
            their_consistency(roots[old], roots[size], theirs.prove_consistency(old, size))
            if old < size:
                # Their proof of consistency has other hashes than the RFC's, and both lead to the same two roots.
                for one, other in ((roots[old - 1], roots[size]), (roots[old], roots[size - 1])):
                    with pytest.raises(merkle.BadProof):
                        merkle.check_consistency(old, size, one, other, path)


#: The leaves and proofs of the reference implementation of Certificate Transparency.
CT_LEAVES = (
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)
CT_ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
_A = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
_B = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
_C = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
_D = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
_E = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
_F = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
#: (leaf, size) -> path; (old, new) -> path
CT_INCLUSION = {
    (0, 1): (),
    (0, 8): (_E, _A, _D),
    (5, 8): (_B, _C, CT_ROOTS[3]),
    (2, 3): (CT_ROOTS[1],),
    (1, 5): (CT_ROOTS[0], _A, _B),
}
CT_CONSISTENCY = {(1, 1): (), (1, 8): (_E, _A, _D), (6, 8): (_F, _C, CT_ROOTS[3]), (2, 5): (_A, _B)}


def test_roots_and_proofs_of_certificate_transparency() -> None:
    tree = merkle.Tree([merkle.leaf_hash(bytes.fromhex(leaf)) for leaf in CT_LEAVES])
    assert [tree.root(n + 1).hex() for n in range(8)] == list(CT_ROOTS)
    assert tree.root(0).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    for (index, size), path in CT_INCLUSION.items():
        assert [each.hex() for each in merkle.inclusion(index, size, tree.node)] == list(path)
        raw = [bytes.fromhex(each) for each in path]
        assert merkle.root_from_inclusion(index, size, tree.node(0, index), raw).hex() == CT_ROOTS[size - 1]
    for (old, new), path in CT_CONSISTENCY.items():
        assert [each.hex() for each in merkle.consistency(old, new, tree.node)] == list(path)
        merkle.check_consistency(
            old, new, tree.root(old), tree.root(new), [bytes.fromhex(each) for each in path]
        )


#: The example of the note format's first implementation, which C2SP signed-note took over.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_TEXT = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
)
PETER_SIGNED = (
    PETER_TEXT
    + "\n\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcEl"
    + "ZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
ENOCH_LINE = (
    "\u2014 EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n"
    "2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
)


def test_a_note_with_two_signatures_opens_with_either_key_and_with_both() -> None:
    peter, enoch = Verifier.parse(PETER), Verifier.parse(ENOCH)
    both = PETER_SIGNED + ENOCH_LINE
    for keys in ([peter], [enoch], [peter, enoch]):
        assert open_note(both, keys) == PETER_TEXT
    with pytest.raises(BadNote):
        open_note(PETER_SIGNED, [peter, enoch])


def test_the_note_of_another_implementation_opens() -> None:
    key = Verifier.parse(PETER)
    assert open_note(PETER_SIGNED, [key]) == PETER_TEXT
    with pytest.raises(BadNote):
        open_note(PETER_SIGNED.replace("answer", "cure"), [key])


@pytest.mark.parametrize(
    "broken",
    [
        PETER_SIGNED[:-1],
        PETER_SIGNED.replace("\n\n", "\n"),
        PETER_SIGNED.replace("\u2014 ", "- "),
        PETER_SIGNED.replace("\u2014 PeterNeumann ", "\u2014  PeterNeumann "),
        PETER_SIGNED.replace(" x08go", "x08go"),
        PETER_SIGNED + "and more",
        PETER_SIGNED + "\n",
        "\n" + PETER_SIGNED[len(PETER_TEXT) :],
        PETER_SIGNED.replace("nAM=", "nAN="),
        PETER_SIGNED.replace("cryptography", "crypto\x00graphy"),
    ],
)
def test_notes_that_are_malformed_are_refused(broken: str) -> None:
    with pytest.raises(BadNote):
        open_note(broken, [Verifier.parse(PETER)])


@pytest.mark.parametrize(
    "vkey",
    [
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        PETER.replace("c74f20a3", "c74f20a4"),
        PETER.replace("c74f20a3", "C74F20A3"),
        PETER.replace("PeterNeumann", "Peter Neumann"),
        PETER.replace("ARpc", "AQpc"),
        PETER.replace("+ARpc", "+ZRpc"),
        PETER[:-4],
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_keys_that_are_malformed_are_refused(vkey: str) -> None:
    with pytest.raises(BadNote):
        Verifier.parse(vkey)


def test_the_id_of_a_key_is_the_beginning_of_a_hash_of_its_name_type_and_bytes() -> None:
    raw = base64.b64decode(PETER.split("+", 2)[2])
    assert hashlib.sha256(b"PeterNeumann\n" + raw).hexdigest()[:8] == "c74f20a3"


def test_a_log_signs_for_its_name_and_a_cosigner_for_the_time() -> None:
    log = Signer("example.com/log", bytes(32))
    assert log.vkey.startswith("example.com/log+")
    assert (
        cosigned_at(log.sign("example.com/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"), {}) == {}
    )


#: A checkpoint of a public log, as four public witnesses cosigned it in May 2026; each runs other software than ours.
PUBLIC_HEAD = (
    "arche2025h1.staging.ct.transparency.dev\n1432088532\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n"
)
PUBLIC_KEYS = {
    "garden": "transparency.dev/DEV:witness-little-garden+d8042a87+BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM",
    "smartit": "witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO",
    "remora": "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
    "stagemole": "witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv",
}
PUBLIC_LINES = (
    "\u2014 arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbl"
    "lzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=\n"
    "\u2014 arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75Mdh"
    "L1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=\n"
    "\u2014 transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAw"
    "VkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==\n"
    "\u2014 witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7"
    "TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==\n"
    "\u2014 remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/z"
    "Z0WBxtqB0DrAWfBw==\n"
    "\u2014 witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgK"
    "i7lI7cUiOvKFYe/TmN9DAg==\n"
)


def test_cosignatures_of_public_witnesses_verify() -> None:
    keys = {name: Verifier.parse(vkey) for name, vkey in PUBLIC_KEYS.items()}
    assert cosigned_at(f"{PUBLIC_HEAD}\n{PUBLIC_LINES}", keys) == dict.fromkeys(keys, 0x6A122120)
    checkpoint = parse_checkpoint(PUBLIC_HEAD)
    assert (checkpoint.size, checkpoint.body) == (1_432_088_532, PUBLIC_HEAD)
    for broken in (PUBLIC_HEAD.replace("532", "533"), PUBLIC_HEAD.replace("Ro=", "Rk=")):
        for name, key in keys.items():
            with pytest.raises(BadNote):
                cosigned_at(f"{broken}\n{PUBLIC_LINES}", {name: key})


def test_a_policy_of_public_witnesses() -> None:
    lines = [f"witness {name} {vkey} https://{name}.example/" for name, vkey in PUBLIC_KEYS.items()]
    policy = Policy.parse("\n".join([*lines, f"group most 3 {' '.join(PUBLIC_KEYS)}", "quorum most"]))
    keys = dict(policy.witnesses)
    times = cosigned_at(f"{PUBLIC_HEAD}\n{PUBLIC_LINES}", keys)
    assert policy.quorum_times(times) == (0x6A122120, 0x6A122120)
    assert not policy.satisfied(set(list(times)[:2]))


PUBLIC_LOG = "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f"


def test_our_witness_signs_for_a_public_log_beside_the_signatures_of_others() -> None:
    body = f"old 0\n\n{PUBLIC_HEAD}\n{PUBLIC_LINES}".encode()
    verdict = judge(body, [Verifier.parse(PUBLIC_LOG)], lambda origin: Seen())
    assert verdict.status == 200
    line = cosign(PUBLIC_HEAD, W1, 5)
    assert cosigned_at(f"{PUBLIC_HEAD}\n{PUBLIC_LINES}{line}", {"w1": W1.verifier}) == {"w1": 5}
    assert judge(body, [Verifier(PUBLIC_HEAD.split()[0], bytes(32))], lambda origin: Seen()).status == 403


def test_a_key_whose_type_is_another_is_refused() -> None:
    with pytest.raises(BadNote):
        Verifier.parse(PUBLIC_LOG.replace("+AU0v", "+BU0v"))
