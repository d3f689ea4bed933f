// Opens every page of the console in a real browser, as a phone and as a desk, and checks that it
// answers, fits, has its landmarks and says what it should.
//
//   BASE_URL=http://127.0.0.1:8080 node check.mjs [--shots FOLDER]

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const base = (process.env.BASE_URL ?? "http://127.0.0.1:8080").replace(/\/$/, "");
const shots = process.argv[2] === "--shots" ? process.argv[3] : undefined;
const widths = [390, 1280];
const browserFlags = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];
const recalledLot = "https://id.gs1.org/01/09521002000368/10/M0318";
const shopperPack = "https://id.gs1.org/01/09521002000566/21/M0318-007";
const id = encodeURIComponent;

/** Pages with the status and the texts that they must have. */
const pages = [
  { path: "/", texts: ["Validators", "Recent blocks", "Recently recorded", "Time to final"] },
  { path: "/trace", texts: ["Trace", "Where did it come from"] },
  { path: "/events", texts: ["Events"] },
  { path: "/blocks", texts: ["Blocks"] },
  { path: "/blocks/0", texts: ["Block 0", "Hash"] },
  { path: "/members", texts: ["Members"] },
  { path: "/goods", texts: ["Supplier", "Quality assurance", "Retailer", "Regulator", "Shopper"] },
  { path: "/phone", texts: ["What happened?", "On this phone"] },
  { path: "/import", texts: ["Templates", "Look at it first"] },
  { path: "/labels", texts: ["Labels", "ZPL"] },
  { path: "/quality", texts: ["Cold chain", "On hold on the chain", "Held back or recalled"] },
  { path: "/quality/recalls", texts: ["Recalls", "Suspect something", "Held back by"] },
  { path: "/quality/recalls/999999", status: 404, texts: ["There is no recall 999999"] },
  { path: "/coverage", texts: ["By supplier", "By category"] },
  { path: "/lens", texts: ["Search everything"] },
  { path: "/desks", texts: ["Finance", "What others see"] },
  { path: "/no-such-page", status: 404, texts: ["Not found"] },
  { path: "/blocks/999999999", status: 404, texts: ["There is no block"] },
  { path: "/events/xyz", status: 400, texts: ["could not be read"] },
];

/** Pages that exist when the chain carries the sample trade. */
const samplePages = [
  {
    path: `/trace?id=${id(recalledLot)}`,
    texts: ["Recalled by", "Fattened pig", "What happened", "Minced pork 1 kg"],
    drawn: true,
  },
  {
    path: `/trace?id=${id(shopperPack)}&direction=back`,
    texts: ["It came from", "Willow Bend Farm", "Stone Bridge Farm"],
    drawn: true,
  },
  { path: `/trace?id=${id("urn:epc:class:lgtin:9521002.000036.M0318")}`, texts: ["Recalled by"] },
  { path: `/trace?id=${id("(00)195210020000051008")}`, texts: ["Case or pallet"] },
];

const problems = [];
let opened = 0;

