"use strict";
/* The verifier in the browser, part 3: one story in, one report out. `earnestVerify(bytes, options)` is all there is. */
(() => {
  const E = globalThis.Earnest;
  const MAX_BYTES = 16 * 1024 * 1024, MAX_ACTS = 10_000, MAX_LINKED = 32, MAX_DEPTH = 16, MAX_KEYS = 256;
  const SKEW = 300, MERGE_DELAY = 86_400;
  const REQUIRED = ["earnest", "origin", "number", "keys", "acts"];
  const SEALED = ["map", "seal", "proof"];
  const OPTIONAL = [...SEALED, "tail", "times", "receipts", "rotations", "linked"];
  const V0 = ["earnest", "number", "acts", "head", "note", "log"];
  const SPEAKERS = ["customer", "maker", "provider", "bank", "court", "system"];
  const UNCHECKED = "the key was named by the file itself and not checked";

  const subjectKey = (origin, number) => E.tagged("earnest/subject/v1", E.utf8(E.canonical([origin, number])));
  const genesis = (key) => E.tagged("earnest/genesis/v1", key);
  const instant = (seconds) => {
    if (seconds > 253402300799n) throw new E.BadNote("a cosignature has an impossible time");
    return new Date(Number(seconds) * 1000).toISOString().slice(0, 19) + "Z";
  };
  const need = (holds, why = "a member is not of its kind") => { if (!holds) throw new E.Malformed(why); };

  function newReport(file) {
    return {
      ok: true, version: String(file.earnest), number: String(file.number ?? ""), acts: 0, of: 0, as_of: "", age_seconds: 0,
      sealed: 0, tail: 0, key_pinned: false, witnesses: [], audited: false, withheld: [], erased: [], receipts: 0, times: [],
      linked: [], warnings: [], errors: [],
      // For the screen; not part of the contract.
      origin: "", key_hash: "", given_hash: "", seal_no: 0, log_size: 0, auditors: [], headers: [], money: [], unchecked_stamps: 0,
    };
  }

  /* --- acts: their chain, their values, their money */

  class Checker {
    constructor(report, subject) {
      Object.assign(this, { report, subject, heads: [], hashes: [], leaves: [], written: [], opened: [] });
    }

    fail(code, seq, why) { this.report.errors.push({ code, seq, why }); }
    stop(code, seq, why) { this.fail(code, seq, why); throw new E.Failed(why); }

    link(acts) {
      for (const act of acts) this.append(this.leaves.length, act);
      this.report.acts = this.leaves.length;
    }

    append(seq, act) {
      if (!E.hasMembers(act, ["leaf", "open"]) || !E.isObject(act.open)) this.stop("act-members", seq, "an act has other members than leaf and open");
      need(typeof act.leaf === "string");
      let leaf;
      try { leaf = readLeaf(act.leaf); } catch (error) {
        if (error instanceof E.BadLeaf) this.stop("leaf", seq, error.message);
        throw error;
      }
      if (leaf.subj !== E.b64(this.subject)) this.stop("foreign-act", seq, "this act belongs to another reservation");
      const before = this.heads.at(-1) ?? genesis(this.subject);
      if (leaf.seq !== seq || leaf.prev !== E.b64(before)) {
        this.stop("chain", seq, "this act does not follow the one before it: one is missing, moved or altered");
      }
      this.hashes.push(E.leafHash(E.utf8(act.leaf)));
      this.heads.push(E.tagged("earnest/chain/v1", before, this.hashes.at(-1)));
      this.leaves.push(leaf);
      this.written.push(act.open);
      this.report.headers.push({ seq, at: leaf.at, type: leaf.type, by: leaf.by });
    }

    values() {
      this.opened = this.leaves.map((leaf, seq) => this.openedOf(leaf, this.written[seq]));
      const erased = this.erased();
      for (const leaf of this.leaves) {
        for (const name of Object.keys(leaf.sd)) {
          const by = erased.get(`${leaf.seq} ${name}`);
          if (this.opened[leaf.seq].has(name)) {
            if (by !== undefined) this.report.warnings.push(`act ${by + 1} says that ${name} of act ${leaf.seq + 1} was erased, and the file has it`);
          } else if (by === undefined) {
            this.report.withheld.push(name);
          } else {
            this.report.erased.push(`${name} (act ${by + 1})`);
          }
        }
      }
      this.money();
      for (let n = 1; n < this.leaves.length; n++) {
        if (this.leaves[n].at < this.leaves[n - 1].at) this.report.warnings.push(`act ${n + 1} is dated before the one it follows`);
      }
    }

    openedOf(leaf, written) {
      const values = new Map();
      for (const [name, line] of Object.entries(written)) {
        need(typeof line === "string");
        if (!(name in leaf.sd)) { this.fail("unknown-field", leaf.seq, `the act has no field ${name}`); continue; }
        let read;
        try { read = readDisclosure(line); } catch (error) {
          if (!(error instanceof E.NotCanonical)) throw error;
          this.fail("disclosure", leaf.seq, `the value of ${name} is not well formed: ${error.message}`);
          continue;
        }
        if (read.name !== name || E.b64(E.sha256(E.utf8(line))) !== leaf.sd[name]) {
          this.fail("value", leaf.seq, `the value of ${name} is not the one recorded`);
          continue;
        }
        values.set(name, read.value);
      }
      return values;
    }

    erased() {
      const found = new Map();
      for (const leaf of this.leaves) {
        const said = this.opened[leaf.seq].get("erased");
        if (leaf.type !== "erasure.done" || !E.isObject(said)) continue;
        for (const [written, names] of Object.entries(said)) {
          const seq = E.decimal(written);
          if (seq === null || seq >= leaf.seq || !allIn(names, this.leaves[seq].sd)) {
            this.fail("erasure", leaf.seq, "it erases what was never there");
            break;
          }
          names.forEach((name) => found.set(`${seq} ${name}`, leaf.seq));
        }
      }
      return found;
    }

    money() {
      const moving = this.leaves.filter((leaf) => "entries" in leaf.sd);
      if (moving.some((leaf) => !this.opened[leaf.seq].has("entries"))) {
        this.report.warnings.push("some entries are withheld, so the money was not added up");
        return;
      }
      const balances = new Map(), received = new Map(), paid = new Map();
      const add = (to, slot, amount) => to.set(slot, (to.get(slot) ?? 0n) + amount);
      for (const leaf of moving) {
        const why = moneyOf(this.opened[leaf.seq].get("entries"), E.b64(this.subject), balances, received, paid, add);
        if (why) { this.fail("money", leaf.seq, why); return; }
      }
      const owed = new Map();
      for (const [slot, minor] of balances) {
        const [account, currency] = slot.split(" ");
        if (OWED.includes(account.split("/").at(-1))) add(owed, currency, minor);
      }
      for (const currency of [...received.keys()].sort()) {
        const [paidBack, still] = [paid, owed].map((of) => of.get(currency) ?? 0n);
        this.report.money.push({ currency, received: received.get(currency), paid: paidBack, owed: still });
      }
    }
  }

  const allIn = (names, fields) => Array.isArray(names) && names.every((name) => typeof name === "string" && name in fields);

  /* As in earnest.record.money. */
  const IN = ["card-clearing", "bank", "bank-unmatched"], OUT = ["card-clearing", "bank", "disputes"], MISTAKEN = "bank-unmatched";
  const OWED = ["deposit", "refund", "refund-in-transit", "unclaimed"];

  function moneyOf(text, key, balances, received, paid, add) {
    if (typeof text !== "string") return "the entries are not text";
    const moved = new Set();
    for (const line of text ? text.split("\n") : []) {
      const found = /^([^ \t\n\r\f\v]+) ([^ \t\n\r\f\v]+) ([1-9][0-9]{0,15}) ([A-Z]{3})$/.exec(line);
      if (!found || found[1] === found[2]) return `“${line.slice(0, 60)}” is not an entry`;
      const [, debit, credit, digits, currency] = found;
      const amount = BigInt(digits);
      for (const [account, change] of [[debit, -amount], [credit, amount]]) {
        if (account.startsWith("customer/") && account.split("/")[1] !== key) return "the entries move another customer's money";
        add(balances, `${account} ${currency}`, change);
        moved.add(`${account} ${currency}`);
      }
      if (IN.includes(debit) && credit.endsWith("/deposit")) add(received, currency, amount);
      if (credit === MISTAKEN && debit.startsWith("customer/")) add(received, currency, -amount);
      if (OUT.includes(credit) && OWED.includes(debit.split("/").at(-1))) add(paid, currency, amount);
      if (OUT.includes(debit) && credit.endsWith("/refund")) add(paid, currency, -amount);
    }
    for (const slot of moved) {
      const account = slot.split(" ")[0].split("/").at(-1);
      if (balances.get(slot) < 0n && OWED.includes(account)) return `the account ${account} would be below zero`;
    }
    return "";
  }

  function readLeaf(text) {
    let leaf;
    const hash = (value) => {
      if (typeof value !== "string" || E.unb64(value).length !== 32) throw new E.BadLeaf("a hash does not have 32 bytes");
    };
    try {
      leaf = E.parseCanonical(text);
      if (!E.hasMembers(leaf, ["v", "k", "subj", "seq", "prev", "type", "tv", "by", "at", "sd"], ["cites"])) {
        throw new E.BadLeaf("a leaf has other members than an act's");
      }
      [leaf.subj, leaf.prev].forEach(hash);
      if ("cites" in leaf) {
        if (!Array.isArray(leaf.cites) || !leaf.cites.length) throw new E.BadLeaf("cites is not a list of hashes");
        leaf.cites.forEach(hash);
      }
      if (leaf.v !== 1 || leaf.k !== "act") throw new E.BadLeaf("not a leaf of an act, version 1");
      if (!Number.isSafeInteger(leaf.seq) || !Number.isSafeInteger(leaf.tv) || leaf.seq < 0 || leaf.tv < 1) {
        throw new E.BadLeaf("a sequence number or version is not a whole number");
      }
      if (typeof leaf.type !== "string" || !/^[a-z]+(\.[a-z_]+)+$/.test(leaf.type) || !SPEAKERS.includes(leaf.by)) {
        throw new E.BadLeaf("the type or the speaker is not one");
      }
      E.seconds(leaf.at);
      if (!E.isObject(leaf.sd)) throw new E.BadLeaf("the digests are not an object");
      for (const [name, digest] of Object.entries(leaf.sd)) {
        if (!/^[a-z][a-z0-9_]{0,63}$/.test(name)) throw new E.BadLeaf("a field has no proper name");
        hash(digest);
      }
    } catch (error) {
      if (error instanceof E.NotCanonical) throw new E.BadLeaf(`a leaf is not well formed: ${error.message}`);
      throw error;
    }
    return leaf;
  }

  function readDisclosure(line) {
    let text;
    try { text = E.fromUtf8(E.unb64(line)); } catch (error) {
      if (error instanceof TypeError) throw new E.NotCanonical("not a disclosure");
      throw error;
    }
    const read = E.strict(text);
    if (!Array.isArray(read) || read.length !== 3 || typeof read[0] !== "string" || typeof read[1] !== "string") {
      throw new E.NotCanonical("a disclosure is [salt, name, value]");
    }
    return { name: read[1], value: read[2] };
  }

  /* --- whom to believe */

  class Trust {
    constructor(policy, key) { Object.assign(this, { policy, key, seen: new Map() }); }
    get pinned() { return Boolean(this.key || this.policy?.logs.length); }
    believes(log) { return [...(this.policy?.logs ?? []), ...(this.key ? [this.key] : [])].some((each) => each.vkey === log.vkey); }
    /* The newest of a log's keys that was given, from which its present one follows; that one if none was. */
    givenOf(logs) { return logs.keys.find((log) => this.believes(log)) ?? logs.keys[0]; }
    get witnesses() { return this.policy?.witnesses ?? new Map(); }

    /* A checkpoint, who cosigned it when, and which of the log's keys signed it. */
    async checkpoint(note, logs) {
      let seen = this.seen.get(note);
      if (!seen || !logs.has(seen[2])) {
        const [checkpoint, log] = await signedByAny(note, logs);
        seen = [checkpoint, await E.cosignedAt(note, this.witnesses), log.vkey];
        this.seen.set(note, seen);
      }
      return seen;
    }

    async stamp(der, checkpoint) {
      if (!globalThis.earnestCheckStamp) throw new E.BadStamp("time stamps are not read here");
      return globalThis.earnestCheckStamp(der, E.utf8(checkpoint.body), this.policy?.tsas ?? new Map());
    }
  }

  async function signedByAny(note, logs) {
    let failure = new E.BadNote("the note is not signed by the key");
    const named = new Set(E.signaturesOf(note).signatures.map((line) => `${line.name}+${E.hex(line.id)}`));
    for (const log of logs.keys) {
      if (!named.has(`${log.name}+${E.hex(log.id)}`)) continue;
      try { return [await E.openCheckpoint(note, log), log]; } catch (error) {
        if (!(error instanceof E.BadNote)) throw error;
        failure = error;
      }
    }
    throw failure;
  }

  /* A log's key and those it had before, the newest first, and until when each of them signed. */
  class LogKeys {
    constructor(log) { Object.assign(this, { keys: [log], until: new Map([[log.vkey, ""]]) }); }
    has(vkey) { return this.until.has(vkey); }

    static async read(log, notes) {
      const found = new LogKeys(log), rotations = [];
      for (const note of notes) rotations.push(await E.readRotation(note));
      for (const { before, after, at } of rotations.reverse()) {
        if (after.vkey !== found.keys.at(-1).vkey) throw new E.BadNote("a change of keys does not lead to the log's key");
        found.keys.push(before);
        if (!found.has(before.vkey)) found.until.set(before.vkey, at);
      }
      return found;
    }

    /* Whoever has a key that another took over from seals no more, a thief neither. */
    check(vkey, at) {
      const until = this.until.get(vkey);
      if (until && E.seconds(at) > E.seconds(until) + SKEW) throw new E.BadNote(`it is signed by a key that another took over from on ${until}`);
    }
  }

  /* --- version 1 */

  class StoryCheck {
    constructor(file, report, now, trust) { Object.assign(this, { file, report, now, trust, linked: [] }); }

    async run(receipts) {
      this.shape();
      await this.keys();
      this.checker = new Checker(this.report, subjectKey(this.report.origin, this.report.number));
      const seal = this.file.acts.length ? await this.sealed() : null;
      this.checker.link(this.file.acts);
      this.report.sealed = this.checker.leaves.length;
      if (seal) this.inMap(seal);
      this.checker.link(this.file.tail ?? []);
      this.report.tail = this.checker.leaves.length - this.report.sealed;
      this.report.of = this.report.acts;
      this.checker.values();
      await this.links();
      await this.receipts(receipts);
      await this.times();
      if (seal) this.delays(seal);
    }

    stop(code, why, seq = null) { this.report.errors.push({ code, seq, why }); throw new E.Failed(why); }

    shape() {
      const file = this.file;
      const lists = ["acts", "keys", ...["tail", "map", "times", "receipts", "rotations", "linked"].filter((name) => name in file)];
      const texts = ["origin", "number", ...["seal", "proof"].filter((name) => name in file)];
      if (!texts.every((name) => typeof file[name] === "string")) this.stop("malformed", "a member is not text");
      if (!lists.every((name) => Array.isArray(file[name]))) this.stop("malformed", "a member is not a list");
      if (lists.some((name) => name !== "acts" && name !== "map" && !file[name].length)) this.stop("members", "a member is empty, and would be left out");
      if (!file.acts.length && !file.tail?.length) this.stop("no-acts", "a story has at least one act");
      const some = [...SEALED, "times"].some((name) => name in file);
      if (Boolean(file.acts.length) !== SEALED.every((name) => name in file) || (some && !file.acts.length)) {
        this.stop("members", "sealed acts come with map, seal and proof, and nothing else does");
      }
      Object.assign(this.report, { origin: file.origin, number: file.number });
    }

    async keys() {
      const report = this.report;
      try {
        this.log = E.signingKey(this.file.keys[0]);
        report.key_hash = E.hex(this.log.id);
        if (this.log.name !== report.origin) this.stop("other-subject", "the log's key belongs to another book");
        this.receiptKeys = this.file.keys.slice(1).map(E.signingKey);
        const distinct = new Set(this.receiptKeys.map((key) => E.b64(key.public))).size;
        if (this.receiptKeys.some((key) => key.name !== `${report.origin}/receipts`) || distinct !== this.receiptKeys.length) {
          throw new E.BadNote("a receipt key has another name than the book's, or stands twice");
        }
        this.logs = await LogKeys.read(this.log, this.file.rotations ?? []);
      } catch (error) {
        if (error instanceof E.BadNote) this.stop("signature", `a key does not hold: ${error.message}`);
        throw error;
      }
      report.key_pinned = this.trust.pinned;
      if (!this.trust.pinned) report.warnings.push(UNCHECKED);
      else if (!this.logs.keys.some((log) => this.trust.believes(log))) this.stop("other-key", "the file is signed by another key than the one you gave");
      else if (this.logs.keys.length > 1 && !this.trust.believes(this.log)) {
        report.warnings.push(`the log's key changed on ${this.logs.until.get(this.logs.keys[1].vkey)}, signed by both keys`);
      }
      report.given_hash = E.hex(this.trust.givenOf(this.logs).id);
    }

    async sealed() {
      const report = this.report;
      let seal, cosigned, log, proof;
      try {
        proof = E.readProof(this.file.proof);
        [this.checkpoint, cosigned, log] = await this.trust.checkpoint(proof.note, this.logs);
        seal = E.readSeal(this.file.seal);
        this.logs.check(log, seal.at);
        if (proof.index !== this.checkpoint.size - 1) this.stop("seal-not-last", "the seal is not the last leaf of its checkpoint");
        E.checkInclusion(proof.index, proof.path, E.leafHash(E.utf8(this.file.seal)), this.checkpoint);
      } catch (error) {
        if (error instanceof E.BadNote) this.stop("signature", `the checkpoint does not hold: ${error.message}`);
        if (error instanceof E.BadProof) this.stop("proof", `the seal is not in the log: ${error.message}`);
        if (error instanceof E.BadLeaf) this.stop("seal", error.message);
        throw error;
      }
      Object.assign(report, { seal_no: seal.no, log_size: this.checkpoint.size, as_of: seal.at });
      this.witnesses(proof.note, cosigned);
      const asOf = E.seconds(report.as_of);
      report.age_seconds = Math.max(0, Math.trunc(this.now - asOf));
      if (asOf > this.now + SKEW) report.warnings.push("it was sealed in the future, by its own word or your clock");
      const most = this.trust.policy?.durations.get("max-age");
      if (most !== undefined && report.age_seconds > most) this.stop("stale", `the story is ${report.age_seconds} s old, your policy takes ${most}`);
      return seal;
    }

    witnesses(note, cosigned) {
      const { report } = this, { policy } = this.trust;
      report.witnesses = [...cosigned.keys()].sort();
      const unknown = E.signaturesOf(note).signatures.length - 1 - cosigned.size;
      if (unknown > 0) report.warnings.push(`${unknown} further signatures are of keys that you did not give`);
      if (!policy) return;
      if (!E.satisfied(policy, new Set(cosigned.keys()))) this.stop("quorum", "not enough of the witnesses that your policy asks for have signed");
      report.auditors = report.witnesses.filter((name) => policy.auditors.has(name));
      report.audited = report.auditors.length > 0;
      const times = E.quorumTimes(policy, cosigned);
      if (times && cosigned.size) report.as_of = instant(times.last);
    }

    inMap(seal) {
      const { checker } = this;
      let root;
      try {
        const siblings = this.file.map.map(E.unb64);
        if (siblings.some((hashed) => hashed.length !== 32)) throw new E.NotCanonical("a hash does not have 32 bytes");
        root = E.foldMap(checker.subject, checker.leaves.length, checker.heads.at(-1), siblings);
      } catch (error) {
        if (error instanceof E.NotCanonical) this.stop("map", `the path in the map is not well formed: ${error.message}`);
        throw error;
      }
      if (!E.same(root, seal.map)) {
        this.stop("map", `the log does not hold exactly these ${checker.leaves.length} acts: one is missing, added or altered`);
      }
    }

    async links() {
      const known = new Set();
      for (const each of this.file.linked ?? []) {
        need(E.isObject(each));
        const report = newReport(each);
        if (each.earnest !== "story/v1" || !E.hasMembers(each, REQUIRED, OPTIONAL)) this.stop("linked", "a linked story has other members than a story's");
        if (each.origin !== this.report.origin || E.canonical(each.keys) !== E.canonical(this.file.keys)) this.stop("linked", "a linked story is another book's");
        const story = new StoryCheck(each, report, this.now, this.trust);
        try { await story.run([]); } catch (error) { if (!(error instanceof E.Failed)) throw error; }
        if (report.errors.length) {
          const [first] = report.errors;
          this.stop("linked", `the story of ${report.number}: ${first.why} [${first.code}]`);
        }
        this.linked.push(story);
        this.report.linked.push({ number: report.number, acts: report.acts });
        story.checker.hashes.forEach((hashed) => known.add(E.b64(hashed)));
      }
      for (const leaf of this.checker.leaves) {
        if (this.file.linked && !(leaf.cites ?? []).every((cited) => known.has(cited))) {
          this.report.warnings.push(`act ${leaf.seq + 1} cites an act that is not in the file`);
        }
      }
    }

    async receipts(given) {
      const { report, checker } = this;
      let last = -1, bound = -1;
      const believed = this.checkReceiptKeys();
      for (const note of [...(this.file.receipts ?? []), ...given]) {
        const receipt = await this.receipt(note);
        if (!receipt) this.stop("receipt", "a receipt is not signed by a key of this book's receipts");
        if (receipt.origin !== report.origin || !E.same(receipt.key, checker.subject)) {
          this.stop("receipt-other", "a receipt belongs to another reservation or another book");
        }
        if (receipt.seq >= checker.heads.length) {
          this.stop("receipt-beyond", `a receipt was given for act ${receipt.seq + 1}: it was left out, or the story is older`, receipt.seq);
        }
        if (!E.same(checker.heads[receipt.seq], receipt.head)) this.stop("receipt", "a receipt was given for other acts than these", receipt.seq);
        report.receipts++;
        last = Math.max(last, receipt.seq);
        if (!believed || believed.has(receipt.by)) bound = Math.max(bound, receipt.seq);
      }
      const newest = checker.heads.length - 1;
      if (report.tail && bound < newest) {
        if (last < newest) this.stop("tail", "no receipt binds the acts that are not sealed yet", newest);
        this.stop("other-key", "neither you nor the log named the key that signs for the acts that are not sealed yet", newest);
      }
    }

    async receipt(note) {
      try {
        const named = new Set(E.signaturesOf(note).signatures.map((line) => `${line.name}+${E.hex(line.id)}`));
        const key = this.receiptKeys.find((each) => named.has(`${each.name}+${E.hex(each.id)}`));
        return key ? { ...(await E.readReceipt(note, key)), by: key.vkey } : null;
      } catch (error) {
        if (!(error instanceof E.BadNote || error instanceof E.NotCanonical)) throw error;
        return null;
      }
    }

    /* The keys of receipts that the policy gives, or that the log itself introduced; null where nothing was given. */
    checkReceiptKeys() {
      if (!this.trust.pinned) return null;
      const given = new Set((this.trust.policy?.receipts ?? []).map((key) => key.vkey));
      for (const story of this.linked.filter((each) => each.report.number === "keys/book")) {
        for (const values of story.checker.opened.slice(0, story.report.sealed)) {
          if (values.get("role") === "receipts" && values.has("vkey")) given.add(values.get("vkey"));
        }
      }
      if ((this.file.receipts || this.report.tail) && !this.receiptKeys.every((key) => given.has(key.vkey))) {
        this.report.warnings.push("the key of the receipts was named by the file itself and not checked");
      }
      return given;
    }

    async times() {
      let expected = 0;
      for (const group of this.file.times ?? []) {
        if (!E.hasMembers(group, ["from", "to", "proof", "seal", "path"], ["first", "stamps", "before", "before_stamps"])) {
          this.stop("times", "a time has other members than a time's");
        }
        const { from, to } = group;
        if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || expected > from || from > to || to >= this.report.sealed) {
          this.stop("times", "the times do not follow the acts");
        }
        if ((from < to) !== ("first" in group)) this.stop("times", "the first of several acts has a proof of its own, and a single one has not", to);
        expected = to + 1;
        try { await this.group(group, from, to); } catch (error) {
          if ([E.BadProof, E.BadNote, E.BadLeaf, E.BadStamp].some((kind) => error instanceof kind)) {
            this.stop("times", `when this act was sealed does not hold: ${error.message}`, to);
          }
          throw error;
        }
      }
    }

    async group(group, from, to) {
      need(typeof group.proof === "string" && typeof group.seal === "string");
      const { index, path, note } = E.readProof(group.proof);
      const [checkpoint, cosigned, log] = await this.trust.checkpoint(note, this.logs);
      E.checkInclusion(index, path, this.checker.hashes[to], checkpoint);
      if (checkpoint.size > this.checkpoint.size) throw new E.BadProof("it is sealed by a later checkpoint than the story's own");
      let first = index;
      if (from < to) {
        need(E.isObject(group.first));
        first = group.first.index;
        E.checkInclusion(first, E.pathOf(group.first.path), this.checker.hashes[from], checkpoint);
        if (first >= index) throw new E.BadProof("the first act is in the log after the last");
      }
      E.checkInclusion(checkpoint.size - 1, E.pathOf(group.path), E.leafHash(E.utf8(group.seal)), checkpoint);
      const seal = E.readSeal(group.seal);
      this.logs.check(log, seal.at);
      const latest = await this.notAfter(seal, checkpoint, cosigned, stampsOf(group.stamps));
      const earliest = await this.notBefore(group, seal, first);
      this.bound(from, to, earliest, latest);
    }

    async notAfter(seal, checkpoint, cosigned, stamps) {
      const times = [];
      const quorum = this.trust.policy && cosigned.size ? E.quorumTimes(this.trust.policy, cosigned) : null;
      if (quorum) times.push({ at: instant(quorum.first), by: [...cosigned.keys()].sort().join(", ") });
      for (const stamp of stamps) {
        const { name, at } = await this.trust.stamp(stamp, checkpoint);
        if (name === null) this.report.unchecked_stamps++;
        else times.push({ at, by: name });
      }
      return times.length ? times.reduce((one, other) => (other.at < one.at ? other : one)) : { at: seal.at, by: "" };
    }

    async notBefore(group, seal, first) {
      if (!("before" in group)) return null;
      need(typeof group.before === "string");
      const stamps = stampsOf(group.before_stamps);
      if (!E.same(E.sha256(E.utf8(group.before), ...stamps), seal.anchor)) throw new E.BadProof("the seal does not name the checkpoint before it");
      const [checkpoint, cosigned] = await this.trust.checkpoint(group.before, this.logs);
      if (first < checkpoint.size) throw new E.BadProof("the act was in the log before the checkpoint that it is said to follow");
      const times = [...cosigned].map(([name, at]) => ({ at: instant(at), by: name }));
      for (const stamp of stamps) {
        const { name, at } = await this.trust.stamp(stamp, checkpoint);
        if (name !== null) times.push({ at, by: name });
      }
      return times.length ? times.reduce((one, other) => (other.at > one.at ? other : one)) : null;
    }

    bound(from, to, earliest, latest) {
      const slack = this.trust.policy?.durations.get("max-merge-delay") ?? MERGE_DELAY;
      for (let seq = from; seq <= to; seq++) {
        this.report.times.push({ act: seq + 1, not_before: earliest?.at ?? "", not_after: latest.at, by: latest.by });
        const at = E.seconds(this.checker.leaves[seq].at);
        if (at > E.seconds(latest.at) + SKEW) this.report.warnings.push(`act ${seq + 1} is dated after it was sealed`);
        if (earliest && at < E.seconds(earliest.at) - slack) {
          this.report.warnings.push(`act ${seq + 1} is dated long before it was sealed: it may be back-dated`);
        }
      }
    }

    delays(seal) {
      const most = this.trust.policy?.durations.get("max-merge-delay");
      if (most === undefined) return;
      for (const leaf of this.checker.leaves.slice(this.report.sealed)) {
        if (E.seconds(seal.at) - E.seconds(leaf.at) > most) {
          this.stop("merge-delay", `it was receipted at ${leaf.at}, and the seal of ${seal.at} left it out: the maker's breach`, leaf.seq);
        }
      }
    }
  }

  function stampsOf(texts) {
    need(texts === undefined || Array.isArray(texts));
    return (texts ?? []).map(E.unstd64);
  }

  /* --- version 0: signed by its maker, sealed by nobody */

  async function checkV0(file, report, now, pinned) {
    const stop = (code, why) => { report.errors.push({ code, seq: null, why }); throw new E.Failed(why); };
    if (!["number", "head", "note", "log"].every((name) => typeof file[name] === "string")) stop("malformed", "a member is not text");
    if (!Array.isArray(file.acts) || !file.acts.length) stop("no-acts", "a story has at least one act");
    let body, named;
    try {
      named = E.parseKey(file.log);
      report.origin = named.name.replace(/\/receipts$/, "");
      report.key_hash = E.hex(named.id);
      if (!pinned) report.warnings.push(UNCHECKED);
      else {
        report.key_pinned = true;
        if (pinned.vkey !== named.vkey) stop("other-key", "the file is signed by another key than the one you gave");
      }
      body = await E.openNote(file.note, [named]);
    } catch (error) {
      if (error instanceof E.BadNote) stop("signature", `the signature does not hold: ${error.message}`);
      throw error;
    }
    const [origin, word, key, count, head, at, ...rest] = body.split("\n");
    const of = rest.length === 1 && word === "story" ? E.decimal(count) : null;
    if (of === null) stop("note", "what is signed is not a story's head");
    report.as_of = at;
    const subject = subjectKey(origin, report.number);
    if (named.name !== `${origin}/receipts` || key !== E.b64(subject)) stop("other-subject", "what is signed belongs to another reservation or another book");
    Object.assign(report, { origin, of });
    try {
      report.age_seconds = Math.max(0, Math.trunc(now - E.seconds(at)));
      E.unb64(head);
    } catch (error) {
      if (error instanceof E.BadLeaf || error instanceof E.NotCanonical) stop("note", error.message);
      throw error;
    }
    const checker = new Checker(report, subject);
    checker.link(file.acts);
    report.tail = report.acts;
    if (report.acts !== of) checker.stop("count", null, `there are ${report.acts} acts, and the signature says ${of}`);
    if (E.b64(checker.heads.at(-1)) !== head || file.head !== head) checker.stop("head", null, "the acts do not lead to the head that was signed");
    checker.values();
    if (checker.leaves.at(-1).at > at) report.warnings.push("the last act is dated after the signature");
  }

  /* --- the file */

  function read(bytes) {
    if (bytes.length > MAX_BYTES) throw new E.Unreadable("The file is larger than 16 MB, more than any story may have.");
    let text, loose;
    try { text = E.fromUtf8(bytes); } catch { throw new E.Unreadable("The file is not UTF-8 text."); }
    try { loose = JSON.parse(text); } catch { throw new E.Unreadable("The file is not JSON; it may have been cut off."); }
    if (!E.isObject(loose) || !String(loose.earnest ?? "").startsWith("story/")) throw new E.Unreadable("The file is not a story of Earnest.");
    checkSize(loose);
    try { return { file: E.strict(text), text }; } catch (error) {
      if (!(error instanceof E.NotCanonical)) throw error;
      return { file: { earnest: loose.earnest, number: loose.number ?? "" }, text, notStrict: error.message };
    }
  }

  function checkSize(loose) {
    let acts = 0, receipts = 0, stories = 0;
    const walk = (story, depth) => {
      const many = (name) => (Array.isArray(story[name]) ? story[name].length : 0);
      acts += many("acts") + many("tail");
      receipts += many("receipts");
      stories++;
      if (receipts > MAX_ACTS || many("keys") + many("rotations") > MAX_KEYS) {
        throw new E.Unreadable(`The file has more than ${MAX_ACTS} receipts, or ${MAX_KEYS} keys.`);
      }
      if (acts > MAX_ACTS) throw new E.Unreadable(`The file has more than ${MAX_ACTS} acts, more than any story may have.`);
      if (stories > MAX_LINKED + 1 || depth > MAX_DEPTH) throw new E.Unreadable(`The file links more than ${MAX_LINKED} stories, or deeper than ${MAX_DEPTH}.`);
      if (Array.isArray(story.linked)) story.linked.filter(E.isObject).forEach((each) => walk(each, depth + 1));
    };
    walk(loose, 1);
  }

  async function check(file, text, notStrict, report, options, policy, pinned) {
    const fail = (code, why) => { report.errors.push({ code, seq: null, why }); throw new E.Failed(why); };
    if (notStrict) fail("not-strict-json", `the JSON is not strict: ${notStrict}`);
    const known = { "story/v0": [V0, []], "story/v1": [REQUIRED, OPTIONAL] };
    if (!(file.earnest in known)) fail("unknown-version", `version ${file.earnest} is not known here`);
    if (!E.hasMembers(file, ...known[file.earnest])) fail("members", "members are missing or unknown");
    const now = (options.now ?? new Date()).getTime() / 1000;
    if (file.earnest === "story/v0") {
      await checkV0(file, report, now, pinned);
    } else {
      if (`${E.canonical(file)}\n` !== text) fail("not-canonical", "the file is not the one text of its content");
      await new StoryCheck(file, report, now, new Trust(policy, pinned)).run(options.receipts ?? []);
    }
  }

  /* For the proof of reserves, which trusts the same log. */
  Object.assign(E, { Trust, LogKeys, readLeaf, readDisclosure });

  /* bytes: Uint8Array. options: {now: Date, key: verifier key, policy: text, receipts: [text]}. The report has the members of
     `earnest verify --json`. Throws Earnest.Unreadable, BadNote (of the key given) and BadPolicy, with one sentence each. */
  globalThis.earnestVerify = async (bytes, options = {}) => {
    const pinned = options.key ? E.parseKey(options.key) : null;
    const policy = options.policy ? E.parsePolicy(options.policy) : null;
    const { file, text, notStrict } = read(bytes);
    const report = newReport(file);
    try {
      await check(file, text, notStrict, report, options, policy, pinned);
    } catch (error) {
      if (error instanceof E.Unreadable) throw error;
      if (!(error instanceof E.Failed)) report.errors.push({ code: "malformed", seq: null, why: `a member is not of its kind: ${error.message}` });
    }
    report.ok = report.errors.length === 0;
    return report;
  };
})();
