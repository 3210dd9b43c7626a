"use strict";
/* The verifier in the browser: RFC 3161 time stamps, read and checked as earnest.record.stamp does it. */
(() => {
  const E = globalThis.Earnest;
  const MAX_BYTES = 65_536, MAX_CERTIFICATES = 10;
  const BOOLEAN = 1, INTEGER = 2, BITS = 3, OCTETS = 4, NULL = 5, OID = 6, UTC = 0x17, TIME = 0x18, SEQUENCE = 0x30, SET = 0x31;
  const HASHES = { "2.16.840.1.101.3.4.2.1": "SHA-256", "2.16.840.1.101.3.4.2.2": "SHA-384", "2.16.840.1.101.3.4.2.3": "SHA-512" };
  const SIZES = { "SHA-256": 32, "SHA-384": 48, "SHA-512": 64 };
  const RSA = "1.2.840.113549.1.1.1", PSS = "1.2.840.113549.1.1.10", MGF1 = "1.2.840.113549.1.1.8", EC = "1.2.840.10045.2.1";
  const RSA_WITH = { "1.2.840.113549.1.1.11": "SHA-256", "1.2.840.113549.1.1.12": "SHA-384", "1.2.840.113549.1.1.13": "SHA-512" };
  const ECDSA_WITH = { "1.2.840.10045.4.3.2": "SHA-256", "1.2.840.10045.4.3.3": "SHA-384", "1.2.840.10045.4.3.4": "SHA-512" };
  const CURVES = { "1.2.840.10045.3.1.7": ["P-256", 32], "1.3.132.0.34": ["P-384", 48], "1.3.132.0.35": ["P-521", 66] };
  const SIGNED_DATA = "1.2.840.113549.1.7.2", TST_INFO = "1.2.840.113549.1.9.16.1.4";
  const CONTENT_TYPE = "1.2.840.113549.1.9.3", MESSAGE_DIGEST = "1.2.840.113549.1.9.4";
  const CERTIFICATE_V1 = "1.2.840.113549.1.9.16.2.12", CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47";
  const KEY_ID = "2.5.29.14", KEY_USAGE = "2.5.29.15", CONSTRAINTS = "2.5.29.19", POLICIES = "2.5.29.32", EXTENDED_USAGE = "2.5.29.37";
  const TIME_STAMPING = "1.3.6.1.5.5.7.3.8";
  const FOLLOWED = new Set([KEY_USAGE, CONSTRAINTS, POLICIES, EXTENDED_USAGE]);
  const SIGNS_OR_COMMITS = 0xc0, ISSUES = 0x04;

  class NotDer extends Error {}
  class Unsupported extends Error {}
  const bad = (code, why) => Object.assign(new E.BadStamp(why), { code });
  const not = (why) => { throw new NotDer(why); };
  const lookUp = (table, name) => (Object.hasOwn(table, name) ? table[name] : undefined);
  const digest = async (name, data) => new Uint8Array(await crypto.subtle.digest(name, data));

  /* --- DER (ITU-T X.690); the order within a SET OF is not looked at */

  class Reader {
    constructor(data) { this.data = data; this.at = 0; }

    next(...tags) { return this.maybe(...tags) ?? not("a part is missing, or another stands in its place"); }

    maybe(...tags) {
      if (this.at >= this.data.length || !tags.includes(this.data[this.at])) return null;
      const start = this.at;
      let length = this.byte(start + 1), body = start + 2;
      if (length > 0x7f) {
        const count = length & 0x7f;
        if (count < 1 || count > 3 || this.byte(body) === 0) not("a length is not in its shortest form");
        length = 0;
        for (let i = 0; i < count; i++) length = length * 256 + this.byte(body++);
        if (length < 0x80) not("a length is not in its shortest form");
      }
      this.at = body + length;
      if (this.at > this.data.length) not("it is cut off");
      return { tag: this.data[start], body: this.data.subarray(body, this.at), raw: this.data.subarray(start, this.at) };
    }

    all(...tags) {
      const found = [];
      while (this.at < this.data.length) found.push(this.next(...tags));
      return found;
    }

    end() { if (this.at !== this.data.length) not("something follows that does not belong there"); }

    byte(at) { return at < this.data.length ? this.data[at] : not("it is cut off"); }
  }

  const inside = (item) => new Reader(item.body);
  const whole = (data, tag) => {
    const reader = new Reader(data);
    const found = reader.next(tag);
    reader.end();
    return found;
  };
  const integer = ({ tag, body }) => {
    const long = body.length > 1 && (body[0] === 0 || body[0] === 0xff) && body[0] >> 7 === body[1] >> 7;
    if (tag !== INTEGER || !body.length || long) not("not a whole number in its shortest form");
    return BigInt.asIntN(8 * body.length, BigInt(`0x${E.hex(body)}`));
  };
  const oid = ({ tag, body }) => {
    const numbers = [];
    let value = 0n, fresh = true;
    for (const byte of body) {
      if (fresh && byte === 0x80) not("an object identifier is not in its shortest form");
      value = (value << 7n) | BigInt(byte & 0x7f);
      fresh = byte < 0x80;
      if (fresh) { numbers.push(value); value = 0n; }
    }
    if (tag !== OID || !fresh || !body.length || body.length > 40) not("not an object identifier");
    const top = numbers[0] >= 80n ? 2n : numbers[0] / 40n;
    return [top, numbers[0] - 40n * top, ...numbers.slice(1)].join(".");
  };
  const boolean = ({ tag, body }) => {
    if (tag !== BOOLEAN || body.length !== 1 || (body[0] !== 0 && body[0] !== 0xff)) not("neither true nor false");
    return body[0] === 0xff;
  };
  const instant = ({ tag, body }, fractions = false) => {
    let text = String.fromCharCode(...body);
    if (tag === UTC) text = (text.slice(0, 2) >= "50" ? "19" : "20") + text;
    const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d{0,8}[1-9])?Z$/.exec(text);
    if (!found || (text.includes(".") && !fractions) || found[1] < "1950") not("not a time in its one form");
    const [, year, month, day, hour, minute, second] = found;
    const said = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
    const at = new Date(`${said}Z`);
    if (Number.isNaN(at.getTime()) || at.toISOString().slice(0, 19) !== said) not("no time of the calendar");
    return `${said}Z`;
  };
  const plainAlgorithm = (item) => {
    const reader = inside(item);
    const name = oid(reader.next(OID));
    if (reader.maybe(NULL)?.body.length) not("an algorithm has parameters that it cannot have");
    reader.end();
    return name;
  };
  const extension = (item) => {
    const reader = inside(item);
    const name = oid(reader.next(OID)), flag = reader.maybe(BOOLEAN), value = reader.next(OCTETS).body;
    reader.end();
    return { name, critical: flag !== null && boolean(flag), value };
  };

  /* --- certificates (RFC 5280) */

  function readCertificate(raw) {
    const outer = inside(whole(raw, SEQUENCE));
    const tbs = outer.next(SEQUENCE), algorithm = outer.next(SEQUENCE), signed = outer.next(BITS).body;
    outer.end();
    const reader = inside(tbs);
    const version = reader.maybe(0xa0);
    if (version && integer(whole(version.body, INTEGER)) !== 2n) not("a certificate is of a version that is not known");
    const serial = reader.next(INTEGER);
    if (integer(serial) <= 0n) not("a certificate has no serial number");
    const inner = reader.next(SEQUENCE).raw, issuer = reader.next(SEQUENCE).raw;
    const times = inside(reader.next(SEQUENCE)).all(UTC, TIME).map((each) => instant(each));
    const subject = reader.next(SEQUENCE).raw, key = reader.next(SEQUENCE);
    reader.maybe(0x81);
    reader.maybe(0x82);
    const held = reader.maybe(0xa3);
    reader.end();
    if (times.length !== 2) not("a certificate is valid from one time to another");
    if (!E.same(inner, algorithm.raw)) not("a certificate names its signature in two ways");
    if (signed[0] !== 0) not("not a bit string of whole bytes");
    const extensions = new Map();
    for (const each of held ? inside(whole(held.body, SEQUENCE)).all(SEQUENCE).map(extension) : []) {
      if (extensions.has(each.name)) not("an extension stands twice");
      extensions.set(each.name, each);
    }
    return { raw, tbs: tbs.raw, algorithm, signature: signed.subarray(1), serial: serial.body, issuer, subject, key, extensions, from: times[0], to: times[1] };
  }

  const usable = (certificate, wanted) => {
    const found = certificate.extensions.get(KEY_USAGE);
    const body = found ? whole(found.value, BITS).body : null;
    return body === null || (body.length >= 2 && (body[1] & wanted) !== 0);
  };
  const followed = (certificate) => [...certificate.extensions.values()].every((each) => !each.critical || FOLLOWED.has(each.name));
  const keyId = (certificate) => {
    const found = certificate.extensions.get(KEY_ID);
    return found ? whole(found.value, OCTETS).body : null;
  };

  function stamps(certificate) {
    const found = certificate.extensions.get(EXTENDED_USAGE);
    if (!found?.critical || !followed(certificate)) return false;
    const purposes = inside(whole(found.value, SEQUENCE)).all(OID).map(oid);
    return purposes.length === 1 && purposes[0] === TIME_STAMPING && usable(certificate, SIGNS_OR_COMMITS);
  }

  function isAuthority(certificate, below) {
    const reader = inside(whole(certificate.extensions.get(CONSTRAINTS)?.value ?? Uint8Array.of(SEQUENCE, 0), SEQUENCE));
    const authority = reader.maybe(BOOLEAN), most = reader.maybe(INTEGER);
    reader.end();
    if (authority === null || !boolean(authority) || (most !== null && integer(most) < BigInt(below))) return false;
    return usable(certificate, ISSUES) && followed(certificate);
  }

  async function issued(issuer, other, below) {
    if (!E.same(issuer.subject, other.issuer) || !isAuthority(issuer, below)) return false;
    try {
      return await verifies(issuer, other.algorithm, null, other.signature, other.tbs);
    } catch (error) {
      if (error instanceof NotDer || error instanceof Unsupported) return false;
      throw error;
    }
  }

  /* --- signatures */

  async function verifies(certificate, algorithm, hashed, signature, data) {
    const key = publicKey(certificate);
    const how = key.curve ? ecdsa(algorithm) : rsa(algorithm, hashed);
    try {
      const imported = key.curve
        ? await crypto.subtle.importKey("raw", key.point, { name: "ECDSA", namedCurve: key.curve }, false, ["verify"])
        : await crypto.subtle.importKey("jwk", { kty: "RSA", n: E.b64(key.n), e: E.b64(key.e) }, how, false, ["verify"]);
      const plain = key.curve ? plainSignature(signature, key.size) : signature;
      return plain !== null && (await crypto.subtle.verify(how, imported, plain, data));
    } catch (error) {
      if (error instanceof DOMException) throw new Unsupported("the key of the certificate is of a kind or size that is not known here");
      throw error;
    }
  }

  function publicKey(certificate) {
    const reader = inside(certificate.key);
    const algorithm = reader.next(SEQUENCE), bits = reader.next(BITS).body;
    reader.end();
    const kind = inside(algorithm);
    const name = oid(kind.next(OID)), unknown = new Unsupported("the key of the certificate is of a kind or size that is not known here");
    if (bits[0] !== 0) not("not a bit string of whole bytes");
    if (name === RSA || name === PSS) {
      if (name === RSA) plainAlgorithm(algorithm);
      const parts = inside(whole(bits.subarray(1), SEQUENCE));
      const [n, e] = [parts.next(INTEGER), parts.next(INTEGER)].map((each) => (integer(each) > 0n ? each.body.subarray(each.body[0] ? 0 : 1) : not("no key")));
      parts.end();
      const size = 8 * n.length - Math.clz32(n[0]) + 24;
      if (size < 2048 || size > 8192) throw unknown;
      return { n, e };
    }
    const [curve, size] = (name === EC && lookUp(CURVES, oid(kind.next(OID)))) || [];
    if (!curve || bits[1] !== 4) throw unknown;
    return { curve, size, point: bits.subarray(1) };
  }

  function ecdsa(algorithm) {
    const hash = lookUp(ECDSA_WITH, plainAlgorithm(algorithm));
    if (!hash) throw new Unsupported("the signature is of a kind that is not known here");
    return { name: "ECDSA", hash };
  }

  function rsa(algorithm, hashed) {
    const name = oid(inside(algorithm).next(OID));
    if (name === PSS) return pss(algorithm);
    const hash = plainAlgorithm(algorithm) === RSA ? hashed : lookUp(RSA_WITH, name);
    if (!hash) throw new Unsupported("the signature is of a kind that is not known here");
    return { name: "RSASSA-PKCS1-v1_5", hash };
  }

  function pss(algorithm) {
    const outer = inside(algorithm);
    outer.next(OID);
    const reader = inside(outer.next(SEQUENCE));
    const name = plainAlgorithm(whole(reader.next(0xa0).body, SEQUENCE)), hash = lookUp(HASHES, name);
    const mask = inside(whole(reader.next(0xa1).body, SEQUENCE));
    const salt = integer(whole(reader.next(0xa2).body, INTEGER));
    reader.end();
    if (oid(mask.next(OID)) !== MGF1 || plainAlgorithm(mask.next(SEQUENCE)) !== name || !hash || salt < 0n || salt > 64n) {
      throw new Unsupported("the signature is of a kind that is not known here");
    }
    return { name: "RSA-PSS", hash, saltLength: Number(salt) };
  }

  /* WebCrypto wants both numbers side by side, each as long as the curve; null where they are not two such numbers. */
  function plainSignature(signature, size) {
    try {
      const reader = inside(whole(signature, SEQUENCE));
      const numbers = [reader.next(INTEGER), reader.next(INTEGER)];
      reader.end();
      const plain = new Uint8Array(2 * size);
      numbers.forEach((each, i) => {
        const body = integer(each) > 0n ? each.body.subarray(each.body[0] ? 0 : 1) : not("not a number of a signature");
        if (body.length > size) not("not a number of the curve");
        plain.set(body, (i + 1) * size - body.length);
      });
      return plain;
    } catch (error) {
      if (error instanceof NotDer) return null;
      throw error;
    }
  }

  /* --- tokens (RFC 5652, RFC 3161 2.4.2) */

  const knownHash = (item) => {
    const name = lookUp(HASHES, plainAlgorithm(item));
    if (!name) throw bad("unsupported", "the time stamp uses another hash than SHA-256, SHA-384 and SHA-512");
    return name;
  };

  function readToken(bytes) {
    if (bytes.length > MAX_BYTES) throw bad("too-large", "a time stamp has at most 64 kB");
    const info = inside(whole(bytes, SEQUENCE));
    if (oid(info.next(OID)) !== SIGNED_DATA) not("it is not signed data");
    const data = inside(whole(info.next(0xa0).body, SEQUENCE));
    info.end();
    if (integer(data.next(INTEGER)) !== 3n) not("its version is not 3");
    const digests = inside(data.next(SET)).all(SEQUENCE).map(plainAlgorithm);
    const wrapped = inside(data.next(SEQUENCE));
    if (oid(wrapped.next(OID)) !== TST_INFO) not("what is signed is no time stamp");
    const content = whole(wrapped.next(0xa0).body, OCTETS).body;
    wrapped.end();
    const held = data.maybe(0xa0);
    const raws = held ? inside(held).all(SEQUENCE).map((each) => each.raw) : [];
    const signers = inside(data.next(SET)).all(SEQUENCE);
    data.end();
    if (signers.length !== 1 || raws.length > MAX_CERTIFICATES) not(`it has one signature and at most ${MAX_CERTIFICATES} certificates`);
    const signer = readSigner(signers[0]);
    if (digests.length !== 1 || lookUp(HASHES, digests[0]) !== signer.hash) not("it names other hashes than its signature");
    return { stamp: readInfo(content, raws), content, certificates: raws.map(readCertificate), signer };
  }

  function readSigner(item) {
    const reader = inside(item);
    const version = integer(reader.next(INTEGER)), sid = reader.next(SEQUENCE, 0x80);
    if (version !== (sid.tag === SEQUENCE ? 1n : 3n)) not("the version of its signature is not the right one");
    const hash = knownHash(reader.next(SEQUENCE)), held = reader.next(0xa0), algorithm = reader.next(SEQUENCE), signature = reader.next(OCTETS).body;
    reader.end();
    const attributes = new Map();
    for (const each of inside(held).all(SEQUENCE)) {
      const pair = inside(each);
      const name = oid(pair.next(OID)), values = pair.next(SET);
      pair.end();
      if (attributes.has(name)) not("an attribute stands twice");
      attributes.set(name, values);
    }
    return { sid, hash, attributes, signed: E.joined(Uint8Array.of(SET), held.raw.subarray(1)), algorithm, signature };
  }

  function readInfo(content, certificates) {
    const reader = inside(whole(content, SEQUENCE));
    if (integer(reader.next(INTEGER)) !== 1n) not("it is of a version that is not known");
    const policy = oid(reader.next(OID)), imprint = inside(reader.next(SEQUENCE));
    const hash = knownHash(imprint.next(SEQUENCE)), hashed = imprint.next(OCTETS).body;
    imprint.end();
    integer(reader.next(INTEGER));
    const genTime = instant(reader.next(TIME), true);
    reader.maybe(SEQUENCE);
    const ordering = reader.maybe(BOOLEAN);
    if (ordering) boolean(ordering);
    const nonce = reader.maybe(INTEGER);
    reader.maybe(0xa0);
    const extensions = reader.maybe(0xa1);
    reader.end();
    if (hashed.length !== SIZES[hash]) not("the hash of the stamped bytes is not as long as its kind");
    if (extensions && inside(extensions).all(SEQUENCE).map(extension).some((each) => each.critical)) {
      throw bad("unsupported", "the time stamp says something that is not understood here");
    }
    return { hashed, hash, genTime, nonce: nonce && integer(nonce), policy, certificates };
  }

  /* --- the check */

  async function findSigner({ certificates, signer }) {
    const { sid } = signer;
    const named = certificates.filter((each) => {
      if (sid.tag !== SEQUENCE) return E.same(keyId(each) ?? [], sid.body);
      const reader = inside(sid);
      const issuer = reader.next(SEQUENCE).raw, serial = reader.next(INTEGER).body;
      reader.end();
      return E.same(each.issuer, issuer) && E.same(each.serial, serial);
    });
    if (!named.length) throw bad("no-certificate", "the certificate that signed it is not in the time stamp");
    for (const each of named) if (await isNamed(signer.attributes, each)) return each;
    throw bad("other-certificate", "the time stamp was signed by another certificate than it says");
  }

  async function isNamed(attributes, certificate) {
    const found = [];
    const first = (values) => inside(inside(inside(whole(values.body, SEQUENCE)).next(SEQUENCE)).next(SEQUENCE));
    if (attributes.has(CERTIFICATE_V1)) {
      found.push(E.same(first(attributes.get(CERTIFICATE_V1)).next(OCTETS).body, await digest("SHA-1", certificate.raw)));
    }
    if (attributes.has(CERTIFICATE_V2)) {
      const reader = first(attributes.get(CERTIFICATE_V2));
      const given = reader.maybe(SEQUENCE);
      const hash = given ? knownHash(given) : "SHA-256";
      found.push(E.same(reader.next(OCTETS).body, await digest(hash, certificate.raw)));
    }
    return found.length > 0 && found.every(Boolean);
  }

  async function checkSignature({ content, signer }, certificate) {
    const { attributes } = signer;
    if (!attributes.has(CONTENT_TYPE) || !attributes.has(MESSAGE_DIGEST)) not("an attribute is missing");
    const kind = oid(whole(attributes.get(CONTENT_TYPE).body, OID));
    const said = whole(attributes.get(MESSAGE_DIGEST).body, OCTETS).body;
    if (kind !== TST_INFO || !E.same(said, await digest(signer.hash, content))) throw bad("bad-signature", "what was signed is another time stamp");
    if (!(await verifies(certificate, signer.algorithm, signer.hash, signer.signature, signer.signed))) {
      throw bad("bad-signature", "the signature of the time stamp does not verify");
    }
  }

  function checkCertificate(certificate, at) {
    if (!stamps(certificate)) throw bad("wrong-usage", "the certificate that signed it is not one for time stamps, and for nothing else");
    if (at < certificate.from) throw bad("not-yet-valid", `its certificate is valid from ${certificate.from} on, after the stamp`);
    if (at > certificate.to) throw bad("expired-at-stamp", `its certificate had expired on ${certificate.to}, before the stamp`);
  }

  async function issuersOf(signer, certificates, at) {
    let rest = certificates.filter((each) => each !== signer), level = [{ certificate: signer, holds: true }];
    const found = [];
    for (let below = 0; level.length; below++) {
      const above = [];
      for (const issuer of rest) {
        const under = [];
        for (const each of level) if (await issued(issuer, each.certificate, below)) under.push(each.holds);
        if (under.length) above.push({ certificate: issuer, holds: under.includes(true) && issuer.from <= at && at <= issuer.to });
      }
      rest = rest.filter((each) => !above.some((one) => one.certificate === each));
      found.push(...above.filter((each) => each.holds).map((each) => each.certificate));
      level = above;
    }
    if (rest.length) throw bad("stray-certificate", "a certificate in the time stamp has not issued the one that signed it");
    return found;
  }

  async function guarded(work) {
    if (!globalThis.crypto?.subtle) throw new E.Unreadable("This browser checks signatures on safe addresses only (https, or a file).");
    try {
      return await work();
    } catch (error) {
      if (error instanceof NotDer) throw bad("not-der", `not a time stamp: ${error.message}`);
      if (error instanceof Unsupported) throw bad("unsupported", error.message);
      throw error;
    }
  }

  /* What a TimeStampToken (Uint8Array, at most 64 kB) says, unchecked. Throws Earnest.BadStamp with a `code`. */
  globalThis.earnestReadStamp = (bytes) => guarded(async () => readToken(bytes).stamp);

  /* {name, at}: who stamped these bytes, by the name that `trusted` (a Map of SHA-256 fingerprints by name) gives to the
     stamping certificate or one of its issuers in the token, or null; and when. Throws Earnest.BadStamp with a `code`. */
  globalThis.earnestCheckStamp = (bytes, message, trusted) => guarded(async () => {
    const token = readToken(bytes);
    const { hashed, hash, genTime } = token.stamp;
    if (!E.same(hashed, await digest(hash, message))) throw bad("other-bytes", "it is a time stamp of other bytes");
    const signer = await findSigner(token);
    await checkSignature(token, signer);
    checkCertificate(signer, genTime);
    const issuers = await issuersOf(signer, token.certificates, genTime);
    const known = new Set([signer, ...issuers].map((each) => E.hex(E.sha256(each.raw))));
    return { name: [...trusted].find(([, pin]) => known.has(pin))?.[0] ?? null, at: genTime };
  });
})();
