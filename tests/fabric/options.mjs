// The command line of bench.mjs.

import { parseArgs } from "node:util";

export const HELP = `Puts the load of \`qiao bench\` on a Hyperledger Fabric gateway and writes the same report.

Usage: node bench.mjs --gateway HOST:PORT --msp ID --cert FILE --key FILE [OPTIONS]

  --gateway HOST:PORT   a peer's gateway; repeat it, one client process is made for each
  --msp ID              the membership provider of the identity that signs
  --cert FILE           its certificate, PEM
  --key FILE            its private key, PEM
  --tls-ca FILE         the certificate of the gateway's authority, PEM; without it nothing is encrypted
  --tls-name NAME       the name in the gateway's certificate, where it is not HOST
  --channel NAME        the channel (mychannel)
  --chaincode NAME      the chaincode (erc20)
  --call NAME           its function (Transfer)
  --arg TEXT            an argument of the function, may be repeated ({account} 1);
                        {account} becomes one of --accounts names, drawn evenly
  --accounts N          how many there are (10000)
  --duration SECONDS    the measured part (20)
  --warmup SECONDS      load before it (3)
  --in-flight N         closed loop: transactions under way per client (100)
  --rate N              open loop: transactions due per second, over all clients
  --seed N              everything random follows from it (1)
  --watch-pid PID       a process whose processor time and memory count; may be repeated
  --json                the report as one JSON document
`;

const text = (name) => ({ [name]: { type: "string" } });
const texts = (name) => ({ [name]: { type: "string", multiple: true } });

/** Reads the command line; throws with a sentence about the option that is wrong. */
export function read(words) {
  const { values } = parseArgs({
    args: words,
    options: {
      ...texts("gateway"), ...text("msp"), ...text("cert"), ...text("key"), ...text("tls-ca"),
      ...text("tls-name"), ...text("channel"), ...text("chaincode"), ...text("call"), ...texts("arg"),
      ...text("accounts"), ...text("duration"), ...text("warmup"), ...text("in-flight"),
      ...text("rate"), ...text("seed"), ...texts("watch-pid"),
      json: { type: "boolean" }, help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return { help: true };
  for (const name of ["gateway", "msp", "cert", "key"]) {
    if (values[name] === undefined) throw new Error(`--${name} is missing`);
  }
  const number = (name, fallback, least) => {
    const given = values[name] ?? fallback;
    if (given === undefined) return null;
    const parsed = Number(given);
    if (!Number.isInteger(parsed) || parsed < least || parsed > 10_000_000) {
      throw new Error(`--${name} is a whole number from ${least} to 10000000, not \`${given}\``);
    }
    return parsed;
  };
  if (values.rate !== undefined && values["in-flight"] !== undefined) {
    throw new Error("--rate is an open loop, --in-flight a closed one: give one of them");
  }
  return {
    gateways: values.gateway,
    identity: { msp: values.msp, cert: values.cert, key: values.key },
    tls: { authority: values["tls-ca"] ?? null, name: values["tls-name"] ?? null },
    channel: values.channel ?? "mychannel",
    chaincode: values.chaincode ?? "erc20",
    call: values.call ?? "Transfer",
    args: values.arg ?? ["{account}", "1"],
    accounts: number("accounts", "10000", 1),
    seconds: number("duration", "20", 1),
    warmupSeconds: number("warmup", "3", 0),
    inFlight: values.rate === undefined ? number("in-flight", "100", 1) : null,
    rate: number("rate", undefined, 1),
    seed: number("seed", "1", 0),
    processes: (values["watch-pid"] ?? []).map(Number),
    json: values.json ?? false,
  };
}
