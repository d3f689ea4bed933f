// Walks the five people's paths through traceability in a real browser: supplier, quality assurance,
// retailer, shopper, regulator; and a recall from the suspicion to its end, by owner, store and regulator.
//
//   BASE_URL=http://127.0.0.1:8080 node paths.mjs [--shots FOLDER]
//
// It needs the sample trade (`qiao dev`) and captures events of its own, which are the same each time.

import { chromium } from "playwright-core";
import { readFile, writeFile, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const base = (process.env.BASE_URL ?? "http://127.0.0.1:8080").replace(/\/$/, "");
const shots = process.argv[2] === "--shots" ? process.argv[3] : undefined;
const browserFlags = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];
const phone = { viewport: { width: 390, height: 844 } };
const desk = { viewport: { width: 1280, height: 844 } };
const recalledLot = "https://id.gs1.org/01/09521002000368/10/M0318";
const shopperPack = "/01/09521002000566/21/M0318-007";
const ownLot = { gtin: "09521003000411", lot: "PATHS-1" };
const packhouse = "9521003000015";
const packhouseName = "Green Terrace packhouse";
const id = encodeURIComponent;

const problems = [];
const fail = (path, text) => problems.push(`${path}: ${text}`);

async function picture(page, name) {
  const width = page.viewportSize().width;
  if (shots) await page.screenshot({ path: `${shots}/${width}-${name}.png`, fullPage: true });
}

/** Goes to a page and checks that it answers, fits, and says what it should. */
async function visit(page, path, texts, status = 200) {
  const response = await page.goto(base + path, { waitUntil: "load" });
  if (response.status() !== status) fail(path, `status ${response.status()} instead of ${status}`);
  await says(page, path, texts);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (over > 0) fail(path, `is ${over}px wider than the screen`);
  return response;
}

async function says(page, path, texts) {
  for (const wanted of texts) {
    const isThere = (words) => document.body.textContent.includes(words);
    const waited = page.waitForFunction(isThere, wanted, { timeout: 10_000 });
    await waited.catch(() => fail(path, `does not say “${wanted}”`));
  }
}

async function download(page, click) {
  const [file] = await Promise.all([page.waitForEvent("download"), click()]);
  return readFile(await file.path());
}

/** Captures offline on a phone, comes back online; then imports a table twice and prints labels. */
async function supplier(browser) {
  const context = await browser.newContext({ ...phone, acceptDownloads: true });
  const page = await context.newPage();
  await visit(page, "/goods", ["Supplier", "Quality assurance", "Retailer", "Shopper", "Regulator"]);
  await picture(page, "goods");
  await visit(page, "/phone", ["What happened?", "On this phone"]);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.reload();
  await context.setOffline(true);
  await page.reload();
  await says(page, "/phone offline", ["What happened?", "No network"]);
  await page.getByText("Made or harvested").click();
  await page.fill("#code", `(01)${ownLot.gtin}(10)${ownLot.lot}`);
  await page.locator("#code").blur();
  if ((await page.inputValue("#gtin")) !== ownLot.gtin) fail("/phone", "the code is not understood");
  await page.fill("#quantity", "12");
  // A place is chosen by its name.
  await page.fill("#location", packhouseName);
  await page.locator("#location").blur();
  if ((await page.inputValue("#location")) !== packhouse) fail("/phone", "a place is not known by its name");
  await page.fill("#date", "2026-01-15");
  await page.fill("#time", "08:30");
  await page.fill("#zone", "+08:00");
  const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  await page.setInputFiles("#files", { name: "crate.png", mimeType: "image/png", buffer: Buffer.from(pixel, "base64") });
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator('[data-queue] li[data-state="waiting"]').waitFor();
  await says(page, "/phone", ["Waits to be sent", "1 waiting"]);
  await picture(page, "phone-offline");
  await context.setOffline(false);
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await page.locator('[data-queue] li[data-state="sent"]').waitFor({ timeout: 30000 });
  await picture(page, "phone-sent");
  // What breaks a rule is refused with the rule, and can be corrected.
  await page.fill("#code", "(01)09521003000412(10)X");
  await page.locator("#code").blur();
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator('[data-queue] li[data-state="refused"]').waitFor({ timeout: 30000 });
  await picture(page, "phone-refused");
  await context.close();
  await table(browser);
}

