// Capture on a phone, also without a network: rows wait in the browser's database until the node takes them.

const form = document.querySelector("[data-phone]");
const list = document.querySelector("[data-queue]");
const state = document.querySelector("[data-online]");
const video = document.querySelector("[data-camera]");
const scanButton = document.querySelector("[data-scan]");

const database = new Promise((resolve, reject) => {
  const opening = indexedDB.open("qiao-capture", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("rows", { keyPath: "id", autoIncrement: true });
  opening.onsuccess = () => resolve(opening.result);
  opening.onerror = () => reject(opening.error);
});

async function rows(mode, work) {
  const store = (await database).transaction("rows", mode).objectStore("rows");
  return new Promise((resolve, reject) => {
    const asked = work(store);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

const all = () => rows("readonly", (store) => store.getAll());
const keep = (row) => rows("readwrite", (store) => store.put(row));
const forget = (id) => rows("readwrite", (store) => store.delete(id));

// What stands on a label: a Digital Link, keys in brackets, the raw text of a GS1 symbol, or digits.
export function parse(text) {
  const found = {};
  const set = (ai, value) => {
    const names = { "00": "sscc", "01": "gtin", 10: "lot", 21: "serial" };
    if (names[ai]) found[names[ai]] = value;
  };
  const code = text.trim();
  if (/^https?:/i.test(code)) {
    const parts = new URL(code).pathname.split("/").filter(Boolean).map(decodeURIComponent);
    for (let at = 0; at + 1 < parts.length; at += 1) {
      if (["00", "01", "10", "21"].includes(parts[at])) set(parts[at], parts[(at += 1)]);
    }
  } else if (code.startsWith("(")) {
    for (const [, ai, value] of code.matchAll(/\((\d{2,4})\)([^(]+)/g)) set(ai, value.trim());
  } else {
    let rest = code.replace(/^\][A-Za-z]\d/, "").replace(/^\x1d/, "");
    const digits = rest.replace(/[\s-]/g, "");
    if (/^\d{18}$/.test(digits)) set("00", digits);
    else if (/^\d{8}$|^\d{12,14}$/.test(digits)) set("01", digits);
    else {
      while (rest.length > 2) {
        const ai = rest.slice(0, 2);
        const fixed = { "00": 18, "01": 14, 11: 6, 13: 6, 15: 6, 17: 6 }[ai];
        rest = rest.slice(2);
        const end = fixed ?? (rest.indexOf("\x1d") < 0 ? rest.length : rest.indexOf("\x1d"));
        set(ai, rest.slice(0, end));
        rest = rest.slice(end).replace(/^\x1d/, "");
      }
    }
  }
  return found;
}

const stage = () => form.elements.stage.value;
const titleOf = (name) => form.querySelector(`input[name=stage][value="${name}"]`)?.ariaLabel ?? name;

// A name that was typed instead of chosen becomes its number, if only one thing has it.
function toNumber(input) {
  const wanted = input.value.trim().toLowerCase();
  if (!input.list || !wanted || /^\d+$/.test(wanted)) return;
  const options = [...input.list.options];
  const found = options.filter((option) => option.text.toLowerCase() === wanted);
  const near = found.length ? found : options.filter((option) => option.text.toLowerCase().includes(wanted));
  if (near.length === 1) input.value = near[0].value;
  tellName(input);
}

// The name of a number stands below its field.
function tellName(input) {
  const name = [...(input.list?.options ?? [])].find((option) => option.value === input.value)?.text;
  let line = input.parentElement.querySelector("[data-name]");
  if (!line) {
    line = document.createElement("span");
    line.className = "soft small";
    line.dataset.name = "";
    input.parentElement.append(line);
  }
  line.textContent = name ?? "";
}

function showFields() {
  for (const field of form.querySelectorAll("[data-stages]")) {
    const isUsed = field.dataset.stages.split(" ").includes(stage());
    field.hidden = !isUsed;
    const input = field.querySelector("input, select");
    input.disabled = !isUsed;
    input.required = isUsed && field.dataset.required.split(" ").includes(stage());
  }
}

function fill(found) {
  for (const name of ["gtin", "lot", "serial", "sscc"]) {
    if (form.elements[name]) form.elements[name].value = found[name] ?? "";
  }
  if (form.elements.gtin) tellName(form.elements.gtin);
}

function now() {
  const time = new Date();
  const local = new Date(time.getTime() - time.getTimezoneOffset() * 60000).toISOString();
  const offset = -time.getTimezoneOffset();
  const two = (number) => String(Math.floor(Math.abs(number))).padStart(2, "0");
  form.elements.date.value = local.slice(0, 10);
  form.elements.time.value = local.slice(11, 16);
  form.elements.zone.value = `${offset < 0 ? "-" : "+"}${two(offset / 60)}:${two(offset % 60)}`;
}

async function hashOf(file) {
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function show() {
  const waiting = await all();
  state.textContent = navigator.onLine ? "Online" : "No network: what you capture is kept on this phone";
  list.replaceChildren();
  for (const row of waiting.reverse()) {
    const item = document.createElement("li");
    item.dataset.state = row.state;
    const main = document.createElement("div");
    main.className = "main";
    const title = document.createElement("strong");
    const { fields } = row;
    title.textContent = `${titleOf(fields.stage)} ${fields.sscc ?? fields.gtin ?? ""} ${fields.lot ?? fields.serial ?? ""}`;
    const line = document.createElement("span");
    line.className = row.state === "refused" ? "line alarm" : "line";
    line.textContent = row.told ?? "Waits to be sent";
    main.append(title, line);
    const aside = document.createElement("div");
    aside.className = "aside";
    if (row.state === "refused" || row.state === "sent") {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = row.state === "refused" ? "Correct" : "Done";
      button.addEventListener("click", async () => {
        await forget(row.id);
        if (row.state === "refused") {
          form.elements.stage.value = fields.stage;
          showFields();
          for (const [name, value] of Object.entries(fields)) if (form.elements[name]) form.elements[name].value = value;
        }
        await show();
      });
      aside.append(button);
    }
    item.append(main, aside);
    list.append(item);
  }
  const open = waiting.filter((row) => row.state === "waiting").length;
  document.querySelector("[data-open]").textContent = open ? `${open} waiting` : "";
}

let sending = false;
async function send() {
  if (sending || !navigator.onLine) return;
  sending = true;
  try {
    for (const row of (await all()).filter((one) => one.state === "waiting")) {
      const told = await sendOne(row);
      if (!told) break;
      await keep({ ...row, ...told, files: told.state === "sent" ? [] : row.files });
      await show();
    }
  } finally {
    sending = false;
  }
}

// What became of a row; nothing where the node was not reached.
async function sendOne(row) {
  try {
    for (const file of row.files) {
      const kept = await fetch("/attachments", { method: "POST", body: file });
      if (kept.status === 401) return undefined;
      if (!kept.ok) return { state: "refused", told: (await kept.json()).detail };
    }
    const answer = await fetch("/imports", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify([row.fields]),
    });
    if (answer.status === 401 || answer.status >= 500) return undefined;
    const report = await answer.json();
    const problem = report.problems?.[0];
    if (problem) return { state: "refused", told: `${problem.column}: ${problem.rule}` };
    if (!answer.ok) return { state: "refused", told: report.detail };
    const isKnown = report.known > 0;
    return { state: "sent", told: isKnown ? "Was on the chain already" : "On the chain", hash: report.hashes[0] };
  } catch {
    return undefined;
  }
}

async function scan() {
  const detector = new BarcodeDetector({ formats: ["qr_code", "data_matrix", "code_128", "ean_13", "itf"] });
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  video.srcObject = stream;
  video.hidden = false;
  await video.play();
  const stop = () => {
    for (const track of stream.getTracks()) track.stop();
    video.hidden = true;
  };
  const look = async () => {
    if (video.hidden) return;
    const [code] = await detector.detect(video).catch(() => []);
    if (code) {
      form.elements.code.value = code.rawValue;
      fill(parse(code.rawValue));
      stop();
    } else requestAnimationFrame(look);
  };
  scanButton.addEventListener("click", stop, { once: true });
  look();
}

if (form) {
  const remembered = JSON.parse(localStorage.getItem("qiao-capture") ?? "{}");
  for (const name of ["location", "stage"]) if (remembered[name]) form.elements[name].value = remembered[name];
  tellName(form.elements.location);
  showFields();
  now();
  show();
  send();
  form.addEventListener("change", (event) => {
    if (event.target.name === "stage") showFields();
    if (event.target.name === "code") fill(parse(event.target.value));
    if (event.target.list) toNumber(event.target);
  });
  if ("BarcodeDetector" in window && navigator.mediaDevices) {
    scanButton.hidden = false;
    scanButton.addEventListener("click", () => video.hidden && scan().catch((error) => {
      state.textContent = `The camera cannot be used: ${error.message}`;
    }));
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const files = [...form.elements.files.files];
    const fields = {};
    for (const input of form.querySelectorAll("[data-field]")) {
      if (!input.disabled && input.value) fields[input.name] = input.value;
    }
    fields.stage = stage();
    if (files.length) fields.attachments = (await Promise.all(files.map(hashOf))).join(" ");
    await keep({ fields, files, state: "waiting" });
    localStorage.setItem("qiao-capture", JSON.stringify({ location: fields.location, stage: fields.stage }));
    for (const name of ["code", "gtin", "lot", "serial", "sscc", "quantity", "temperature", "files"]) form.elements[name].value = "";
    tellName(form.elements.gtin);
    now();
    await show();
    send();
  });
  addEventListener("online", () => { show(); send(); });
  addEventListener("offline", show);
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/phone-worker.js", { scope: "/phone" });
}
