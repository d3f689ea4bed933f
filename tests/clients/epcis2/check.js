// Builds, validates, captures and queries EPCIS events with epcis2.js, as a supplier would.
// BASE_URL in the environment; one line of JSON on stdout; exit code 1 on failure.

import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { createRequire } from "node:module";

import { subscribe } from "./socket.js";

const epcis = createRequire(import.meta.url)("epcis2.js");
const { CaptureResponse, EPCISDocument, Ilmd, ObjectEvent, AggregationEvent, QuantityElement } = epcis;

const api = `${process.env.BASE_URL}/epcis`;
const started = Date.now();
const checks = [];
// A run after another is about other things.
const run = randomInt(1, 1_000_000_000);
const item = (serial) => `urn:epc:id:sgtin:9521321.012345.${run}${serial}`;
const pallet = `urn:epc:id:sscc:9521321.0${String(run).padStart(9, "0")}`;
const place = "urn:epc:id:sgln:9521321.00001.0";

epcis.setup({ apiUrl: api, eventTimeZoneOffset: "+01:00" });

function harvested() {
  const lot = new QuantityElement()
    .setEpcClass(`urn:epc:class:lgtin:9521321.012345.${run}`)
    .setQuantity(25.5)
    .setUom("KGM");
  return new ObjectEvent()
    .setEventTime("2026-03-01T10:00:00.000+01:00")
    .addEPCList([item(1), item(2)])
    .addQuantity(lot)
    .setAction(epcis.cbv.actionTypes.add)
    .setBizStep(epcis.cbv.bizSteps.commissioning)
    .setDisposition(epcis.cbv.dispositions.active)
    .setReadPoint(place)
    .setIlmd(new Ilmd().addExtension("farm:breed", "Duroc"));
}

function packed() {
  return new AggregationEvent()
    .setEventTime("2026-03-01T11:00:00.000+01:00")
    .setParentId(pallet)
    .addChildEPCList([item(1), item(2)])
    .setAction(epcis.cbv.actionTypes.add)
    .setBizStep(epcis.cbv.bizSteps.packing)
    .setReadPoint(place);
}

function documentOf(events) {
  const document = new EPCISDocument().setCreationDate("2026-03-01T12:00:00.000+01:00");
  document.setContext([
    "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    { farm: "https://farm.example/" },
  ]);
  return document.addEventList(events);
}

async function job(document) {
  const answer = await epcis.capture(document);
  assert.equal(answer.status, 202, await answer.clone().text());
  const capture = new CaptureResponse(answer);
  await capture.pollForTheCaptureToFinish(200, 50);
  assert.equal(capture.getRunningStatus(), false);
  return { capture, details: await capture.getCaptureJob() };
}

async function events(query) {
  const answer = await fetch(`${api}/events?${new URLSearchParams(query)}`);
  assert.equal(answer.status, 200, await answer.clone().text());
  const document = await answer.json();
  return document.epcisBody.queryResults.resultsBody.eventList;
}

async function main() {
  const first = await job(documentOf([harvested(), packed()]));
  assert.equal(first.capture.getSuccessStatus(), true);
  assert.deepEqual(first.capture.getErrors(), []);
  assert.equal(first.details.captured, 2);
  checks.push("capture");

  const again = await job(documentOf([packed()]));
  assert.equal(again.details.duplicates, 1);
  checks.push("capture again");

  const found = await events({ MATCH_epc: item(1), EQ_bizStep: "commissioning" });
  assert.equal(found.length, 1);
  const read = new ObjectEvent(found[0]);
  assert.deepEqual(read.getEPCList(), [item(1), item(2)]);
  assert.equal(read.getQuantityList()[0].getQuantity(), 25.5);
  assert.equal((await events({ MATCH_anyEPC: pallet })).length, 1);
  checks.push("query");

  const refused = documentOf([harvested().setBizStep("farming")]);
  const answer = await epcis.capture(refused, { documentValidation: false });
  const problem = await answer.json();
  assert.equal(answer.status, 400);
  assert.equal(problem.type, "epcisException:ValidationException");
  assert.equal(problem.errors[0].field, "eventList[0].bizStep");
  checks.push("refusal");

  await subscribe(api, `loaded-${run}`, async (serial) => {
    const loaded = new ObjectEvent()
      .setEventTime(`2026-03-01T13:00:0${serial}.000+01:00`)
      .addEPCList([item(100 + serial)])
      .setAction(epcis.cbv.actionTypes.observe)
      .setBizStep("loading")
      .setReadPoint(place);
    assert.equal((await job(documentOf([loaded]))).details.captured, 1);
    return item(100 + serial);
  });
  checks.push("subscription by WebSocket");
}

main().then(
  () => console.log(JSON.stringify({ client: "epcis2.js 2.7.3", checks, ms: Date.now() - started })),
  (error) => {
    console.error(error);
    // A connection that is still open keeps nobody waiting.
    process.exit(1);
  },
);
