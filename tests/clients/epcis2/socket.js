// Subscribes to a named query by WebSocket, as the EPCIS binding has it, with the client `ws`.

import assert from "node:assert/strict";
import WebSocket from "ws";

/** What a subscriber hears, in order, and how its connection ended. */
function listen(url) {
  const socket = new WebSocket(url);
  const heard = [];
  const waiting = [];
  const tell = (word) => (waiting.length > 0 ? waiting.shift()(word) : heard.push(word));
  socket.on("message", (data) => tell(JSON.parse(data.toString())));
  socket.on("unexpected-response", (_, answer) => tell({ status: answer.statusCode }));
  socket.on("close", (code, reason) => tell({ code, reason: reason.toString() }));
  socket.on("error", () => {});
  const next = () =>
    new Promise((resolve, reject) => {
      if (heard.length > 0) return resolve(heard.shift());
      const late = setTimeout(() => reject(new Error(`nothing was heard from ${url}`)), 20_000);
      waiting.push((word) => (clearTimeout(late), resolve(word)));
    });
  return { socket, next };
}

const things = (report) =>
  report.epcisBody.queryResults.resultsBody.eventList.map((event) => event.epcList[0]);

/**
 * @param api REST address of EPCIS
 * @param name a name of a query that nobody took
 * @param capture captures an observation of a thing with a serial number, and answers its identifier
 */
export async function subscribe(api, name, capture) {
  const sockets = api.replace(/^http/, "ws");
  const since = new Date(Date.now() - 1_000).toISOString();
  const query = { EQ_bizStep: "loading", eventType: ["ObjectEvent"] };
  const made = await fetch(`${api}/queries`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name, query }),
  });
  assert.equal(made.status, 201, await made.text());

  // One hears what comes from now on, the other also what was there.
  const first = listen(`${sockets}/queries/${name}/events?stream=true`);
  await new Promise((resolve) => first.socket.once("open", resolve));
  const thing = await capture(1);
  const report = await first.next();
  assert.deepEqual(things(report), [thing]);
  assert.equal(report.type, "EPCISQueryDocument");
  assert.equal(report.epcisBody.queryResults.queryName, name);
  const second = await capture(2);
  assert.deepEqual(things(await first.next()), [second]);
  const late = listen(
    `${sockets}/queries/${name}/subscriptions?stream=true&initialRecordTime=${since}`,
  );
  assert.deepEqual(things(await late.next()), [thing, second]);
  first.socket.close();
  const closed = await first.next();
  assert.ok([1000, 1005, 1006].includes(closed.code), JSON.stringify(closed));

  // A schedule reports empty pages where they are wanted.
  const each = listen(`${sockets}/queries/${name}/events?second=[0-59]&reportIfEmpty=true`);
  assert.deepEqual(things(await each.next()), []);
  each.socket.close();

  // Whoever talks too much is closed; whoever asks wrongly is refused.
  late.socket.send("x".repeat(100_000));
  const ended = await late.next();
  assert.ok([1002, 1006, 1009].includes(ended.code), JSON.stringify(ended));
  for (const [path, status] of [
    [`queries/${name}/events`, 400],
    [`queries/${name}/events?stream=true&second=1`, 400],
    [`queries/${name}/events?stream=true&EQ_action=ADD`, 400],
    [`queries/${name}-none/events?stream=true`, 404],
  ]) {
    assert.equal((await listen(`${sockets}/${path}`).next()).status, status, path);
  }
  const gone = await fetch(`${api}/queries/${name}`, { method: "DELETE" });
  assert.equal(gone.status, 204);
}
