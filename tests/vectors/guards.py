"""Each check of the verifier that something hangs on, in Python and in the browser, and what passes without it.

`tests/vectors/test_mutations.py` and `tests/faces/browser/test_guards_in_browser.py` take them out one by one. Of a
file that is refused, *passing* is to be taken for a story that holds; of one that holds, to be told otherwise.
"""

from typing import NamedTuple


class Edit(NamedTuple):
    """A module of `earnest.record` or a part of the verifier in the browser; what goes, and what stands instead."""

    where: str
    guard: str
    instead: str = "False"


class Guard(NamedTuple):
    """What is checked, the files that pass without it, and where. In the browser something else may stand behind."""

    name: str
    passing: tuple[str, ...]
    python: Edit
    browser: Edit | None


def js(guard: str, instead: str = "false", part: str = "verify") -> Edit:
    """A check in the browser."""
    return Edit(part, guard, instead)


GUARDS: tuple[Guard, ...] = (
    # --- all acts, and no others
    Guard(
        "the map has this count and head",
        (
            "last-act-dropped",
            "last-two-acts-dropped",
            "type-edited",
            "sealed-act-moved-to-the-tail",
            "time-edited",
            "older-seal-with-newer-acts",
            "older-seal-under-a-newer-map",
            "map-siblings-too-few",
            "map-siblings-too-many",
            "map-place-of-another",
            "subject-never-in-the-map",
            "never-mapped",
        ),
        Edit("verify_v1", "root != seal.map"),
        js("!E.same(root, seal.map)"),
    ),
    Guard(
        "an act names its own subject",
        ("leaf-of-another-subject",),
        Edit("checking", "leaf.subject != self.subject"),
        js("leaf.subj !== E.b64(this.subject)"),
    ),
    Guard(
        "an act has its number",
        ("leaf-with-a-number-twice",),
        Edit("checking", "leaf.seq != seq or ", ""),
        js("leaf.seq !== seq || ", ""),
    ),
    Guard(
        "an act names the head before it",
        ("leaf-after-another-head",),
        Edit("checking", " or leaf.prev != before", ""),
        js(" || leaf.prev !== E.b64(before)", ""),
    ),
    Guard(
        "an act has a leaf and openings and nothing else",
        ("act-with-another-member",),
        Edit("checking", 'set(act) != {"leaf", "open"} or ', ""),
        js('!E.hasMembers(act, ["leaf", "open"]) || ', ""),
    ),
    Guard(
        "a leaf has the members of a leaf",
        ("leaf-with-another-member",),
        Edit("chain", ' or set(members) - {"cites"} != _MEMBERS', ""),
        js(
            '!E.hasMembers(leaf, ["v", "k", "subj", "seq", "prev", "type", "tv", "by", "at", "sd"], ["cites"])'
        ),
    ),
    Guard(
        "a leaf is of version 1",
        ("leaf-of-another-version",),
        Edit("chain", 'members["v"] != 1 or ', ""),
        js("leaf.v !== 1 || ", ""),
    ),
    Guard(
        "a leaf is an act's",
        ("leaf-of-another-kind",),
        Edit("chain", ' or members["k"] != "act"', ""),
        js(' || leaf.k !== "act"', ""),
    ),
    Guard(
        "somebody known says it",
        ("leaf-said-by-nobody",),
        Edit("chain", " or leaf.by not in SPEAKERS", ""),
        js(" || !SPEAKERS.includes(leaf.by)", ""),
    ),
    Guard(
        "a type is written as a type",
        ("leaf-of-no-type",),
        Edit("chain", "not _TYPE.fullmatch(leaf.type) or ", ""),
        js('typeof leaf.type !== "string" || !/^[a-z]+(\\.[a-z_]+)+$/.test(leaf.type) || ', ""),
    ),
    Guard(
        "versions are counted from 1",
        ("leaf-of-type-version-zero",),
        Edit("chain", " or leaf.version < 1", ""),
        js(" || leaf.tv < 1", ""),
    ),
    Guard(
        "a number is no truth value",
        ("leaf-with-a-number-that-is-true",),
        Edit("chain", "len(whole) != 2 or ", ""),
        js(" || !Number.isSafeInteger(leaf.tv)", ""),
    ),
    Guard(
        "a time is on the calendar",
        ("leaf-with-a-day-that-never-was",),
        Edit("chain", "    instant(leaf.at)\n", ""),
        js("E.seconds(leaf.at);", ""),
    ),
    Guard(
        "a time has one form",
        ("leaf-with-a-day-written-short",),
        Edit("chain", r"(\d{4})-(\d\d)-(\d\d)T", r"(\d+)-(\d+)-(\d+)T"),
        None,  # what `Date` makes of the text is compared with the text
    ),
    Guard(
        "fields have small letters of one alphabet",
        ("leaf-with-a-field-in-capitals",),
        Edit("chain", "not _NAME.fullmatch(name)"),
        js("!/^[a-z][a-z0-9_]{0,63}$/.test(name)"),
    ),
    Guard(
        "a hash has 32 bytes",
        ("leaf-with-a-short-digest", "leaf-that-cites-half-a-hash"),
        Edit("chain", "len(data) != 32"),
        js(" || E.unb64(value).length !== 32", ""),
    ),
    Guard(
        "nothing is not cited",
        ("leaf-that-cites-nothing",),
        Edit("chain", ' or not members["cites"]', ""),
        js(" || !leaf.cites.length", ""),
    ),
    # --- values
    Guard(
        "a value is the one that was committed to",
        ("value-edited", "linked-value-edited"),
        Edit("checking", "disclosure.digest(line) != leaf.sd[name]"),
        js("E.b64(E.sha256(E.utf8(line))) !== leaf.sd[name]"),
    ),
    Guard(
        "a value has the name of its field",
        ("value-named-otherwise",),
        Edit("checking", "said != name or ", ""),
        js("read.name !== name || ", ""),
    ),
    Guard(
        "a value is of a field of its act",
        ("value-of-no-field",),
        Edit("checking", 'self.fail("unknown-field", leaf.seq, f"the act has no field {name}")', "pass"),
        js('this.fail("unknown-field", leaf.seq, `the act has no field ${name}`);', ""),
    ),
    Guard(
        "what is no disclosure is pointed at",
        ("value-not-base64", "value-with-stray-bits", "value-is-a-fraction", "value-is-an-exponent"),
        Edit(
            "checking",
            'self.fail("disclosure", leaf.seq, f"the value of {name} is not well formed: {error}")',
            "pass",
        ),
        js(
            'this.fail("disclosure", leaf.seq, `the value of ${name} is not well formed: ${error.message}`);',
            "",
        ),
    ),
    Guard(
        "a disclosure has three parts",
        ("value-of-four-parts",),
        Edit("disclosure", " or len(read) != 3", ""),
        js(" || read.length !== 3", ""),
    ),
    Guard(
        "a salt is text",
        ("value-whose-salt-is-a-number",),
        Edit("disclosure", " or not all(isinstance(part, str) for part in read[:2])", ""),
        js(' || typeof read[0] !== "string" || typeof read[1] !== "string"', ""),
    ),
    Guard(
        "numbers are whole and have one form",
        ("value-is-minus-zero",),
        Edit("canonical", ' or written == "-0"', ""),
        js(' || number === "-0"', "", "verify_base"),
    ),
    Guard(
        "numbers are those that every program counts alike",
        ("value-too-large", "value-too-large-within"),
        Edit("canonical", "abs(value) > MAX_INT"),
        js("!Number.isSafeInteger(value)", part="verify_base"),
    ),
    Guard(
        "text is no half of a letter",
        ("value-with-a-lone-surrogate",),
        Edit("canonical", "not value.isascii() and _has_surrogate(value)"),
        js("loneSurrogate.test(value)", part="verify_base"),
    ),
    Guard(
        "a member stands once",
        ("value-with-a-member-twice",),
        Edit("canonical", "len(found) != len(pairs)"),
        js("if (name in found)", "if (false)", "verify_base"),
    ),
    Guard(
        "members have names that look like nothing else",
        ("value-with-a-look-alike-member",),
        Edit("canonical", " and name.isascii()", ""),
        js("!/^[\\x00-\\x7f]*$/.test(name)", part="verify_base"),
    ),
    Guard(
        "nothing is nested without end",
        ("value-nested-too-deeply",),
        Edit("canonical", "depth > MAX_DEPTH"),
        js("depth > MAX_DEPTH", part="verify_base"),
    ),
    Guard(
        "one text for one value",
        ("leaf-loosely-written-in-the-log", "seal-loosely-written-in-the-log"),
        Edit("canonical", "if written(value) != raw:", "if False:"),
        js("E.canonical(value) !== text", part="verify_base"),
    ),
    Guard(
        "one text for the same bytes",
        ("map-sibling-with-stray-bits",),
        Edit("canonical", "b64(data) != text"),
        js("E.b64(bytes) !== text", part="verify_base"),
    ),
    Guard(
        "one text for the same bytes, in notes",
        ("signature-with-stray-bits", "cosignature-with-stray-bits", "times-path-with-stray-bits"),
        Edit("notes", "binascii.b2a_base64(data, newline=False).decode() != text"),
        js("encode(bytes) !== text", part="verify_base"),
    ),
    Guard(
        "the file is the one text of its content",
        ("file-with-spaces", "file-members-reordered", "file-without-newline"),
        Edit("verify", 'written(file) + b"\\n" != data'),
        js("`${E.canonical(file)}\\n` !== text"),
    ),
    Guard(
        "a story has no members of its own making",
        ("unknown-member",),
        Edit("verify", "    if odd:", "    if False:"),
        js("!E.hasMembers(file, ...known[file.earnest])"),
    ),
    Guard(
        "a member that is empty is left out",
        ("empty-list-of-receipts",),
        Edit("verify_v1", 'any(not file[name] for name in lists - {"acts", "map"})'),
        js('lists.some((name) => name !== "acts" && name !== "map" && !file[name].length)'),
    ),
    Guard(
        "a seal stands over sealed acts alone",
        ("seal-over-a-tail-alone",),
        Edit("verify_v1", 'bool(file["acts"]) != (SEALED <= set(file)) or (with_acts and not file["acts"])'),
        js(
            "Boolean(file.acts.length) !== SEALED.every((name) => name in file) || (some && !file.acts.length)"
        ),
    ),
    Guard(
        "money comes from somewhere and goes elsewhere",
        ("money-to-itself",),
        Edit("money", " or match[1] == match[2]", ""),
        js(" || found[1] === found[2]", ""),
    ),
    Guard(
        "nobody else's money is moved",
        ("money-of-another-customer",),
        Edit(
            "money", 'if account.startswith("customer/") and account.split("/")[1:2] != [key]:', "if False:"
        ),
        js('account.startsWith("customer/") && account.split("/")[1] !== key'),
    ),
    Guard(
        "no account of a customer is below zero",
        (
            "money-below-zero",
            "money-is-a-number",
            "money-below-nothing",
            "money-with-a-zero-before",
        ),
        Edit("checking", "why = money.add(b64(self.subject), entries)", "why = None"),
        js("if (why) { this.fail", "if (false) { this.fail"),
    ),
    Guard(
        "only fields that were there are erased",
        ("erasure-of-nothing",),
        Edit("checking", " or not _all_in(names, self.leaves[seq].sd)", ""),
        js(" || !allIn(names, this.leaves[seq].sd)", ""),
    ),
    Guard(
        "an act erases only what was before it",
        ("erasure-of-itself", "erasure-of-a-later-act"),
        Edit("checking", "seq >= leaf.seq or ", ""),
        js("seq >= leaf.seq || ", ""),
    ),
    Guard(
        "an act is named by one text",
        ("erasure-of-an-act-spelt-otherwise",),
        Edit("checking", "seq = decimal(written) if written else None", "seq = int(written)"),
        js("const seq = E.decimal(written);", "const seq = Number(written);"),
    ),
    Guard(
        "withheld is not erased unless an act of erasure says so",
        ("erased-by-the-word-of-another-act",),
        Edit("checking", 'leaf.type != "erasure.done" or ', ""),
        js('leaf.type !== "erasure.done" || ', ""),
    ),
    Guard(
        "what is said to be erased and is there is pointed at",
        ("erased-and-still-there",),
        Edit("checking", "if by is not None:", "if False:"),
        js("if (by !== undefined) this", "if (false) this"),
    ),
    # --- the log, its seals and its keys
    Guard(
        "the seal is the last leaf",
        ("seal-not-last",),
        Edit("verify_v1", "index != checkpoint.size - 1"),
        js("proof.index !== this.checkpoint.size - 1"),
    ),
    Guard(
        "the seal is in the log",
        ("seal-edited", "proof-hash-missing", "proof-hash-more"),
        Edit("verify_v1", "check_proof(index, path, chain.leaf_hash(raw), checkpoint)", "pass"),
        js(
            "E.checkInclusion(proof.index, proof.path, E.leafHash(E.utf8(this.file.seal)), this.checkpoint);",
            "",
        ),
    ),
    Guard(
        "a seal has the members of a seal",
        ("seal-with-another-member",),
        Edit("checkpoint", " or set(members) != _SEAL_MEMBERS", ""),
        js('!E.hasMembers(seal, ["v", "k", "no", "at", "map", "subjects", "anchor"])', part="verify_log"),
    ),
    Guard(
        "a seal is of version 1",
        ("seal-of-another-version",),
        Edit("checkpoint", '(type(members["v"]), members["v"], members["k"]) != (int, 1, "seal") or ', ""),
        js('seal.v !== 1 || seal.k !== "seal" || ', "", "verify_log"),
    ),
    Guard(
        "seals are counted from 0",
        ("seal-with-a-number-below-zero",),
        Edit("checkpoint", " or not whole", ""),
        js(" || !whole", "", "verify_log"),
    ),
    Guard(
        "an anchor has 32 bytes",
        ("seal-with-a-short-anchor",),
        Edit("checkpoint", " or len(seal.anchor) != 32", ""),
        js(" || seal.anchor.length !== 32", "", "verify_log"),
    ),
    Guard(
        "a checkpoint is signed",
        ("checkpoint-by-another-key-under-the-true-name",),
        Edit("notes", "or not key.verifies(body, signature)", ""),
        js("|| !(await E.verifies(key, body, line.signature))", "", "verify_log"),
    ),
    Guard(
        "a checkpoint is of the log whose key signed it",
        ("checkpoint-of-another-origin",),
        Edit("checkpoint", "found.origin != verifier.name"),
        js("found.origin !== key.name", part="verify_log"),
    ),
    Guard(
        "a checkpoint's size is one that every program counts alike",
        ("checkpoint-with-more-leaves-than-numbers",),
        Edit("checkpoint", " or found.size > MAX_SIZE", ""),
        None,  # it counts no further, and makes another text of the size
    ),
    Guard(
        "nothing stands behind the signatures",
        ("checkpoint-with-trailing-words",),
        Edit(
            "notes",
            "if not line.startswith(DASH) or not good_name(name) or len(signature) < 5:",
            "if line.startswith(DASH) and (not good_name(name) or len(signature) < 5):",
        ),
        None,  # a line of another form has no signature that could be read
    ),
    Guard(
        "a key has its own hash",
        ("key-whose-hash-is-not-its-own",),
        Edit("notes", "found.vkey != vkey"),
        js("`${name}+${E.hex(key.id)}+${E.std64(raw)}` !== vkey", part="verify_log"),
    ),
    Guard(
        "a key for cosignatures signs no log",
        ("log-key-that-cosigns",),
        Edit("trust", "key.type != ED25519"),
        js("if (key.type !== ED25519) throw new E.BadNote", "if (false) throw new E.BadNote", "verify_log"),
    ),
    Guard(
        "a name has no letters that turn others round",
        ("log-key-whose-name-turns-letters-round",),
        Edit("notes", " and name.isprintable()", ""),
        js("!/[\\p{C}\\p{Z}]/u.test(name)", "!name.includes(' ')", "verify_log"),
    ),
    Guard(
        "the log's key is this book's",
        ("log-key-of-another-book",),
        Edit("verify_v1", "self.log.name != report.origin"),
        js("this.log.name !== report.origin"),
    ),
    Guard(
        "the log's key is the one that was given",
        (
            "another-key-than-given",
            "new-key-without-the-old-one",
            "new-origin",
            "receipts-key-given-as-log-key",
        ),
        Edit("verify_v1", "not any(self.trust.believes(log) for log in self.logs.keys)"),
        js("!this.logs.keys.some((log) => this.trust.believes(log))"),
    ),
    Guard(
        "a change of keys is signed by both",
        ("rotation-signed-by-the-new-key-alone", "rotation-signed-by-the-old-key-alone"),
        Edit("notes", "    if missing:", "    if False:"),
        js("if (missing.size)", "if (false)", "verify_log"),
    ),
    Guard(
        "a change of keys leads to this log's key",
        ("rotation-to-another-key-than-this",),
        Edit("trust", "new != keys[-1]"),
        js("after.vkey !== found.keys.at(-1).vkey"),
    ),
    Guard(
        "a change of keys is of this log",
        ("rotation-from-another-log", "rotation-for-another-log"),
        Edit("trust", "lines[0] != old.name or lines[0] != new.name"),
        js("lines[0] !== before.name || lines[0] !== after.name", part="verify_log"),
    ),
    Guard(
        "a change of keys has a time",
        ("rotation-without-a-time",),
        Edit("trust", "        instant(lines[4])\n", "        pass\n"),
        js("try { E.seconds(lines[4]); }", "try { ; }", "verify_log"),
    ),
    Guard(
        "a key that another took over from seals no more",
        ("sealed-by-the-key-before", "times-sealed-by-the-key-before"),
        Edit("trust", "until and instant(at) > instant(until) + SKEW"),
        js("until && E.seconds(at) > E.seconds(until) + SKEW"),
    ),
    # --- who else signed
    Guard(
        "enough witnesses have signed",
        ("cosignatures-stripped", "cosigned-by-strangers", "map-rolled-back-and-an-auditor-asked-for"),
        Edit("verify_v1", "not policy.satisfied(set(cosigned))"),
        js("!E.satisfied(policy, new Set(cosigned.keys()))"),
    ),
    Guard(
        "a cosignature is of this checkpoint, at its time, by that key",
        (
            "cosignature-of-another-log",
            "cosignature-of-another-size",
            "cosignature-with-earlier-time",
            "plain-signature-as-cosignature",
        ),
        Edit("checkpoint", "not cosigners[who].verifies(_cosigned(body, at), signature[8:])"),
        js(
            "!(await E.verifies(key, `cosignature/v1\\ntime ${at}\\n${body}`, line.signature.slice(8)))",
            part="verify_log",
        ),
    ),
    Guard(
        "a witness signs once",
        ("one-witness-again-later",),
        Edit("checkpoint", "who in found\n            or ", ""),
        js("found.has(who) || ", "", "verify_log"),
    ),
    Guard(
        "who has not signed has not audited",
        ("auditor-named-who-did-not-sign",),
        Edit("verify_v1", "sorted(set(cosigned) & set(policy.auditors))", "sorted(policy.auditors)"),
        js("report.witnesses.filter((name) => policy.auditors.has(name))", "[...policy.auditors]"),
    ),
    Guard(
        "signatures of strangers are pointed at",
        ("cosigned-by-a-stranger-too",),
        Edit("verify_v1", "if unknown > 0:", "if False:"),
        js("if (unknown > 0)", "if (false)"),
    ),
    Guard(
        "a story is not older than the policy takes",
        ("stale",),
        Edit("verify_v1", "report.age_seconds > policy.max_age_seconds"),
        js("most !== undefined && report.age_seconds > most"),
    ),
    Guard(
        "a seal of the future is pointed at",
        ("warned-sealed-in-the-future",),
        Edit("verify_v1", "as_of > self.now + SKEW"),
        js("asOf > this.now + SKEW"),
    ),
    # --- receipts
    Guard(
        "what was receipted is in the story",
        ("receipt-for-an-act-left-out", "map-rolled-back-and-a-receipt"),
        Edit(
            "verify_v1",
            "if receipt.seq >= len(checker.heads):",
            "if receipt.seq >= len(checker.heads):\n                continue\n            if False:",
        ),
        js(
            "if (receipt.seq >= checker.heads.length) {",
            "if (receipt.seq >= checker.heads.length) continue; if (false) {",
        ),
    ),
    Guard(
        "a receipt was given for these acts",
        ("receipt-for-another-history", "act-inserted-before-a-receipt", "tail-act-edited"),
        Edit("verify_v1", "checker.heads[receipt.seq] != receipt.head"),
        js("!E.same(checker.heads[receipt.seq], receipt.head)"),
    ),
    Guard(
        "a receipt is signed by a key of the book's receipts",
        (
            "receipt-by-another-key",
            "checkpoint-given-as-a-receipt",
            "checkpoint-by-the-receipts-key-given-as-a-receipt",
        ),
        Edit(
            "verify_v1",
            "            if receipt is None:\n",
            "            if receipt is None:\n                continue\n            if False:\n",
        ),
        js("if (!receipt) this.stop(", "if (!receipt) continue; if (false) this.stop("),
    ),
    Guard(
        "acts that are not sealed are receipted, by a key that somebody named",
        (
            "tail-without-receipt",
            "tail-with-an-older-receipt",
            "tail-signed-for-by-a-key-of-ones-own",
            "tail-signed-for-by-a-key-that-the-policy-has-not",
        ),
        Edit("verify_v1", "report.tail and bound < newest"),
        js("report.tail && bound < newest"),
    ),
    Guard(
        "the key of receipts is of this book's name",
        ("receipts-key-of-another-name",),
        Edit("trust", "any(key.name != receipts_name(origin) for key in keys) or ", ""),
        js("this.receiptKeys.some((key) => key.name !== `${report.origin}/receipts`) || ", ""),
    ),
    Guard(
        "a key of receipts that nobody gave is pointed at",
        ("warned-receipts-of-a-key-that-nobody-gave",),
        Edit("verify_v1", "shown and not {key.vkey for key in self.receipts} <= given"),
        js(
            "(this.file.receipts || this.report.tail) && !this.receiptKeys.every((key) => given.has(key.vkey))"
        ),
    ),
    Guard(
        "what was receipted is sealed in time",
        ("receipt-never-sealed",),
        Edit("verify_v1", "late > timedelta(seconds=policy.max_merge_delay_seconds)"),
        js("E.seconds(seal.at) - E.seconds(leaf.at) > most"),
    ),
    # --- linked stories
    Guard(
        "linked stories hold",
        ("linked-act-dropped", "linked-value-edited"),
        Edit("verify_v1", "if report.errors:", "if False:"),
        js("if (report.errors.length) {", "if (false) {"),
    ),
    Guard(
        "linked stories are of this log",
        ("linked-story-of-another-log",),
        Edit("verify_v1", ' or each["keys"] != self.file["keys"]', ""),
        js(" || E.canonical(each.keys) !== E.canonical(this.file.keys)", ""),
    ),
    Guard(
        "linked stories have the members of a story",
        ("linked-with-unknown-member", "linked-of-another-version"),
        Edit("verify_v1", 'each.get("earnest") != VERSION or set(each) - OPTIONAL != REQUIRED'),
        js('each.earnest !== "story/v1" || !E.hasMembers(each, REQUIRED, OPTIONAL)'),
    ),
    Guard(
        "what is cited and not there is pointed at",
        ("warned-cites-what-is-not-there",),
        Edit("verify_v1", 'not set(leaf.cites) <= known and self.file.get("linked")'),
        js("this.file.linked && !(leaf.cites ?? []).every((cited) => known.has(cited))"),
    ),
    # --- times
    Guard(
        "a time has the members of a time",
        ("times-with-another-member",),
        Edit("verify_times", " or set(group) - _GROUP_MORE != _GROUP", ""),
        js(
            '!E.hasMembers(group, ["from", "to", "proof", "seal", "path"],'
            ' ["first", "stamps", "before", "before_stamps"])'
        ),
    ),
    Guard(
        "each act has one time",
        ("times-twice",),
        Edit("verify_times", "not expected <= start <= end < self.report.sealed"),
        js(" || expected > from || from > to || to >= this.report.sealed", ""),
    ),
    Guard(
        "a single act has one proof",
        ("times-single-act-with-a-first",),
        Edit("verify_times", '(start < end) != ("first" in group)'),
        js('(from < to) !== ("first" in group)'),
    ),
    Guard(
        "the last act of a time is in the log",
        ("times-proof-of-another-act",),
        Edit("verify_times", "check_proof(index, path, self.checker.hashes[end], checkpoint)", "pass"),
        js("E.checkInclusion(index, path, this.checker.hashes[to], checkpoint);", ""),
    ),
    Guard(
        "the first act of a time is in the log",
        ("times-first-of-several-without-proof",),
        Edit(
            "verify_times",
            'check_proof(first, _hashes(group["first"]["path"]), self.checker.hashes[start], checkpoint)',
            "pass",
        ),
        js("E.checkInclusion(first, E.pathOf(group.first.path), this.checker.hashes[from], checkpoint);", ""),
    ),
    Guard(
        "acts of a time are in their order in the log",
        ("times-acts-out-of-order-in-the-log",),
        Edit("verify_times", " or first >= index", ""),
        js("first >= index"),
    ),
    Guard(
        "the seal of a time is in the log",
        (
            "times-seal-exchanged",
            "times-path-of-65",
        ),
        Edit(
            "verify_times",
            'check_proof(checkpoint.size - 1, _hashes(group["path"]), chain.leaf_hash(raw), checkpoint)',
            "pass",
        ),
        js(
            "E.checkInclusion(checkpoint.size - 1, E.pathOf(group.path), E.leafHash(E.utf8(group.seal)), checkpoint);",
            "",
        ),
    ),
    Guard(
        "a time is not of a later checkpoint than the story",
        ("times-of-a-later-seal",),
        Edit("verify_times", "checkpoint.size > self.size"),
        js("checkpoint.size > this.checkpoint.size"),
    ),
    Guard(
        "the seal names the checkpoint before it",
        ("times-anchor-with-more-cosignatures",),
        Edit("verify_times", "anchor_of(note, stamps) != seal.anchor"),
        js("!E.same(E.sha256(E.utf8(group.before), ...stamps), seal.anchor)"),
    ),
    Guard(
        "an act stands behind the checkpoint that it is said to follow",
        ("times-act-behind-a-later-checkpoint",),
        Edit("verify_times", "first < checkpoint.size"),
        js("first < checkpoint.size"),
    ),
    Guard(
        "a stamp is of this checkpoint",
        ("stamp-of-another-checkpoint",),
        Edit("stamp", "token.stamp.hashed != hashlib.new(token.stamp.hash, message).digest()"),
        js("!E.same(hashed, await digest(hash, message))", part="stamp"),
    ),
    Guard(
        "a stamp is signed",
        ("stamp-with-another-bit",),
        Edit("stamp", "if not verifies(certificate, ", "if False and not verifies(certificate, "),
        js("!(await verifies(certificate, signer", "false && !(await verifies(certificate, signer", "stamp"),
    ),
    Guard(
        "an act dated after its seal is pointed at",
        ("warned-dated-after-its-seal",),
        Edit("verify_times", "at > chain.instant(latest.at) + SKEW"),
        js("at > E.seconds(latest.at) + SKEW"),
    ),
    Guard(
        "an act dated long before its seal is pointed at",
        ("warned-dated-long-before-its-seal",),
        Edit("verify_times", "earliest and at < chain.instant(earliest.at) - slack"),
        js("earliest && at < E.seconds(earliest.at) - slack"),
    ),
    Guard(
        "an act dated before the one it follows is pointed at",
        ("warned-dated-before-the-one-it-follows",),
        Edit("checking", "after.at < before.at"),
        js("this.leaves[n].at < this.leaves[n - 1].at"),
    ),
    # --- how much of it
    Guard(
        "a story has at most 10,000 receipts and 256 keys",
        ("257-keys", "10001-receipts"),
        Edit("verify", 'receipts > MAX_ACTS or many.get("keys", 0) + many.get("rotations", 0) > MAX_KEYS'),
        js('receipts > MAX_ACTS || many("keys") + many("rotations") > MAX_KEYS'),
    ),
    Guard(
        "a story has at most 10,000 acts",
        ("ten-thousand-and-one-acts",),
        Edit("verify", "if acts > MAX_ACTS:", "if False:"),
        js("if (acts > MAX_ACTS)", "if (false)"),
    ),
    Guard(
        "a story links at most 32, 16 deep",
        ("seventeen-deep", "thirty-three-linked"),
        Edit("verify", "linked > MAX_LINKED + 1 or depth > MAX_DEPTH"),
        js("stories > MAX_LINKED + 1 || depth > MAX_DEPTH"),
    ),
)