/** Imports a table whose delivery note only a customer reads, and finds it opened on its own pages. */
async function sealedTable(page, folder, text) {
  const file = join(folder, "sealed.csv");
  await writeFile(file, text);
  await visit(page, "/import", ["Show some of it to named members only"]);
  await page.setInputFiles("#file", file);
  await page.getByText("Show some of it to named members only").click();
  await page.getByLabel("Orders, delivery notes and invoices").check();
  await page.getByLabel("Red Gate Foods").check();
  await page.getByRole("button", { name: "Look at it first" }).click();
  await page.getByText("1 field is sealed for you and 1 other").waitFor();
  await picture(page, "import-sealed");
  const capture = page.getByRole("button", { name: /^Capture [1-9]/ });
  if (await capture.count()) {
    await capture.click();
    await page.getByText("Captured.").waitFor({ timeout: 30000 });
  }
  const lot = id(`https://id.gs1.org/01/${ownLot.gtin}/10/PATHS-3`);
  const texts = ["opened for you", "DA-SEALED-3", "Only you and Red Gate Foods may read it"];
  for (const size of [phone, desk]) {
    await page.setViewportSize(size.viewport);
    await visit(page, `/trace?id=${lot}`, texts);
    await picture(page, "sealed-trace");
    await page.locator(".timeline a.what").first().click();
    await says(page, "the page of a sealed event", texts);
    await picture(page, "sealed-event");
  }
  await visit(page, `/01/${ownLot.gtin}/10/PATHS-3?linkType=gs1:traceability`, ["Its journey"]);
  if ((await page.content()).includes("DA-SEALED-3")) fail("the page for everybody", "tells what is sealed");
}

