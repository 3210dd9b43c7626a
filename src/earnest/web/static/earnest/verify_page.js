"use strict";
/* The page /verify: a file comes in by drop or choice and never leaves this computer. */
(() => {
  const by = (id) => document.getElementById(id);
  const phrases = JSON.parse(by("phrases").textContent);
  const result = by("result");
  let story = null, turn = 0;

  function trust() {
    const chosen = document.querySelector('input[name="trust"]:checked').value;
    if (chosen === "maker") return { policy: phrases.policy };
    if (chosen === "key") return { key: by("key").value.trim() };
    if (chosen === "policy") return { policy: by("policy").value };
    return {};
  }

  function receipts() {
    // Several receipts in one field: each begins with the line after which "receipt" stands.
    const text = by("receipts").value.replaceAll("\r\n", "\n").trim();
    return text ? text.split(/\n{1,}(?=[^\n]+\nreceipt\n)/).map((each) => `${each.trim()}\n`) : [];
  }

  async function check() {
    if (!story) return;
    // What was said of another file, or under other trust, goes at once; and an answer that comes late is let be.
    const mine = ++turn;
    result.replaceChildren();
    result.className = "";
    let shown;
    try {
      if (earnestIsReserves(story)) {
        const report = await earnestVerifyReserves(story, trust());
        shown = () => earnestShowReserves(report, result, phrases);
      } else {
        const report = await earnestVerify(story, { ...trust(), receipts: receipts() });
        shown = () => earnestShow(report, result, phrases);
      }
    } catch (error) {
      shown = () => earnestShowUnreadable(error.message, result);
      if (!["Unreadable", "BadNote", "BadPolicy"].some((kind) => error instanceof Earnest[kind])) console.error(error);
    }
    if (mine !== turn) return;
    shown();
    result.focus();
  }

  async function take(file) {
    if (!file) return;
    by("chosen").textContent = file.name;
    story = new Uint8Array(await file.slice(0, 16 * 1024 * 1024 + 1).arrayBuffer());
    await check();
  }

  const drop = by("drop");
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("drop--over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("drop--over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("drop--over");
    take(event.dataTransfer.files[0]);
  });
  by("file").addEventListener("change", async (event) => {
    await take(event.target.files[0]);
    event.target.value = ""; // so that choosing the same file again, changed meanwhile, is a change
  });
  by("check").addEventListener("submit", (event) => { event.preventDefault(); check(); });
  document.querySelectorAll('input[name="trust"]').forEach((each) => each.addEventListener("change", check));
  by("policy-file").addEventListener("change", async (event) => {
    by("policy").value = await event.target.files[0].text();
    document.querySelector('input[name="trust"][value="policy"]').checked = true;
    check();
  });
  by("work").hidden = false;
})();
