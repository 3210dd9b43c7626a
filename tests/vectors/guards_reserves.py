"""Each check of a proof of reserves that something hangs on, in Python and in the browser, and what passes without."""

from tests.vectors.guards import Edit, Guard


def js(guard: str, instead: str = "false") -> Edit:
    """A check in the browser."""
    return Edit("verify_reserves", guard, instead)


GUARDS: tuple[Guard, ...] = (
    Guard(
        "no sum is below zero",
        ("negative-sum",),
        Edit("sumtree", "any(minor < 0 for minor in sums)"),
        js("sums.some((minor) => minor < 0n)"),
    ),
    Guard(
        "no sum wraps round",
        ("summed-overflow",),
        Edit("sumtree", "tuple(one + other for", "tuple((one + other) % LIMIT for"),
        js("left.map((minor, i) => minor + right[i])", "left.map((minor, i) => (minor + right[i]) % LIMIT)"),
    ),
    Guard(
        "a node commits to the sums of both children",
        ("other-halves",),
        Edit(
            "sumtree",
            "left.hash + _bytes(left.sums) + right.hash + _bytes(right.sums)",
            "left.hash + right.hash + _bytes(_added(left.sums, right.sums))",
        ),
        js(
            "left.hash, bytesOf(left.sums), right.hash, bytesOf(right.sums)",
            "left.hash, right.hash, bytesOf(added(left.sums, right.sums))",
        ),
    ),
    Guard(
        "a place is left or right",
        ("children-swapped",),
        Edit("sumtree", "if place & 1", "if False"),
        js("found = at % 2 ?", "found = false ?"),
    ),
    Guard(
        "a tree has no more places",
        ("place-beyond-the-tree",),
        Edit("sumtree", "not 0 <= place < 1 << len(path)"),
        js("place < 0 || place >= 2 ** path.length"),
    ),
    Guard(
        "the path is as long as the tree is deep",
        ("path-too-short",),
        Edit("verify_reserves", 'len(file["path"]) != made.depth'),
        js("file.path.length !== made.depth"),
    ),
    Guard(
        "the leaf leads to the root that was signed",
        ("one-leaf-for-two", "sibling-altered", "another-number", "another-salt"),
        Edit("verify_reserves", "root.hash != made.tree"),
        js("!E.same(root.hash, E.unb64(made.tree))"),
    ),
    Guard(
        "the root adds up to what is owed",
        ("total-understated",),
        Edit("verify_reserves", "root.sums != made.owed"),
        js('root.sums.some((minor, i) => minor !== total(made, currencies[i], "owed"))'),
    ),
    Guard(
        "the difference is explained",
        ("difference-unexplained",),
        Edit("verify_reserves", "if off:", "if False:"),
        js("held !== owed + more - less"),
    ),
    Guard(
        "no account of what is owed is below zero",
        ("owed-below-zero",),
        Edit("reserves", "any(minor < 0 for minor in groups[OWED].values())"),
        js("Object.values(groups.owed).some((minor) => minor < 0)"),
    ),
    Guard(
        "the key is the one that was given",
        ("another-key", "not-logged-and-the-log-key-given", "log-of-another-key"),
        Edit("verify_reserves", "not in_log and self.key.vkey not in {each.vkey for each in receipts}"),
        js("!inLog && !receipts.some((each) => each.vkey === this.key.vkey)"),
    ),
    Guard(
        "the key is of this book's receipts",
        ("key-of-another-name",),
        Edit("verify_reserves", "self.key.name != receipts_name(made.origin)"),
        js("this.key.name !== `${made.origin}/receipts`"),
    ),
    Guard(
        "a proof has the members of a proof",
        ("unknown-member",),
        Edit("verify_reserves", "set(file) - OPTIONAL != REQUIRED"),
        js('!E.hasMembers(file, REQUIRED, ["log"])'),
    ),
    Guard(
        "there is one text of it",
        ("not-canonical",),
        Edit("verify_reserves", 'canonical(file) + b"\\n" != data'),
        js("`${E.canonical(file)}\\n` !== text"),
    ),
    Guard(
        "it is not older than the policy takes",
        ("stale",),
        Edit("verify_reserves", "report.age_seconds > policy.max_age_seconds"),
        js("most !== undefined && report.age_seconds > most"),
    ),
    Guard(
        "the act in the log made this statement",
        ("logged-another-statement",),
        Edit("verify_reserves", 'self._opened(leaf, said["open"]) != made.fields()'),
        js("E.canonical(this.opened(leaf, said.open)) !== E.canonical(fields)"),
    ),
    Guard(
        "what the act said is what it committed to",
        ("logged-and-opened-otherwise",),
        Edit("verify_reserves", "said != name or leaf.sd.get(name) != disclosure.digest(line)"),
        js("read.name !== name || leaf.sd[name] !== E.b64(E.sha256(E.utf8(line)))"),
    ),
    Guard(
        "the act is a statement",
        ("logged-as-another-act",),
        Edit("verify_reserves", "leaf.type != reserves.ACT or ", ""),
        js('leaf.type !== "reserves.stated" || ', ""),
    ),
    Guard(
        "the act is of the book's statements",
        ("logged-by-another-subject",),
        Edit("verify_reserves", " or leaf.subject != subject", ""),
        js(' || leaf.subj !== E.b64(subjectKey(made.origin, "reserves/book"))', ""),
    ),
    Guard(
        "the act is in the log",
        ("logged-elsewhere",),
        Edit("verify_reserves", "check_proof(index, path, chain.leaf_hash(raw), point)", "pass"),
        js("E.checkInclusion(index, path, E.leafHash(E.utf8(said.leaf)), checkpoint);", ""),
    ),
    Guard(
        "the checkpoint that it names has leaves",
        ("logged-at-no-checkpoint",),
        Edit("verify_reserves", "if not made.size:", "if False:"),
        None,
    ),
    Guard(
        "the checkpoint that it names is the beginning of the log",
        ("logged-at-another-root",),
        Edit(
            "verify_reserves", "check_consistency(made.size, point.size, made.log, point.root, grown)", "pass"
        ),
        js("checkConsistency(made.size, E.unb64(made.log), checkpoint, said.grown.map(E.unb64));", ""),
    ),
    Guard(
        "the log's newest key signed",
        ("logged-by-the-key-before",),
        Edit("verify_reserves", "signed.log != log"),
        js("placed.by !== log.vkey"),
    ),
    Guard(
        "enough witnesses have signed",
        ("logged-without-quorum",),
        Edit("verify_reserves", "policy and not policy.satisfied(set(signed.times))"),
        js("policy && !E.satisfied(policy, new Set(cosigned.keys()))"),
    ),
)