async function open(page, width, { path, status = 200, texts = [], drawn = false }) {
  const fail = (text) => problems.push(`${width}px ${path}: ${text}`);
  const heard = [];
  const hear = (message) => {
    // The browser itself reports the status of a page that is meant to be missing.
    const isStatus = status !== 200 && message.text().includes("Failed to load resource");
    if (message.type() === "error" && !isStatus) heard.push(message.text());
  };
  const hearError = (error) => heard.push(error.message);
  page.on("console", hear);
  page.on("pageerror", hearError);
  const response = await page.goto(base + path, { waitUntil: "load" });
  await page.waitForTimeout(150);
  opened += 1;
  if (response.status() !== status) fail(`status ${response.status()} instead of ${status}`);
  const policy = response.headers()["content-security-policy"] ?? "";
  if (!policy.includes("default-src 'none'")) fail("no content security policy");
  const seen = await page.evaluate(() => ({
    text: document.body.textContent,
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    landmarks: ["header", "nav", "main", "footer"].filter((name) => !document.querySelector(name)),
    headings: document.querySelectorAll("h1").length,
    lang: document.documentElement.lang,
    title: document.title,
    unnamed: [...document.querySelectorAll("a, button, input:not([type=hidden])")].filter((one) => {
      return !(one.textContent.trim() || one.getAttribute("aria-label") || one.labels?.length);
    }).length,
    small: [...document.querySelectorAll(".bar nav a, button")].filter((one) => {
      const box = one.getBoundingClientRect();
      return box.width > 0 && (box.height < 38 || box.width < 38);
    }).length,
  }));
  for (const text of texts) if (!seen.text.includes(text)) fail(`does not say “${text}”`);
  if (seen.overflow > 0) fail(`is ${seen.overflow}px wider than the screen`);
  if (seen.landmarks.length) fail(`lacks ${seen.landmarks.join(", ")}`);
  if (seen.headings !== 1) fail(`has ${seen.headings} main headings`);
  if (seen.lang !== "en" || !seen.title) fail("lacks language or title");
  if (seen.unnamed) fail(`${seen.unnamed} links, buttons or fields without a name`);
  if (seen.small) fail(`${seen.small} buttons too small for a finger`);
  if (drawn && (await page.locator(".graph svg .node").count()) < 5) fail("draws no graph");
  for (const text of heard) fail(`console: ${text}`);
  page.off("console", hear);
  page.off("pageerror", hearError);
  if (shots) {
    const name = `${width}${path.replace(/[^a-z0-9]+/gi, "_").slice(0, 60)}.png`;
    await page.screenshot({ path: `${shots}/${name}`, fullPage: true });
  }
}

/** The first link on a page that begins with a prefix. */
async function firstLink(page, path, prefix) {
  await page.goto(base + path);
  const link = page.locator(`main a[href^="${prefix}"]`).first();
  return (await link.count()) ? link.getAttribute("href") : undefined;
}

async function found(page) {
  const list = [...pages];
  const hasSample = (await (await page.goto(`${base}${samplePages[0].path}`)).status()) === 200;
  if (hasSample) list.push(...samplePages);
  const event = await firstLink(page, "/events", "/events/");
  if (event) {
    list.push({ path: event, texts: ["Things", "Event Hash ID", "Recorded in block"] });
    const transaction = await firstLink(page, event, "/transactions/");
    list.push({ path: transaction, texts: ["Capture", "traceability", "Done"] });
    list.push({ path: await firstLink(page, event, "/blocks/"), texts: ["transaction"] });
  }
  return { list, hasSample };
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: browserFlags });
let hasSample = false;
try {
  for (const width of widths) {
    const context = await browser.newContext({ viewport: { width, height: 844 } });
    const page = await context.newPage();
    const all = await found(page);
    hasSample = all.hasSample;
    for (const one of all.list) await open(page, width, one);
    await context.close();
  }
  const still = await browser.newContext({ javaScriptEnabled: false });
  const page = await still.newPage();
  await page.goto(`${base}/`);
  if (!(await page.locator("main").textContent()).includes("Validators")) {
    problems.push("without scripts the overview is empty");
  }
} finally {
  await browser.close();
}
for (const problem of problems) console.error(problem);
const sample = hasSample ? "with" : "without";
console.log(`console: ${opened} pages opened at ${widths.join(" and ")} px ${sample} the sample trade, ${problems.length} problems`);
// The desks of supply-chain finance are walked through where the chain carries their sample.
const walk = await fetch(`${base}/desks/walk`);
const walked = walk.ok
  ? spawnSync(process.execPath, [fileURLToPath(new URL("desks.mjs", import.meta.url)), ...process.argv.slice(2)], {
      stdio: "inherit",
    }).status
  : 0;
process.exit(problems.length || walked ? 1 : 0);
