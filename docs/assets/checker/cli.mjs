#!/usr/bin/env node
// node cli.mjs FILE [--theorem NAME] [--json]: exit status 0 only if everything was accepted.
import { readFileSync, statSync } from "node:fs";
import { MAX_BYTES } from "./load.mjs";
import { checkNow } from "./replay.mjs";

const usage = "usage: cli.mjs FILE [--theorem NAME] [--json]";

function main(args) {
  const json = args.includes("--json");
  const at = args.indexOf("--theorem");
  const theorem = at < 0 ? undefined : args[at + 1];
  const [file, ...more] = args.filter((a, i) => a !== "--json" && (at < 0 || (i !== at && i !== at + 1)));
  if (!file || more.length || (at >= 0 && theorem === undefined)) return fail(usage);
  let text;
  try {
    if (statSync(file).size > MAX_BYTES) return fail("refused: a file that is too large");
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(file));
  } catch (error) {
    return fail(`refused: ${error.code === "ENOENT" ? "no such file" : "a file that cannot be read as UTF-8"}`);
  }
  const result = checkNow(text, { theorem });
  if (result.malformed) return fail(`refused: ${result.malformed}`);
  const lines = json ? [...result.nodes,
    ...result.theorems.map(t => ({ theorem: t.name, ...t }))].map(x => JSON.stringify(x)) : [
    ...result.nodes.filter(n => !n.accepted).map(n => `node ${n.node} (${n.rule}): refused: ${n.reason}`),
    ...result.theorems.map(t => (t.accepted ? `${t.name}: accepted, ${t.inferences} inferences`
      : `${t.name}: refused at node ${t.refusal.node} (${t.refusal.rule}): ${t.refusal.reason}`)),
    `${result.theorems.filter(t => t.accepted).length} of ${result.theorems.length} theorems, `
      + `${result.nodes.filter(n => n.accepted).length} of ${result.nodes.length} inferences accepted`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
  process.exitCode = result.accepted ? 0 : 1;
  return undefined;
}

function fail(line) {
  process.stderr.write(`${line}\n`);
  process.exitCode = 2;
}

main(process.argv.slice(2));
