// node ports.mjs FILE: certificates, one a line; prints for each whether its last inference is accepted, and if not why.
import { readFileSync } from "node:fs";
import { checkNow } from "../../docs/assets/checker/replay.mjs";

for (const line of readFileSync(process.argv[2], "utf8").split("\n").filter(Boolean)) {
  const { malformed, nodes } = checkNow(line);
  const last = malformed ? { accepted: false, reason: `does not load: ${malformed}` } : nodes.at(-1);
  console.log(JSON.stringify(last.accepted ? "" : last.reason || "refused"));
}
