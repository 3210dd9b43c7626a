"use strict";
/* The verifier in the browser, part 1: bytes, hashes and the one canonical text of a value.
   No library, no network. The same checks as the Python package earnest.record, held to the same files. */
globalThis.Earnest = globalThis.Earnest ?? {};
(() => {
  const E = globalThis.Earnest;

  /* What can be told apart: no story at all; a story that does not hold; and each kind of malformed part. */
  for (const name of ["Unreadable", "NotCanonical", "BadNote", "BadProof", "BadLeaf", "BadStamp", "BadPolicy", "Failed", "Malformed"]) {
    E[name] = class extends Error {};
  }

  E.utf8 = (text) => new TextEncoder().encode(text);
  E.fromUtf8 = (bytes) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  E.joined = (...parts) => {
    const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
    let at = 0;
    for (const part of parts) { whole.set(part, at); at += part.length; }
    return whole;
  };
  E.same = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);
  E.hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

  /* --- SHA-256 (FIPS 180-4); WebCrypto's answers with a promise for each call, too slow for thousands of leaves */

  const K = new Uint32Array(64);
  const START = new Uint32Array(8);
  {
    const primes = [];
    for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime)) primes.push(n);
    const fraction = (x) => Math.floor((x - Math.floor(x)) * 2 ** 32);
    primes.forEach((prime, i) => { K[i] = fraction(Math.cbrt(prime)); if (i < 8) START[i] = fraction(Math.sqrt(prime)); });
  }
  const W = new Uint32Array(64);

  E.sha256 = (...parts) => {
    const data = E.joined(...parts);
    const padded = new Uint8Array(((data.length + 9 + 63) >> 6) << 6);
    padded.set(data);
    padded[data.length] = 0x80;
    const view = new DataView(padded.buffer);
    view.setUint32(padded.length - 8, Math.floor(data.length / 2 ** 29));
    view.setUint32(padded.length - 4, data.length << 3);
    const state = START.slice();
    for (let at = 0; at < padded.length; at += 64) block(state, view, at);
    const out = new DataView(new ArrayBuffer(32));
    state.forEach((word, i) => out.setUint32(4 * i, word));
    return new Uint8Array(out.buffer);
  };

  function block(state, view, at) {
    for (let i = 0; i < 16; i++) W[i] = view.getUint32(at + 4 * i);
    for (let i = 16; i < 64; i++) {
      const x = W[i - 15], y = W[i - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      W[i] = W[i - 16] + s0 + W[i - 7] + s1;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => { state[i] += word; });
  }

  E.tagged = (tag, ...parts) => E.sha256(E.utf8(tag), new Uint8Array(1), ...parts);

  /* --- base64 in its one form (RFC 4648): url-safe without padding, and standard with it */

  const encode = (bytes) => {
    let text = "";
    for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return btoa(text);
  };
  E.b64 = (bytes) => encode(bytes).replace(/=+$/, "").replaceAll("+", "-").replaceAll("/", "_");
  E.std64 = encode;
  E.unb64 = (text) => {
    if (typeof text !== "string" || !/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) throw new E.NotCanonical("not base64url");
    const bytes = decode(text.replaceAll("-", "+").replaceAll("_", "/") + "=".repeat((4 - (text.length % 4)) % 4));
    if (E.b64(bytes) !== text) throw new E.NotCanonical("not the one base64url text of its bytes");
    return bytes;
  };
  E.unstd64 = (text) => {
    if (typeof text !== "string") throw new E.Malformed("a member is not text");
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4) throw new E.BadNote("not base64");
    const bytes = decode(text);
    if (encode(bytes) !== text) throw new E.BadNote("not the one base64 text of its bytes");
    return bytes;
  };
  const decode = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

  /* A whole number from zero as texts have it; null for anything else. */
  E.decimal = (text) => (/^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : null);

  /* --- strict JSON, and RFC 8785 with ASCII names and whole numbers only */

  const MAX_DEPTH = 40;
  const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

  E.strict = (text) => new Parser(text).whole();

  class Parser {
    constructor(text) { this.text = text; this.at = 0; }

    whole() {
      const value = this.value(0);
      this.space();
      if (this.at < this.text.length) this.fail("something stands behind the value");
      return value;
    }

    fail(why) { throw new E.NotCanonical(why); }

    space() { while (" \t\n\r".includes(this.text[this.at]) && this.at < this.text.length) this.at++; }

    token(pattern) {
      pattern.lastIndex = this.at;
      const found = pattern.exec(this.text);
      if (found) this.at = pattern.lastIndex;
      return found ? found[0] : null;
    }

    value(depth) {
      if (depth > MAX_DEPTH) this.fail("nested too deeply");
      this.space();
      const letter = this.text[this.at];
      if (letter === "{") return this.object(depth);
      if (letter === "[") return this.list(depth);
      if (letter === '"') return this.string();
      const word = this.token(/true|false|null/y);
      if (word) return { true: true, false: false, null: null }[word];
      const number = this.token(/-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y);
      if (number === null) this.fail("not JSON");
      if (!/^-?[0-9]+$/.test(number) || number.length > 17 || number === "-0") this.fail(`${number.slice(0, 20)} is not a whole number`);
      const value = Number(number);
      if (!Number.isSafeInteger(value)) this.fail("a number is out of range");
      return value;
    }

    string() {
      // By letters and not by a pattern: a pattern that repeats a choice runs out of stack after a few megabytes.
      const start = this.at;
      if (this.text[start] !== '"') this.fail("not a string");
      let at = start + 1;
      while (at < this.text.length && this.text[at] !== '"') at += this.text[at] === "\\" ? 2 : 1;
      this.at = at + 1;
      let value;
      try { value = JSON.parse(this.text.slice(start, this.at)); } catch { this.fail("not a string"); }
      if (loneSurrogate.test(value)) this.fail("a lone surrogate is not text");
      return value;
    }

    list(depth) {
      const found = [];
      this.at++;
      this.space();
      if (this.text[this.at] === "]") { this.at++; return found; }
      for (;;) {
        found.push(this.value(depth + 1));
        this.space();
        const letter = this.text[this.at++];
        if (letter === "]") return found;
        if (letter !== ",") this.fail("not a list");
      }
    }

    object(depth) {
      const found = Object.create(null);
      this.at++;
      this.space();
      if (this.text[this.at] === "}") { this.at++; return found; }
      for (;;) {
        this.space();
        const name = this.string();
        if (!/^[\x00-\x7f]*$/.test(name)) this.fail("a member's name is not ASCII");
        if (name in found) this.fail("a member is named twice");
        this.space();
        if (this.text[this.at++] !== ":") this.fail("not an object");
        found[name] = this.value(depth + 1);
        this.space();
        const letter = this.text[this.at++];
        if (letter === "}") return found;
        if (letter !== ",") this.fail("not an object");
      }
    }
  }

  E.canonical = (value) => {
    if (Array.isArray(value)) return `[${value.map(E.canonical).join(",")}]`;
    if (value !== null && typeof value === "object") {
      return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${E.canonical(value[name])}`).join(",")}}`;
    }
    return JSON.stringify(value);
  };

  /* The value of a text that is the one text of its value. */
  E.parseCanonical = (text) => {
    const value = E.strict(text);
    if (E.canonical(value) !== text) throw new E.NotCanonical("not the one canonical text of its value");
    return value;
  };

  E.isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
  E.hasMembers = (value, required, optional = []) =>
    E.isObject(value) && required.every((name) => name in value)
    && Object.keys(value).every((name) => required.includes(name) || optional.includes(name));

  E.seconds = (text) => {
    const found = typeof text === "string" && /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z$/.exec(text);
    if (!found) throw new E.BadLeaf("a time is not of the form 2018-06-15T09:30:00Z");
    const at = new Date(text);
    if (Number.isNaN(at.getTime()) || at.toISOString().slice(0, 19) + "Z" !== text || found[1] === "0000") {
      throw new E.BadLeaf(`${text} is no time of the calendar`);
    }
    return at.getTime() / 1000;
  };
})();
