"""Our implementation, changed in one place: then it no longer agrees with what others wrote, or with itself elsewhere.

As `tests/mutants.py`, of which it is a part: hashes, proofs, texts and signatures, and the order in which all of it is
written.
"""

from tests.without import Mutant

INTEROP, PRIMITIVES = "record/test_interop.py", "record/test_primitives.py"
FAULTS = "book/test_sealing_faults.py"

BYTES: tuple[Mutant, ...] = (
    # --- the tree
    Mutant(
        "a leaf is hashed as a leaf",
        "earnest.record.merkle:leaf_hash",
        'b"\\x00" + ',
        "",
        (
            "vectors/test_limits.py::test_an_inner_node_of_the_tree_is_no_leaf",
            f"{INTEROP}::test_roots_and_proofs_of_certificate_transparency",
        ),
    ),
    Mutant(
        "a node is hashed as a node",
        "earnest.record.merkle:node_hash",
        'b"\\x01" + ',
        "",
        (
            "vectors/test_limits.py::test_an_inner_node_of_the_tree_is_no_leaf",
            f"{INTEROP}::test_roots_and_proofs_of_certificate_transparency",
        ),
    ),
    Mutant(
        "a tree parts at the largest power of two",
        "earnest.record.merkle:_split",
        "1 << ((count - 1).bit_length() - 1)",
        "1 << ((count - 1).bit_length() - 1) if count != 3 else 1",
        (
            f"{INTEROP}::test_every_proof_agrees_with_pymerkle_for_every_size",
            f"{INTEROP}::test_roots_and_proofs_of_certificate_transparency",
        ),
    ),
    Mutant(
        "what is left over hangs on the right",
        "earnest.record.merkle:_range",
        "node_hash(parts.pop(), found)",
        "node_hash(found, parts.pop())",
        (
            f"{INTEROP}::test_roots_agree_with_pymerkle_for_every_size",
            f"{INTEROP}::test_roots_and_proofs_of_certificate_transparency",
        ),
    ),
    Mutant(
        "a proof of growth leads to the older root",
        "earnest.record.merkle:check_consistency",
        "from_old != old_root or ",
        "",
        (f"{INTEROP}::test_every_proof_agrees_with_pymerkle_for_every_size",),
    ),
    Mutant(
        "a proof of growth leads to the newer root",
        "earnest.record.merkle:check_consistency",
        " or from_new != new_root",
        "",
        (f"{INTEROP}::test_every_proof_agrees_with_pymerkle_for_every_size",),
    ),
    # --- texts and signatures
    Mutant(
        "members stand in one order",
        "earnest.record.canonical:written",
        "_ENCODER.encode(value)",
        'json.dumps(value, ensure_ascii=False, separators=(",", ":"))',
        (f"{PRIMITIVES}::test_canonical_agrees_with_rfc8785",),
    ),
    Mutant(
        "letters stand as they are",
        "earnest.record.canonical:written",
        "_ENCODER.encode(value)",
        'json.dumps(value, separators=(",", ":"), sort_keys=True)',
        (f"{PRIMITIVES}::test_canonical_agrees_with_rfc8785",),
    ),
    Mutant(
        "a digest has no padding",
        "earnest.record.canonical:b64",
        '.rstrip(b"=")',
        "",
        (f"{PRIMITIVES}::test_disclosures_of_rfc_9901",),
    ),
    Mutant(
        "a digest is in the letters of addresses",
        "earnest.record.canonical:b64",
        ".translate(_TO_URL)",
        "",
        (f"{PRIMITIVES}::test_disclosures_of_rfc_9901",),
        only="phone_number_verified",
    ),
    Mutant(
        "a note is signed with its last newline",
        "earnest.record.notes:Verifier.verifies",
        "body.encode()",
        'body.rstrip("\\n").encode()',
        (f"{INTEROP}::test_the_note_of_another_implementation_opens",),
    ),
    Mutant(
        "a key is known by its name and its kind",
        "earnest.record.notes:key_id",
        'name.encode() + b"\\n" + bytes([type]) + ',
        "",
        (f"{INTEROP}::test_the_note_of_another_implementation_opens",),
    ),
    Mutant(
        "a cosigner signs a time, and that it cosigns",
        "earnest.record.checkpoint:_cosigned",
        "cosignature/v1\\ntime {at}\\n",
        "",
        (f"{INTEROP}::test_cosignatures_of_public_witnesses_verify",),
    ),
    Mutant(
        "an issuer was valid when it stamped",
        "earnest.record.stamp:_issuers",
        " and issuer.valid(at)",
        "",
        ("record/test_stamp.py::test_openssl_agrees_on_the_stamps_of_the_vectors",),
    ),
    # --- which key the reader is told of
    Mutant(
        "the key that was given is the one that is named",
        "earnest.record.report:under",
        'pinned and given not in ("", key)',
        "False",
        (
            "vectors/test_vectors_v1.py::"
            "test_the_headline_names_the_key_that_was_given_and_the_one_that_follows_from_it",
            "vectors/test_vectors_reserves.py::test_the_headline_names_the_key_that_was_given",
        ),
    ),
    # --- written alike everywhere, and kept as it was written
    Mutant(
        "fields are sealed in the order of their names",
        "earnest.book.chapters:link",
        "sorted(act.fields.items())",
        "sorted(act.fields.items(), key=lambda field: hash(field[0]))",
        (f"{FAULTS}::test_the_same_bytes_in_another_process_and_on_the_other_database",),
    ),
    Mutant(
        "what a full tile comes to stands in the level above",
        "earnest.book.log:appended",
        "_full(tiles.tile(level, i))",
        "part[-1]",
        (f"{FAULTS}::test_ten_thousand_subjects_changed_in_one_seal",),
    ),
    Mutant(
        "a subject stands in the map once, as it is now",
        "earnest.book.pages:_reading",
        "if key not in moved:",
        "if True:",
        (f"{FAULTS}::test_tiles_and_map_made_again_from_the_acts_are_those_that_were_kept",),
    ),
    Mutant(
        "what is hidden is taken out of an act, and never an act",
        "earnest.record.story:_hide",
        'act["open"] = {name: line for name, line in act["open"].items() if opens(name)}',
        'file["acts"] = [each for each in file["acts"] if each is not act or any(map(opens, each["open"]))]',
        ("book/test_erasure.py::test_erased_redacted_and_full_stories_of_one_subject_agree_on_its_head",),
    ),
)
