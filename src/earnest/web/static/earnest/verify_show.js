"use strict";
/* A report of the verifier as a page shows it. `phrases` is what `earnest.record.words` has for the reader's language. */
(() => {
  const MOST_ERRORS = 10, MOST_LINES = 5, MOST_NAMES = 40, MOST_ACCOUNTS = 20, MOST_CURRENCIES = 3;
  /* Characters that turn letters round or stand for none are shown as U+FFFD, as in earnest.record.report. */
  const plain = (text) => text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, "\ufffd");
  const some = (list, say, most = MOST_LINES) => (list.length > most ? [...list.slice(0, most), filled(say.more, { n: list.length - most })] : list);
  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

  function put(parent, tag, text, className) {
    const element = parent.appendChild(document.createElement(tag));
    if (text !== undefined) element.textContent = plain(text);
    if (className) element.className = className;
    return element;
  }

  function warningIn(phrases, warning) {
    for (const [template, theirs] of Object.entries(phrases.warnings)) {
      const names = [];
      const pattern = template.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{(\w+)\}/g, (_, name) => { names.push(name); return "(.+)"; });
      const found = new RegExp(`^${pattern}$`).exec(warning);
      if (found) return filled(theirs, Object.fromEntries(names.map((name, at) => [name, found[at + 1]])));
    }
    return warning;
  }

  /* A day and an instant as the reader's language writes them; what is neither is left as it is. */
  function day(text, phrases) {
    const found = /^(\d{4})-(\d\d)-(\d\d)/.exec(text);
    if (!found) return text;
    const number = Number(found[3]);
    return `${number === 1 ? phrases.first : number} ${phrases.months[Number(found[2]) - 1]} ${found[1]}`;
  }
  const moment = (text, phrases) => (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? `${day(text, phrases)}, ${text.slice(11, 16)} UTC` : text);
  const moments = (text, phrases) => text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, (found) => moment(found, phrases));
  const own = (words, name) => (Object.hasOwn(words, name) ? words[name] : name);

  /* A field in words; of an erased one also which act erased it. */
  function named(name, phrases) {
    const found = /^(.+) \(act (\d+)\)$/.exec(name);
    return found ? `${own(phrases.fields, found[1])} (${filled(phrases.words.act, { n: found[2] })})` : own(phrases.fields, name);
  }

  function age(seconds, say) {
    for (const [unit, size] of [["days", 86400], ["hours", 3600], ["minutes", 60]]) {
      if (seconds >= 2 * size) return `${Math.floor(seconds / size)} ${say[unit]}`;
    }
    return `${seconds} ${say.seconds}`;
  }

  function headline(report, say) {
    if (!report.ok) return filled(say.refused, { number: report.number || "?" });
    const followed = report.key_pinned && !["", report.key_hash].includes(report.given_hash);
    const values = { origin: report.origin, hash: report.key_hash, given: report.given_hash };
    return filled(followed ? say.followed : report.key_pinned ? say.pinned : say.unpinned, values);
  }

  function lines(report, phrases) {
    const say = phrases.words;
    const found = [];
    const counted = (kind, n) => (n === 1 ? say[`${kind}_one`] : say[kind]);
    const values = { n: report.acts, of: report.of };
    if (report.tail && (report.sealed || !report.as_of)) found.push(filled(say.acts_tail, { n: report.sealed, tail: report.tail }));
    else found.push(filled(counted("acts", report.acts), values));
    if (report.as_of) found.push(filled(say.as_of, { at: moment(report.as_of, phrases), age: age(report.age_seconds, say) }));
    if (report.sealed) {
      found.push(filled(say.sealed, { no: report.seal_no, size: report.log_size }));
      found.push(report.witnesses.length ? filled(say.witnesses, { names: report.witnesses.join(", ") }) : say.no_witness);
      found.push(report.audited ? filled(say.audited, { names: report.auditors.join(", ") }) : say.not_audited);
    } else {
      found.push(say.signed);
    }
    if (report.receipts) found.push(filled(counted("receipts", report.receipts), { n: report.receipts }));
    if (report.linked.length) found.push(filled(say.linked, { told: report.linked.map((each) => `${each.number} (${each.acts})`).join(", ") }));
    if (report.unchecked_stamps) found.push(filled(counted("stamps", report.unchecked_stamps), { n: report.unchecked_stamps }));
    const names = (list) => {
      const different = [...new Set(list.map((name) => named(name, phrases)))];
      return { n: list.length, names: [...different.slice(0, MOST_NAMES), ...(different.length > MOST_NAMES ? ["…"] : [])].join(", ") };
    };
    found.push(report.withheld.length ? filled(counted("withheld", report.withheld.length), names(report.withheld)) : say.none);
    if (report.erased.length) found.push(filled(counted("erased", report.erased.length), names(report.erased)));
    found.push(...some(report.money.map((each) => filled(say.money, { ...each, sent: each.paid })), say));
    return found;
  }

  function acts(report, element, phrases) {
    const holder = phrases.fold ? put(element, "details") : element;
    if (phrases.fold) put(holder, "summary", phrases.fold);
    const table = put(holder, "table");
    const head = put(put(table, "thead"), "tr");
    for (const name of phrases.columns) put(head, "th", name).scope = "col";
    const body = put(table, "tbody");
    const bounds = new Map(report.times.map((each) => [each.act, each]));
    for (const each of report.headers) {
      const row = put(body, "tr");
      const sealed = bounds.get(each.seq + 1);
      put(row, "td", String(each.seq + 1));
      put(row, "td", moment(each.at, phrases).replace(" UTC", ""));
      put(row, "td", own(phrases.speakers, each.by));
      put(row, "td", own(phrases.acts, each.type)).title = plain(each.type);
      put(row, "td", sealed ? between(sealed, phrases) : "");
    }
  }

  function between(sealed, phrases) {
    const last = day(sealed.not_after, phrases);
    return sealed.not_before ? filled(phrases.between, { first: day(sealed.not_before, phrases), last }) : filled(phrases.until, { last });
  }

  /* Money in minor units (a BigInt, or its text), as the currency and the language write it. */
  const NO_CENTS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(" ");
  const THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND".split(" ");
  function major(minor, currency, say) {
    const digits = NO_CENTS.includes(currency) ? 0 : THOUSANDTHS.includes(currency) ? 3 : 2;
    const [, sign, written] = /^(-?)([0-9]+)$/.exec(String(minor));
    const text = written.padStart(digits + 1, "0");
    const whole = text.slice(0, text.length - digits).replace(/\B(?=(\d{3})+$)/g, say.group);
    return `${sign}${digits ? `${whole}${say.point}${text.slice(-digits)}` : whole}`;
  }

  function readable(report, say) {
    return { ...report, money: report.money.map((each) => ({
      currency: each.currency, received: major(each.received, each.currency, say),
      paid: major(each.paid, each.currency, say), owed: major(each.owed, each.currency, say),
    })) };
  }

  function problems(report, element, say) {
    put(element, "p", say.fails);
    const list = put(element, "ul");
    const told = report.errors.map((each) => {
      const where = each.seq === null ? say.file : filled(say.act, { n: each.seq + 1 });
      return `${where}${say.colon}${say[`c:${each.code}`] ?? each.why} [${each.code}]`;
    });
    for (const line of some(told, say, MOST_ERRORS)) put(list, "li", line);
  }

  function begun(report, element, first, say) {
    element.replaceChildren();
    element.className = `verdict ${report.ok ? "verdict--holds" : "verdict--fails"}`;
    put(element, "h2", first);
    if (report.origin.startsWith("demo.")) put(element, "p", say.demo, "verdict__demo");
  }

  globalThis.earnestShow = (report, element, phrases) => {
    const say = phrases.words;
    const shown = readable(report, say);
    begun(report, element, headline(shown, say), say);
    if (!report.ok) { problems(report, element, say); return; }
    const list = put(element, "ul");
    for (const line of lines(shown, phrases)) put(list, "li", line);
    const warned = report.warnings.map((warning) => `${say.warning}${say.colon}${moments(warningIn(phrases, warning), phrases)}`);
    for (const line of some(warned, say)) put(list, "li", line, "verdict__warning");
    acts(report, element, phrases);
    put(element, "p", say.limit, "verdict__limit");
  };

  /* --- a proof of reserves; `phrases.reserves` has its words */

  function sums(report, currency, element, say) {
    const amount = (minor) => `${major(minor, currency, say)} ${currency}`;
    const values = { yours: amount(report.yours[currency]), number: report.number, owed: amount(report.owed[currency]), origin: report.origin };
    put(element, "p", filled(say["r:yours"], values));
    put(element, "p", filled(say["r:held_all"], { held: amount(report.held[currency]) }));
    const body = put(put(put(element, "div", undefined, "verdict__acts"), "table"), "tbody");
    const told = ["owed", "held", "more", "less"].flatMap((group) => Object.entries(report.accounts[currency][group]).sort()
      .filter(([, minor]) => minor)
      .map(([account, minor]) => [filled(say["r:line"], { group: say[`r:${group}`], account }), minor]));
    const left = told.length - MOST_ACCOUNTS;
    if (left > 0) told.splice(MOST_ACCOUNTS, left, [filled(say.more, { n: left }), null]);
    for (const [words, minor] of [...told, [say["r:difference"], report.held[currency] - report.owed[currency]]]) {
      const row = put(body, "tr");
      put(row, "td", words);
      put(row, "td", minor === null ? "" : amount(minor), "verdict__amount");
    }
  }

  globalThis.earnestShowReserves = (report, element, phrases) => {
    const say = phrases.reserves;
    const first = report.ok ? headline(report, say) : filled(say["r:refused"], { number: report.number || "?" });
    begun(report, element, first, say);
    if (!report.ok) { problems(report, element, say); return; }
    const all = Object.keys(report.yours).sort(), theirs = all.filter((currency) => report.yours[currency] !== 0n);
    for (const currency of (theirs.length ? theirs : all).slice(0, MOST_CURRENCIES)) sums(report, currency, element, say);
    const list = put(element, "ul");
    put(list, "li", filled(say["r:as_of"], { at: moment(report.as_of, phrases), age: age(report.age_seconds, say), seal: report.seal }));
    if (report.logged) {
      put(list, "li", filled(say["r:logged"], { act: report.act, size: report.logged }));
      put(list, "li", report.witnesses.length ? filled(say.witnesses, { names: report.witnesses.join(", ") }) : say.no_witness);
      if (report.audited) put(list, "li", filled(say.audited, { names: report.auditors.join(", ") }));
    } else {
      put(list, "li", say["r:not_logged"]);
    }
    put(list, "li", filled(say["r:compare"], { tree: report.tree }));
    for (const line of some(report.warnings.map((each) => `${say.warning}${say.colon}${moments(warningIn(phrases, each), phrases)}`), say)) put(list, "li", line, "verdict__warning");
    put(element, "p", say["r:limit_held"], "verdict__limit");
    put(element, "p", say["r:limit_others"], "verdict__limit");
  };

  globalThis.earnestShowUnreadable = (sentence, element) => {
    element.replaceChildren();
    element.className = "verdict verdict--fails";
    put(element, "h2", sentence);
  };
})();