async function table(browser) {
  const context = await browser.newContext({ ...desk, acceptDownloads: true });
  const page = await context.newPage();
  const folder = await mkdtemp(join(tmpdir(), "qiao-paths-"));
  const heads = "stage,gtin,lot,quantity,date,time,zone,location,to,despatch_advice";
  const row = (lot, gtin = ownLot.gtin) => `ship,${gtin},${lot},6,2026-01-16,09:00,+08:00,${packhouse},9521009000019,DA-PATHS`;
  const wrong = join(folder, "wrong.csv");
  const right = join(folder, "right.csv");
  await writeFile(wrong, [heads, row("PATHS-1"), row("PATHS-2", "09521003000412")].join("\n"));
  await writeFile(right, [heads, row("PATHS-1"), row("PATHS-2")].join("\n"));
  await visit(page, "/import", ["Templates", "Look at it first"]);
  await page.setInputFiles("#file", wrong);
  await page.getByRole("button", { name: "Look at it first" }).click();
  await page.getByText("1 problem; nothing was captured").waitFor();
  await picture(page, "import-errors");
  const errors = await download(page, () => page.getByRole("button", { name: "Download the rows" }).click());
  if (!errors.toString().includes("09521003000412")) fail("/import", "the error file lacks the wrong row");
  for (const expected of ["on the chain already", "0 new, 2 on the chain already"]) {
    await page.setInputFiles("#file", right);
    await page.getByRole("button", { name: "Look at it first" }).click();
    await page.getByText(expected).waitFor();
    const capture = page.getByRole("button", { name: /^Capture [1-9]/ });
    if (await capture.count()) {
      await capture.click();
      await page.getByText("Captured.").waitFor({ timeout: 30000 });
    }
  }
  await picture(page, "import-again");
  await sealedTable(page, folder, [heads, row("PATHS-3").replace("DA-PATHS", "DA-SEALED-3")].join("\n"));
  await visit(page, `/labels?id=${id(`https://id.gs1.org/01/${ownLot.gtin}/10/${ownLot.lot}`)}`, ["Labels"]);
  const labels = await download(page, () => page.getByRole("button", { name: "PDF" }).click());
  if (!labels.subarray(0, 5).equals(Buffer.from("%PDF-"))) fail("/labels", "gives no PDF");
  if (shots) await writeFile(`${shots}/labels.pdf`, labels);
  const zpl = await download(page, () => page.getByRole("button", { name: "ZPL" }).click());
  if (!zpl.toString().startsWith("^XA")) fail("/labels", "gives no ZPL");
  await picture(page, "labels");
  await context.close();
}

async function quality(browser) {
  for (const size of [phone, desk]) {
    const context = await browser.newContext(size);
    const page = await context.newPage();
    await visit(page, "/quality", ["Cold chain", "instead of", "Northwind Cold Chain", "recalled", "lot M0318"]);
    await picture(page, "quality");
    await context.close();
  }
}

/** Confirms what a form asks for, and comes back. */
async function sign(page, path, button, texts) {
  await page.getByRole("button", { name: button, exact: true }).first().click();
  await says(page, path, ["What will be signed", "Nothing is sent yet"]);
  await fits(page, `${path}, confirmation`);
  await page.getByRole("button", { name: "Sign and send" }).click();
  await says(page, path, ["Done, and final.", ...texts]);
  await fits(page, path);
}

/** Checks that a page that was reached by a click fits, has one main heading, and names its fields. */
async function fits(page, path) {
  const seen = await page.evaluate(() => ({
    over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    headings: document.querySelectorAll("h1").length,
    unnamed: [...document.querySelectorAll("a, button, select, textarea, input:not([type=hidden])")].filter((one) => {
      const label = one.id && document.querySelector(`label[for="${one.id}"]`);
      return !(one.textContent.trim() || one.getAttribute("aria-label") || label);
    }).length,
    small: [...document.querySelectorAll("main button")].filter((one) => {
      const box = one.getBoundingClientRect();
      return box.width > 0 && (box.height < 38 || box.width < 38);
    }).length,
  }));
  if (seen.over > 0) fail(path, `is ${seen.over}px wider than the screen`);
  if (seen.headings !== 1) fail(path, `has ${seen.headings} main headings`);
  if (seen.unnamed) fail(path, `has ${seen.unnamed} links, buttons or fields without a name`);
  if (seen.small) fail(path, `has ${seen.small} buttons too small for a finger`);
}

/** Suspects the lot, holds it, drills and declares the recall as its owner; the store takes note and answers;
 * the owner reads the report; the regulator sees it; the owner closes it. */
async function recall(browser) {
  for (const size of [phone, desk]) {
    const context = await browser.newContext({ ...size, acceptDownloads: true });
    const page = await context.newPage();
    await visit(page, `/trace?id=${id(recalledLot)}`, ["Suspect this"]);
    await page.getByRole("link", { name: "Suspect this" }).click();
    await says(page, "suspect", ["Suspect: Minced pork", "Found in", "Lantern Markets", "Acting for Red Gate Foods"]);
    await fits(page, "suspect");
    await picture(page, "recall-suspect");
    const suspect = page.url();
    await page.selectOption("#scope", "everywhere");
    await page.fill("#note", "smells");
    await sign(page, "hold", "Hold it back", ["Held back by Red Gate Foods", "smells"]);
    await picture(page, "recall-held");
    await visit(page, "/quality", ["On hold on the chain", "Every validator refuses"]);
    await picture(page, "quality-held");
    await visit(page, shopperPack, ["Held back by Red Gate Foods", "Do not use it until it is released."]);
    await picture(page, "shopper-held");
    await visit(page, "/desks/2/recalls", ["smells"]);
    await sign(page, "release", "Release", []);

    await page.goto(suspect);
    await page.fill("#text", "Salmonella found in pack 41: stop selling, send back.");
    await page.getByRole("button", { name: "Drill it, publish nothing" }).click();
    await says(page, "drill", ["This was a drill. Nothing was published.", "Who is told", "Lantern Markets"]);
    await fits(page, "drill");
    await picture(page, "recall-drill");
    await page.getByRole("button", { name: /^Declare it and tell/ }).click();
    await says(page, "declared", ["Done, and final.", "Who was told", "not noted yet"]);
    await fits(page, "declared");
    await picture(page, "recall-declared");
    const number = page.url().match(/recalls\/(\d+)/)[1];
    await visit(page, shopperPack, ["Recalled by Red Gate Foods", "contamination", "Bring it back"]);
    await picture(page, "shopper-recalled");

    await visit(page, "/desks/1/recalls", ["Waiting for you", `Recall ${number} of Red Gate Foods`]);
    await picture(page, "recall-waiting");
    await page.getByRole("link", { name: `Recall ${number} of Red Gate Foods` }).click();
    await sign(page, "acknowledge", "Take note", ["noted in time"]);
    await page.getByRole("link", { name: "See and answer them" }).click();
    await says(page, "answer", ["What became of it", "Answer line by line"]);
    await picture(page, "recall-answer");
    await page.selectOption("#all", "destroyed");
    await sign(page, "answer", "Answer for all of it", ["0 lines not answered"]);
    await picture(page, "recall-answered");

    await visit(page, `/desks/2/recalls/${number}`, ["What became of the goods", "Accounted for", "noted in time"]);
    const sheet = await download(page, () => page.getByRole("link", { name: "Report, XLSX" }).click());
    if (sheet.subarray(0, 2).toString() !== "PK") fail("report.xlsx", "is no workbook");
    await picture(page, "recall-report");
    await visit(page, `/desks/4/recalls/${number}`, ["Who was told", "Lantern Markets"]);
    await visit(page, `/desks/2/recalls/${number}`, []);
    await page.fill("#end-text", "All packs are accounted for.");
    await sign(page, "close", "Close the recall", ["closed"]);
    await picture(page, "recall-closed");
    await visit(page, shopperPack, ["Recalled by Yunhe Market Supervision"]);
    await context.close();
  }
}

async function retailer(browser) {
  for (const size of [phone, desk]) {
    const context = await browser.newContext({ ...size, acceptDownloads: true });
    const page = await context.newPage();
    await visit(page, "/coverage", ["By supplier", "By category", "% complete", "Meat", "Salad"]);
    await picture(page, "coverage");
    await page.locator('[href^="/coverage?supplier="]').first().click();
    await says(page, "/coverage?supplier", ["Events with gaps of"]);
    const file = await download(page, () => page.getByRole("link", { name: "CSV" }).click());
    if (!file.toString().includes("Missing")) fail("/coverage.csv", "is no list of gaps");
    await context.close();
  }
}

/** Reads the page behind the code of a pack, as a stranger with a phone. */
async function shopper(browser) {
  for (const size of [phone, desk]) {
    const context = await browser.newContext({ ...size, acceptDownloads: true });
    const page = await context.newPage();
    await visit(page, shopperPack, ["Minced pork 1 kg", "Recalled by", "Its journey", "Best before", "How cold it was kept"]);
    for (const secret of ["PO-77120", "INV-20931"]) {
      if ((await page.content()).includes(secret)) fail(shopperPack, `tells ${secret}`);
    }
    await page.getByRole("button", { name: "Verify" }).click();
    await page.getByText("The proof has all").waitFor({ timeout: 20000 });
    const proof = await download(page, () => page.getByRole("link", { name: "Download the proof" }).click());
    if (!JSON.parse(proof).certificate) fail(shopperPack, "the proof has no votes");
    if (shots) await writeFile(`${shots}/journey-proof.json`, proof);
    await picture(page, "shopper");
    const linkset = await context.request.get(`${base}${shopperPack}?linkType=linkset`);
    if (!(await linkset.json()).linkset[0].anchor.endsWith(shopperPack)) fail(shopperPack, "has no linkset");
    await visit(page, "/01/09521002000566", ["Which one do you have?"]);
    await picture(page, "product");
    await visit(page, "/01/09521002000566/21/NOBODY", ["Nothing is known of this"], 404);
    await context.close();
  }
}

async function regulator(browser) {
  const context = await browser.newContext({ ...desk, acceptDownloads: true });
  const page = await context.newPage();
  await visit(page, "/lens", ["Search everything"]);
  await page.fill("#thing", "(01)09521002000368");
  await page.selectOption("#party", "Yunhe Market Supervision");
  await page.getByRole("button", { name: "Search" }).click();
  await says(page, "/lens", ["Recalled Minced pork"]);
  await picture(page, "lens");
  const file = await download(page, () => page.getByRole("link", { name: "XLSX" }).click());
  if (file.subarray(0, 2).toString() !== "PK") fail("/lens.xlsx", "is no workbook");
  await visit(page, `/trace?id=${id(recalledLot)}`, ["FSMA 204 spreadsheet", "Page for everybody"]);
  const sheet = await download(page, () => page.getByRole("link", { name: "FSMA 204 spreadsheet" }).click());
  if (sheet.subarray(0, 2).toString() !== "PK") fail("/fsma204.xlsx", "is no workbook");
  const csv = await download(page, () => page.getByRole("link", { name: "as CSV" }).click());
  for (const wanted of ["Traceability lot code", "M0318", "Transformation: new food"]) {
    if (!csv.toString().includes(wanted)) fail("/fsma204.csv", `lacks “${wanted}”`);
  }
  await picture(page, "trace");
  await context.close();
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: browserFlags });
try {
  const probe = await browser.newPage();
  const answer = await probe.goto(`${base}/trace?id=${id(recalledLot)}`);
  if (answer.status() !== 200) {
    console.log("SKIPPED: the five paths need the sample trade of `qiao dev`");
    process.exit(0);
  }
  for (const walk of [supplier, quality, retailer, shopper, regulator, recall]) {
    await walk(browser).catch((error) => fail(walk.name, error.message.split("\n").slice(0, 3).join(" ")));
  }
} finally {
  await browser.close();
}
for (const problem of problems) console.error(problem);
console.log(`paths: supplier, quality assurance, retailer, shopper, regulator and a recall walked, ${problems.length} problems`);
process.exit(problems.length ? 1 : 0);
