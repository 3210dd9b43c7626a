"use strict";
/* The verifier in the browser, part 5: whether a reservation is counted among what its maker says is owed.
   `earnestVerifyReserves(bytes, options)` is all there is; the same checks, in the same order, as
   earnest.record.verify_reserves. Sums are BigInt: a double would round where an attack begins. */
(() => {
  const E = globalThis.Earnest;
  const MAX_BYTES = 1_000_000, MAX_DEPTH = 40, LIMIT = 2n ** 53n, SKEW = 300;
  const REQUIRED = ["earnest", "key", "note", "number", "sums", "salt", "place", "path"];
  const LOG = ["key", "leaf", "open", "proof", "grown"];
  const FIELDS = ["seal", "size", "log", "at", "tree", "depth", "sums"];
  const GROUPS = ["owed", "held", "more", "less"];
  const UNCHECKED = "the key was named by the file itself and not checked";
  const LOG_UNCHECKED = "the key of the log was named by the file itself and not checked";
  const subjectKey = (origin, number) => E.tagged("earnest/subject/v1", E.utf8(E.canonical([origin, number])));

  class BadSum extends Error {}

  /* --- the sum tree */

  const bytesOf = (sums) => {
    const view = new DataView(new ArrayBuffer(8 * sums.length));
    sums.forEach((minor, i) => view.setBigInt64(8 * i, minor));
    return new Uint8Array(view.buffer);
  };
  const checked = (sums) => {
    if (sums.some((minor) => minor < 0n)) throw new BadSum("a sum is below zero");
    if (sums.some((minor) => minor >= LIMIT)) throw new BadSum(`a sum reaches ${LIMIT}`);
    return sums;
  };
  const added = (left, right) => left.map((minor, i) => minor + right[i]);
  const leafOf = (key, salt, sums) => {
    if (salt.length !== 32) throw new BadSum("a key or a salt does not have 32 bytes");
    return { hash: E.tagged("earnest/reserves-leaf/v1", key, salt, bytesOf(checked(sums))), sums };
  };
  const join = (left, right) => ({
    sums: checked(added(left.sums, right.sums)),
    hash: E.tagged("earnest/reserves-node/v1", left.hash, bytesOf(left.sums), right.hash, bytesOf(right.sums)),
  });
  const fold = (leaf, place, path) => {
    if (place < 0 || place >= 2 ** path.length) throw new E.BadProof(`a tree of depth ${path.length} has no place ${place}`);
    let found = leaf, at = place;
    for (const sibling of path) {
      if (sibling.hash.length !== 32) throw new E.BadProof("a hash does not have 32 bytes");
      checked(sibling.sums);
      found = at % 2 ? join(sibling, found) : join(found, sibling);
      at = Math.floor(at / 2);
    }
    return found;
  };

  /* --- that a log only grew (RFC 9162, section 2.1.4.2) */

  const checkConsistency = (size, root, checkpoint, path) => {
    if (size > checkpoint.size) throw new E.BadProof("a log is no prefix of a smaller one");
    if (size === checkpoint.size) {
      if (path.length || !E.same(root, checkpoint.root)) throw new E.BadProof("two logs of one size have two roots");
      return;
    }
    const half = (number) => Math.floor(number / 2);
    const hashes = [...path];
    if (Number.isInteger(Math.log2(size))) hashes.unshift(root);
    if (!hashes.length) throw new E.BadProof("the proof has too few hashes");
    let place = size - 1, last = checkpoint.size - 1;
    while (place % 2) { place = half(place); last = half(last); }
    let fromOld = hashes[0], fromNew = hashes[0];
    for (const hashed of hashes.slice(1)) {
      if (last === 0) throw new E.BadProof("the proof has too many hashes");
      if (place % 2 || place === last) {
        fromOld = E.nodeHash(hashed, fromOld);
        fromNew = E.nodeHash(hashed, fromNew);
        while (place % 2 === 0 && place) { place = half(place); last = half(last); }
      } else {
        fromNew = E.nodeHash(fromNew, hashed);
      }
      place = half(place);
      last = half(last);
    }
    if (last || !E.same(fromOld, root) || !E.same(fromNew, checkpoint.root)) {
      throw new E.BadProof("the older log is not the beginning of the newer one");
    }
  };

  /* --- the statement */

  const total = (made, currency, group) => Object.values(made.sums[currency][group]).reduce((sum, minor) => sum + BigInt(minor), 0n);
  const currenciesOf = (made) => Object.keys(made.sums).sort();

  async function readStatement(note, key) {
    const lines = (await E.openNote(note, [key])).split("\n");
    try {
      const made = lines.length === 4 && lines[1] === "reserves" ? E.parseCanonical(lines[2]) : null;
      if (!E.hasMembers(made, [...FIELDS, "v"]) || made.v !== 1) throw new E.BadNote("not a statement of reserves, version 1");
      checkStatement(made);
      made.origin = lines[0];
      return made;
    } catch (error) {
      if (error instanceof E.NotCanonical || error instanceof E.BadLeaf) throw new E.BadNote(`not a statement of reserves: ${error.message}`);
      throw error;
    }
  }

  function checkStatement(made) {
    const whole = [made.seal, made.size, made.depth].every((number) => Number.isSafeInteger(number) && number >= 0);
    if (!whole || made.depth > MAX_DEPTH) throw new E.BadNote("a number of the statement is out of range");
    if (E.unb64(made.log).length !== 32 || E.unb64(made.tree).length !== 32) throw new E.BadNote("a hash of the statement does not have 32 bytes");
    E.seconds(made.at);
    if (!E.isObject(made.sums)) throw new E.BadNote("the sums are no object");
    for (const groups of Object.values(made.sums)) {
      if (!E.hasMembers(groups, GROUPS) || !GROUPS.every((group) => E.isObject(groups[group]))) {
        throw new E.BadNote("a currency has other groups than owed, held, more and less");
      }
      if (!GROUPS.every((group) => Object.values(groups[group]).every(Number.isSafeInteger))) throw new E.BadNote("an amount is no whole number in range");
      if (Object.values(groups.owed).some((minor) => minor < 0)) throw new E.BadNote("an account of what is owed is below zero");
    }
  }

  /* --- the proof */

  class ReservesCheck {
    constructor(file, report, now, trust) { Object.assign(this, { file, report, now, trust }); }

    async run(text, notStrict) {
      this.shape(text, notStrict);
      await this.signed();
      this.explained();
      this.inTheTree();
      await this.inTheLog();
      this.believed();
    }

    stop(code, why) { this.report.errors.push({ code, seq: null, why }); throw new E.Failed(why); }

    shape(text, notStrict) {
      const file = this.file;
      if (notStrict || !E.isObject(file)) this.stop("not-strict-json", `the JSON is not strict: ${notStrict}`);
      if (file.earnest !== "reserves/v1") this.stop("unknown-version", `version ${file.earnest} is not known here`);
      if (!E.hasMembers(file, REQUIRED, ["log"])) this.stop("members", "members are missing or unknown");
      if (`${E.canonical(file)}\n` !== text) this.stop("not-canonical", "the file is not the one text of its content");
      if (typeof file.number !== "string" || !Number.isSafeInteger(file.place)) this.stop("malformed", "the number is not text, or the place no whole number");
      this.report.number = file.number;
    }

    async signed() {
      const { report } = this;
      try {
        this.key = E.signingKey(this.file.key);
        this.made = await readStatement(this.file.note, this.key);
      } catch (error) {
        if (error instanceof E.BadNote) this.stop("signature", `the statement does not hold: ${error.message}`);
        throw error;
      }
      const { made } = this;
      Object.assign(report, { origin: made.origin, key_hash: E.hex(this.key.id) });
      if (this.key.name !== `${made.origin}/receipts`) this.stop("other-subject", "the statement is signed by a key of another name than the book's");
      const sums = (group) => Object.fromEntries(currenciesOf(made).map((each) => [each, total(made, each, group)]));
      Object.assign(report, { as_of: made.at, seal: made.seal, size: made.size, tree: made.tree, accounts: made.sums, owed: sums("owed"), held: sums("held") });
      const at = E.seconds(made.at);
      report.age_seconds = Math.max(0, Math.trunc(this.now - at));
      if (at > this.now + SKEW) report.warnings.push("it was sealed in the future, by its own word or your clock");
      const most = this.trust.policy?.durations.get("max-age");
      if (most !== undefined && report.age_seconds > most) this.stop("stale", `the statement is ${report.age_seconds} s old, your policy takes ${most}`);
    }

    explained() {
      for (const currency of currenciesOf(this.made)) {
        const [owed, held, more, less] = GROUPS.map((group) => total(this.made, currency, group));
        if (held !== owed + more - less) this.stop("unexplained", `in ${currency} the difference is not explained to the last minor unit`);
      }
    }

    inTheTree() {
      const { file, made } = this, currencies = currenciesOf(made);
      if (!Array.isArray(file.path)) this.stop("malformed", "the path is no list");
      if (file.path.length !== made.depth) this.stop("path", `the path has ${file.path.length} levels, and the tree ${made.depth}`);
      let root, own;
      try {
        own = leafOf(subjectKey(made.origin, file.number), E.unb64(file.salt), this.sums(file.sums));
        const path = file.path.map(([hashed, sums]) => ({ hash: E.unb64(hashed), sums: this.sums(sums) }));
        root = fold(own, file.place, path);
      } catch (error) {
        if (error instanceof BadSum) this.stop("sum", `the sums cannot be: ${error.message}`);
        if (error instanceof E.BadProof || error instanceof E.NotCanonical) this.stop("path", `the path is not well formed: ${error.message}`);
        throw error;
      }
      if (!E.same(root.hash, E.unb64(made.tree))) this.stop("root", "this reservation, with this sum, is not in the tree that was signed");
      if (root.sums.some((minor, i) => minor !== total(made, currencies[i], "owed"))) this.stop("total", "the tree adds up to another sum than is said to be owed");
      this.report.yours = Object.fromEntries(currencies.map((each, i) => [each, own.sums[i]]));
    }

    sums(written) {
      if (!Array.isArray(written) || !written.every(Number.isSafeInteger)) this.stop("malformed", "a sum is no whole number");
      if (written.length !== currenciesOf(this.made).length) this.stop("sum", "there are not as many sums as currencies");
      return written.map(BigInt);
    }

    async inTheLog() {
      if (!("log" in this.file)) return;
      const said = this.file.log, { made, report } = this;
      if (!E.hasMembers(said, LOG, ["rotations"])) this.stop("members", "the place in the log has other members than its own");
      let log, placed;
      try {
        log = E.signingKey(said.key);
        this.logs = await E.LogKeys.read(log, said.rotations ?? []);
        placed = await this.placed(said);
      } catch (error) {
        if ([E.BadNote, E.BadProof, E.BadLeaf].some((kind) => error instanceof kind)) this.stop("log", `the place in the log does not hold: ${error.message}`);
        throw error;
      }
      if (placed.by !== log.vkey) this.stop("log", "the log is signed by a key that another took over from");
      const { leaf } = placed;
      if (log.name !== made.origin || leaf.type !== "reserves.stated" || leaf.subj !== E.b64(subjectKey(made.origin, "reserves/book"))) {
        this.stop("log", "the act in the log is no statement of this book");
      }
      const fields = Object.fromEntries(FIELDS.map((name) => [name, made[name]]));
      if (E.canonical(this.opened(leaf, said.open)) !== E.canonical(fields)) this.stop("log", "the act in the log made another statement");
      Object.assign(report, { logged: placed.checkpoint.size, act: leaf.seq + 1 });
      this.witnesses(placed.cosigned);
    }

    async placed(said) {
      const { made } = this;
      const { index, path, note } = E.readProof(said.proof);
      const [checkpoint, cosigned, by] = await this.trust.checkpoint(note, this.logs);
      E.checkInclusion(index, path, E.leafHash(E.utf8(said.leaf)), checkpoint);
      if (!made.size) throw new E.BadProof("every log begins with nothing, so that checkpoint says nothing");
      checkConsistency(made.size, E.unb64(made.log), checkpoint, said.grown.map(E.unb64));
      return { checkpoint, cosigned, by, leaf: E.readLeaf(said.leaf) };
    }

    opened(leaf, written) {
      const found = {};
      for (const [name, line] of Object.entries(written)) {
        const read = E.readDisclosure(line);
        if (read.name !== name || leaf.sd[name] !== E.b64(E.sha256(E.utf8(line)))) this.stop("log", `the value of ${name} is not the one recorded`);
        found[name] = read.value;
      }
      return found;
    }

    witnesses(cosigned) {
      const { report } = this, { policy } = this.trust;
      report.witnesses = [...cosigned.keys()].sort();
      if (policy && !E.satisfied(policy, new Set(cosigned.keys()))) this.stop("quorum", "not enough of the witnesses that your policy asks for have signed");
      report.auditors = policy ? report.witnesses.filter((name) => policy.auditors.has(name)) : [];
      report.audited = report.auditors.length > 0;
    }

    believed() {
      const { report } = this, { policy, key } = this.trust;
      if (!policy && !key) { report.warnings.push(UNCHECKED); return; }
      const receipts = key?.name.endsWith("/receipts") ? [key] : policy?.receipts ?? [];
      const inLog = report.logged > 0 && this.logs.keys.some((log) => this.trust.believes(log));
      if (!inLog && !receipts.some((each) => each.vkey === this.key.vkey)) this.stop("other-key", "the statement is signed by another key than the one you gave");
      report.key_pinned = true;
      if (inLog && !receipts.some((each) => each.vkey === this.key.vkey)) {
        // The reader trusts the log, and the log holds the statement: no key of receipts was given.
        report.key_hash = E.hex(this.logs.keys[0].id);
        report.given_hash = E.hex(this.trust.givenOf(this.logs).id);
      }
      if (report.logged && !inLog) report.warnings.push(LOG_UNCHECKED);
    }
  }

  /* --- the file */

  function read(bytes) {
    if (bytes.length > MAX_BYTES) throw new E.Unreadable("The file is larger than any proof of reserves may be.");
    let text;
    try { text = E.fromUtf8(bytes); } catch { throw new E.Unreadable("The file is not UTF-8 text."); }
    if (!text.includes('"earnest":"reserves/')) throw new E.Unreadable("The file is not a proof of reserves of Earnest.");
    try { JSON.parse(text); } catch { throw new E.Unreadable("The file is not JSON; it may have been cut off."); }
    try { return { file: E.strict(text), text }; } catch (error) {
      if (!(error instanceof E.NotCanonical)) throw error;
      return { file: null, text, notStrict: error.message };
    }
  }

  /* Whether bytes mean to be a proof of reserves and no story: a story says otherwise in its first members. */
  globalThis.earnestIsReserves = (bytes) => bytes.length <= MAX_BYTES && new TextDecoder().decode(bytes).includes('"earnest":"reserves/');

  /* As `earnestVerify`, for a proof of reserves. The report has the members of `earnest verify --reserves --json`. */
  globalThis.earnestVerifyReserves = async (bytes, options = {}) => {
    const pinned = options.key ? E.parseKey(options.key) : null;
    const policy = options.policy ? E.parsePolicy(options.policy) : null;
    const { file, text, notStrict } = read(bytes);
    const report = {
      ok: true, number: "", origin: "", as_of: "", age_seconds: 0, seal: null, size: null, tree: "", yours: {}, owed: {}, held: {},
      accounts: {}, key_pinned: false, logged: 0, witnesses: [], audited: false, warnings: [], errors: [],
      // For the screen; not part of the contract.
      key_hash: "", given_hash: "", act: 0, auditors: [],
    };
    const now = (options.now ?? new Date()).getTime() / 1000;
    try {
      await new ReservesCheck(file, report, now, new E.Trust(policy, pinned)).run(text, notStrict);
    } catch (error) {
      if (error instanceof E.Unreadable) throw error;
      if (!(error instanceof E.Failed)) report.errors.push({ code: "malformed", seq: null, why: `a member is not of its kind: ${error.message}` });
    }
    report.ok = report.errors.length === 0;
    return report;
  };
})();
