// Compares the results of a run with the failures that are known:
// node compare.mjs RESULTS EXPECTED [TEST FILE…]
// Exit code 1 if a test failed that is not listed, or one passed that is.

import { readFileSync } from "node:fs";

const [resultsFile, expectedFile, ...files] = process.argv.slice(2);
const lines = (file) => readFileSync(file, "utf8").split("\n").filter((line) => line.trim() !== "");

const results = lines(resultsFile).map((line) => JSON.parse(line));
const expected = new Set(
  lines(expectedFile).filter((line) => {
    const [file] = line.split(" | ");
    return !line.startsWith("#") && (files.length === 0 || files.includes(file));
  }),
);

const count = (outcome) => results.filter((result) => result.outcome === outcome).length;
console.log(
  `${results.length} tests: ${count("passed")} passed, ${count("failed")} failed, ` +
    `${count("pending")} skipped by the suite itself`,
);

const failed = results.filter((result) => result.outcome === "failed");
const name = ({ file, title }) => `${file} | ${title}`;
const unexpected = failed.filter((result) => !expected.has(name(result)));
for (const result of unexpected) {
  console.log(`\nFAILED ${name(result)}\n       ${result.reason.split("\n")[0]}`);
}
const names = new Set(failed.map(name));
const cured = [...expected].filter((line) => !names.has(line));
for (const line of cured) {
  console.log(`\nNOT FAILED, although listed: ${line}`);
}
console.log(`\n${expected.size - cured.length} failures as expected, ${unexpected.length} others`);
process.exit(results.length > 0 && unexpected.length === 0 && cured.length === 0 ? 0 : 1);
