"use strict";
/* The verifier in the browser, part 2: signed notes, the log's tree, the map of subjects, policies, receipts. */
(() => {
  const E = globalThis.Earnest;
  const ED25519 = 1, COSIGNATURE = 4;
  const DASH = "\u2014 ";
  const H0 = Uint8Array.of(0), H1 = Uint8Array.of(1);

  E.leafHash = (leaf) => E.sha256(H0, leaf);
  E.nodeHash = (left, right) => E.sha256(H1, left, right);

  /* --- keys and notes (C2SP signed-note) */

  const goodName = (name) => name !== "" && !name.includes("+") && !/[\p{C}\p{Z}]/u.test(name);
  const keyId = (name, publicKey, type) => E.sha256(E.utf8(name), Uint8Array.of(10, type), publicKey).slice(0, 4);

  E.parseKey = (vkey) => {
    if (typeof vkey !== "string") throw new E.Malformed("a key is not text");
    const [name, , ...rest] = vkey.split("+");
    if (rest.length === 0 || !goodName(name)) throw new E.BadNote("not a verifier key: name+hash+key");
    const raw = E.unstd64(rest.join("+"));
    if (raw.length !== 33 || (raw[0] !== ED25519 && raw[0] !== COSIGNATURE)) throw new E.BadNote("not an Ed25519 verifier key");
    const key = { name, type: raw[0], public: raw.slice(1), vkey };
    key.id = keyId(name, key.public, key.type);
    if (`${name}+${E.hex(key.id)}+${E.std64(raw)}` !== vkey) throw new E.BadNote("the hash of the verifier key is not its own");
    return key;
  };

  /* A key of a log or of receipts; one for cosignatures is none. */
  E.signingKey = (vkey) => {
    const key = E.parseKey(vkey);
    if (key.type !== ED25519) throw new E.BadNote("a key for cosignatures signs neither checkpoints nor receipts");
    return key;
  };

  E.verifies = async (key, text, signature) => {
    if (!globalThis.crypto?.subtle) throw new E.Unreadable("This browser checks signatures on safe addresses only (https, or a file).");
    try {
      key.imported ??= await crypto.subtle.importKey("raw", key.public, { name: "Ed25519" }, false, ["verify"]);
    } catch (error) {
      if (error.name === "NotSupportedError") throw new E.Unreadable("This browser does not know Ed25519; nothing was checked.");
      return false;
    }
    return crypto.subtle.verify({ name: "Ed25519" }, key.imported, signature, E.utf8(text));
  };

  E.signaturesOf = (text) => {
    if (typeof text !== "string") throw new E.Malformed("a note is not text");
    if (text.length > 1_000_000) throw new E.BadNote("the note is too large");
    const at = text.lastIndexOf("\n\n");
    if (at < 0 || !text.endsWith("\n")) throw new E.BadNote("not a signed note");
    const body = text.slice(0, at + 1);
    const lines = text.slice(at + 2);
    if (!lines.endsWith("\n")) throw new E.BadNote("not a signed note");
    if (/[\x00-\x09\x0b-\x1f]/.test(body)) throw new E.BadNote("the text of a note has no control characters");
    const found = lines.slice(0, -1).split("\n").map((line) => {
      const rest = line.startsWith(DASH) ? line.slice(DASH.length) : "";
      const space = rest.indexOf(" ");
      const name = rest.slice(0, space);
      if (space < 0 || !goodName(name)) throw new E.BadNote("a signature line is not well formed");
      const signature = E.unstd64(rest.slice(space + 1));
      if (signature.length < 5) throw new E.BadNote("a signature line is not well formed");
      return { name, id: signature.slice(0, 4), signature: signature.slice(4) };
    });
    return { body, signatures: found };
  };

  E.openNote = async (text, keys) => {
    const { body, signatures } = E.signaturesOf(text);
    const missing = new Set(keys);
    for (const line of signatures) {
      const key = keys.find((each) => each.name === line.name && E.same(each.id, line.id));
      if (!key) continue;
      if (!missing.has(key) || !(await E.verifies(key, body, line.signature))) throw new E.BadNote("a signature does not verify");
      missing.delete(key);
    }
    if (missing.size) throw new E.BadNote("the note is not signed by the key");
    return body;
  };

  /* --- checkpoints, seals, cosignatures, proofs */

  E.parseCheckpoint = (body) => {
    const lines = body.split("\n");
    const size = lines.length === 4 ? E.decimal(lines[1]) : null;
    if (size === null || !lines[0]) throw new E.BadNote("not a checkpoint: origin, size and root, one a line");
    const root = E.unstd64(lines[2]);
    if (root.length !== 32 || size > Number.MAX_SAFE_INTEGER || `${lines[0]}\n${size}\n${E.std64(root)}\n` !== body) {
      throw new E.BadNote("not a checkpoint in its one form");
    }
    return { origin: lines[0], size, root, body };
  };

  E.openCheckpoint = async (note, key) => {
    const found = E.parseCheckpoint(await E.openNote(note, [key]));
    if (found.origin !== key.name) throw new E.BadNote("the checkpoint's origin is not the name of the key");
    return found;
  };

  E.cosignedAt = async (note, cosigners) => {
    const { body, signatures } = E.signaturesOf(note);
    const found = new Map();
    for (const line of signatures) {
      const entry = [...cosigners].find(([, key]) => key.name === line.name && E.same(key.id, line.id));
      if (!entry) continue;
      const [who, key] = entry;
      const at = line.signature.length === 72 ? new DataView(line.signature.buffer, line.signature.byteOffset).getBigUint64(0) : 0n;
      if (found.has(who) || line.signature.length !== 72
        || !(await E.verifies(key, `cosignature/v1\ntime ${at}\n${body}`, line.signature.slice(8)))) {
        throw new E.BadNote(`the cosignature of ${line.name} does not verify`);
      }
      found.set(who, at);
    }
    return found;
  };

  E.readSeal = (text) => {
    let seal;
    try {
      seal = E.parseCanonical(text);
      if (!E.hasMembers(seal, ["v", "k", "no", "at", "map", "subjects", "anchor"])) throw new E.BadLeaf("a seal has other members than a seal's");
      seal.map = E.unb64(seal.map);
      seal.anchor = E.unb64(seal.anchor);
    } catch (error) {
      if (error instanceof E.NotCanonical) throw new E.BadLeaf(`a seal is not well formed: ${error.message}`);
      throw error;
    }
    const whole = [seal.no, seal.subjects].every((number) => Number.isSafeInteger(number) && number >= 0);
    if (seal.v !== 1 || seal.k !== "seal" || !whole) throw new E.BadLeaf("not a seal, version 1");
    if (seal.map.length !== 32 || seal.anchor.length !== 32) throw new E.BadLeaf("a hash of the seal does not have 32 bytes");
    E.seconds(seal.at);
    return seal;
  };

  E.readProof = (text) => {
    const at = text.indexOf("\n\n");
    const lines = text.slice(0, Math.max(at, 0)).split("\n");
    if (at < 0 || lines.length < 2 || lines[0] !== "c2sp.org/tlog-proof@v1" || !lines[1].startsWith("index ")) {
      throw new E.BadProof("not a proof of a log");
    }
    const index = E.decimal(lines[1].slice(6));
    if (index === null || lines.length > 65) throw new E.BadProof("the proof has no index, or too many hashes");
    return { index, path: hashes(lines.slice(2)), note: text.slice(at + 2) };
  };

  const hashes = (texts) => texts.map((text) => {
    let hashed;
    try { hashed = E.unstd64(text); } catch (error) {
      if (error instanceof E.BadNote) throw new E.BadProof(error.message);
      throw error;
    }
    if (hashed.length !== 32) throw new E.BadProof("a hash does not have 32 bytes");
    return hashed;
  });
  E.pathOf = (texts) => {
    if (!Array.isArray(texts) || texts.length > 64) throw new E.BadProof("a path is a list of at most 64 hashes");
    return hashes(texts);
  };

  /* RFC 9162, section 2.1.3.2 */
  E.checkInclusion = (index, path, leaf, checkpoint) => {
    if (!Number.isSafeInteger(index) || index < 0 || index >= checkpoint.size) throw new E.BadProof("the log has no such leaf");
    let place = index, last = checkpoint.size - 1, found = leaf;
    const half = (number) => Math.floor(number / 2);
    for (const hashed of path) {
      if (last === 0) throw new E.BadProof("the proof has too many hashes");
      if (place % 2 || place === last) {
        found = E.nodeHash(hashed, found);
        while (place % 2 === 0 && place) { place = half(place); last = half(last); }
      } else {
        found = E.nodeHash(found, hashed);
      }
      place = half(place);
      last = half(last);
    }
    if (last) throw new E.BadProof("the proof has too few hashes");
    if (!E.same(found, checkpoint.root)) throw new E.BadProof("the path does not lead to the root that was signed");
  };

  /* --- the map of subjects */

  const bit = (key, depth) => (key[depth >> 3] >> (7 - (depth & 7))) & 1;
  E.EMPTY_MAP = E.tagged("earnest/map-empty/v1");
  E.foldMap = (key, count, head, siblings) => {
    if (siblings.length > 256) throw new E.NotCanonical("a proof is deeper than a key is long");
    const size = new DataView(new ArrayBuffer(8));
    size.setBigUint64(0, BigInt(count));
    let found = E.tagged("earnest/map-leaf/v1", key, new Uint8Array(size.buffer), head);
    siblings.forEach((sibling, i) => {
      const depth = siblings.length - 1 - i;
      found = bit(key, depth) ? E.tagged("earnest/map-node/v1", sibling, found) : E.tagged("earnest/map-node/v1", found, sibling);
    });
    return found;
  };

  /* --- receipts, and changes of the log's key */

  E.readReceipt = async (note, key) => {
    const body = await E.openNote(note, [key]);
    const lines = body.split("\n");
    const seq = lines.length === 6 && lines[1] === "receipt" ? E.decimal(lines[3]) : null;
    if (seq === null) throw new E.BadNote("not a receipt");
    return { origin: lines[0], key: E.unb64(lines[2]), seq, head: E.unb64(lines[4]) };
  };

  E.readRotation = async (note) => {
    if (typeof note !== "string") throw new E.Malformed("a change of keys is not text");
    const lines = note.split("\n");
    if (lines.length < 6 || lines[1] !== "rotation") throw new E.BadNote("not a change of keys");
    const before = E.signingKey(lines[2]), after = E.signingKey(lines[3]);
    const body = `${lines[0]}\nrotation\n${before.vkey}\n${after.vkey}\n${lines[4]}\n`;
    if ((await E.openNote(note, [before, after])) !== body) throw new E.BadNote("not a change of keys in its one form");
    if (lines[0] !== before.name || lines[0] !== after.name) throw new E.BadNote("a change of keys is for another log");
    try { E.seconds(lines[4]); } catch (error) {
      if (error instanceof E.BadLeaf) throw new E.BadNote(`a change of keys has no time: ${error.message}`);
      throw error;
    }
    return { before, after, at: lines[4] };
  };

  /* --- policies (C2SP tlog-policy, with our own lines) */

  E.parsePolicy = (text) => {
    const policy = {
      logs: [], witnesses: new Map(), groups: new Map(), quorum: null, receipts: [], auditors: new Set(),
      durations: new Map(), tsas: new Map(), members: new Set(),
    };
    text.split("\n").forEach((line, number) => {
      try { policyLine(policy, line.replace(/^[ \t]+|[ \t]+$/g, "")); } catch (error) {
        if (error instanceof E.BadPolicy || error instanceof E.BadNote) throw new E.BadPolicy(`line ${number + 1}: ${error.message}`);
        throw error;
      }
    });
    if (policy.quorum === null) throw new E.BadPolicy("there is no line that says the quorum");
    for (const name of policy.auditors) if (!policy.witnesses.has(name)) throw new E.BadPolicy("an auditor is not one of the witnesses");
    return policy;
  };

  const refuse = (why) => { throw new E.BadPolicy(why); };
  const defined = (policy, name) => policy.witnesses.has(name) || policy.groups.has(name);
  const free = (policy, name) => {
    if (name === "none" || defined(policy, name)) refuse(`the name “${name}” is taken`);
    if (policy.witnesses.size + policy.groups.size >= 128) refuse("there are more witnesses and groups than anybody can follow");
  };
  const once = (key, known) => { if (known.some((each) => E.same(each.public, key.public))) refuse("the same key stands twice"); };

  function policyLine(policy, line) {
    if (/[\x00-\x08\x0b-\x1f\x7f]/.test(line)) refuse("there are control characters in it");
    const ours = /^#[ \t]*earnest[ \t]+(.*)$/.exec(line);
    if (ours) ownLine(policy, ours[1].split(/[ \t]+/).filter(Boolean));
    if (!line || line.startsWith("#")) return;
    const [word, ...rest] = line.split(/[ \t]+/);
    if (word === "log") {
      if (rest.length < 1 || rest.length > 2) refuse("a log is its verifier key and perhaps an address");
      const key = E.parseKey(rest[0]);
      if (key.type !== ED25519) refuse("a log's key signs checkpoints, and this one cosigns them");
      once(key, policy.logs);
      policy.logs.push(key);
    } else if (word === "witness") {
      if (rest.length < 2 || rest.length > 3) refuse("a witness is a name, its verifier key and perhaps an address");
      const key = E.parseKey(rest[1]);
      if (key.type !== COSIGNATURE) refuse("a witness's key is one for cosignatures");
      free(policy, rest[0]);
      once(key, [...policy.witnesses.values()]);
      policy.witnesses.set(rest[0], key);
    } else if (word === "group") {
      groupLine(policy, rest);
    } else if (word === "quorum") {
      if (rest.length !== 1 || policy.quorum !== null) refuse("there is one quorum, and it is one name");
      if (rest[0] !== "none" && !defined(policy, rest[0])) refuse(`“${rest[0]}” is not defined before it`);
      policy.quorum = rest[0];
    } else {
      refuse(`“${word}” is not log, witness, group or quorum`);
    }
  }

  function groupLine(policy, rest) {
    if (rest.length < 3) refuse("a group is a name, a number, all or any, and its members");
    const [name, least, ...members] = rest;
    free(policy, name);
    for (const member of members) {
      if (!defined(policy, member)) refuse(`“${member}” is not defined before it`);
      if (policy.members.has(member)) refuse(`“${member}” is a member twice`);
      policy.members.add(member);
    }
    const count = least === "all" ? members.length : least === "any" ? 1 : /^[1-9][0-9]{0,2}$/.test(least) ? Number(least) : 0;
    if (count < 1 || count > members.length) refuse(`“${least}” is not from 1 to the number of members, all or any`);
    policy.groups.set(name, { least: count, members });
  }

  function ownLine(policy, words) {
    const [word, ...rest] = words;
    if (word === "receipts" && rest.length === 1) {
      const key = E.parseKey(rest[0]);
      if (!key.name.endsWith("/receipts") || key.type !== ED25519) refuse("that is no key of receipts");
      policy.receipts.push(key);
    } else if (word === "auditor" && rest.length) {
      rest.forEach((name) => policy.auditors.add(name));
    } else if ((word === "max-age" || word === "max-merge-delay") && rest.length === 1 && !policy.durations.has(word)) {
      const found = /^([1-9][0-9]{0,6})([smhd])$/.exec(rest[0]);
      if (!found) refuse(`“${rest[0]}” is no duration such as 7d, 24h, 30m or 90s`);
      policy.durations.set(word, Number(found[1]) * { s: 1, m: 60, h: 3600, d: 86400 }[found[2]]);
    } else if (word === "tsa" && rest.length === 2 && !policy.tsas.has(rest[0])) {
      if (!/^[0-9a-f]{64}$/.test(rest[1])) refuse("a certificate is named by its SHA-256, 64 small hexadecimal digits");
      policy.tsas.set(rest[0], rest[1]);
    } else {
      refuse(`“# earnest ${words.join(" ")}” is not understood`);
    }
  }

  E.satisfied = (policy, names) => {
    const met = (name) => (policy.witnesses.has(name)
      ? names.has(name)
      : policy.groups.get(name).members.filter(met).length >= policy.groups.get(name).least);
    return policy.quorum === "none" || met(policy.quorum);
  };

  /* From when on a quorum had signed, and up to when one signed again; null where there is none. */
  E.quorumTimes = (policy, times) => {
    if (policy.quorum === "none" || !E.satisfied(policy, new Set(times.keys()))) return null;
    const ordered = [...new Set(times.values())].sort((one, other) => (one < other ? -1 : one > other ? 1 : 0));
    const those = (test) => new Set([...times].filter(([, at]) => test(at)).map(([name]) => name));
    return {
      first: ordered.find((t) => E.satisfied(policy, those((at) => at <= t))),
      last: ordered.reverse().find((t) => E.satisfied(policy, those((at) => at >= t))),
    };
  };
})();
