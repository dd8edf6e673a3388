// Replays a certificate: check(text or object, { theorem, onProgress }) says of each node and theorem whether it is
// accepted.
import { Loader, parse } from "./load.mjs";
import { Normal } from "./normal.mjs";
import { Hypotheses, Propositions } from "./props.mjs";
import { Budget, Refused, refuse } from "./rational.mjs";
import { RULES } from "./rules.mjs";
import { Step } from "./step.mjs";
import { Terms } from "./terms.mjs";

const reasonOf = error => {
  if (error instanceof Refused) return error.message;
  if (error instanceof RangeError) return "too deep or too large"; // stack, BigInt, Map
  return `error in the checker: ${error?.message}`;
};

export class Checker {
  constructor() {
    this.budget = new Budget();
    this.T = new Terms(this.budget);
    this.N = new Normal(this.T);
    this.P = new Propositions(this.N);
    this.loader = new Loader(this.T);
    this.rows = this.loader.rows;
    this.nodes = [];
    this.theorems = [];
  }

  sort(row) {
    return this.loader.sort(row);
  }

  // A generator, so that whoever drives it can do something else between two steps. Yields [done, of], or nothing.
  * load(data) {
    for (const [i, row] of data.terms.entries()) {
      this.budget.start();
      try {
        this.loader.add(row);
      } catch (error) {
        refuse(`row ${i}: ${reasonOf(error)}`);
      }
      if (i % 1000 === 0) yield [i, data.terms.length];
    }
    for (const [i, row] of data.nodes.entries()) {
      try {
        this.nodes.push(this.loader.node(row, i));
      } catch (error) {
        refuse(`node ${i}: ${reasonOf(error)}`);
      }
    }
    const names = new Set();
    for (const row of data.theorems) {
      const theorem = this.loader.theorem(row, this.nodes.length);
      if (names.has(theorem.name)) refuse("two theorems of one name");
      names.add(theorem.name);
      this.theorems.push(theorem);
    }
  }

  // null if the step is right, else the reason why it is refused
  judge(i) {
    const node = this.nodes[i];
    try {
      this.budget.start();
      const rule = RULES.get(node.rule) ?? refuse("an unknown rule");
      if (node.premises.length < rule.least || node.premises.length > rule.most) {
        refuse("a number of premises that is not the rule's");
      }
      rule.run(new Step(this, { ...node, premises: node.premises.map(p => this.nodes[p]) }));
      return null;
    } catch (error) {
      return reasonOf(error);
    }
  }

  // All nodes that a node rests on, itself included, in order.
  below(top) {
    const on = new Uint8Array(this.nodes.length);
    on[top] = 1;
    for (let i = top; i >= 0; i -= 1) if (on[i]) for (const p of this.nodes[i].premises) on[p] = 1;
    return [...this.nodes.keys()].filter(i => on[i]);
  }

  // How many nodes each of some nodes rests on: counted for 31 of them in one pass, and not kept.
  * counts(tops) {
    const found = new Map();
    const list = [...new Set(tops)].sort((a, b) => a - b);
    const links = this.nodes.map(({ premises }) => [...new Set(premises)]);
    for (let from = 0; from < list.length; from += 31) {
      const part = list.slice(from, from + 31);
      const on = new Uint32Array(this.nodes.length);
      const sizes = part.map(() => 0);
      part.forEach((top, k) => { on[top] |= 1 << k; });
      for (let i = part.at(-1); i >= 0; i -= 1) {
        const bits = on[i];
        if (!bits) continue;
        for (let rest = bits; rest; rest &= rest - 1) sizes[31 - Math.clz32(rest & -rest)] += 1;
        for (const p of links[i]) on[p] |= bits;
      }
      part.forEach((top, k) => found.set(top, sizes[k]));
      yield;
    }
    return found;
  }

  // Of each judged node the first refused one, notations and cited entries that it rests on.
  gathered(nodes, verdicts) {
    const out = [];
    for (const i of nodes) {
      const { rule, extra, premises, conclusion } = this.nodes[i];
      const below = premises.map(p => out[p]);
      const bad = [...below.map(b => b.bad), verdicts[i] === null ? Infinity : i].reduce((a, b) => Math.min(a, b));
      out[i] = { bad, cited: (rule === "cite" && extra === "gaussian") || below.some(b => b.cited),
        heads: together([conclusion.heads, ...below.map(b => b.heads)]) };
    }
    return out;
  }

  settle({ name, node, statement, given }, inferences, { bad, cited, heads }, verdicts) {
    const out = { name, accepted: false, inferences, cites: cited ? ["gaussian"] : [],
      restsOn: [...together([heads, ...[statement, ...given].map(P => P.heads)])].sort() };
    const refused = (rule, reason) => ({ ...out, refusal: { node: Math.min(bad, node), rule, reason } });
    if (bad <= node) return refused(named(this.nodes[bad].rule), verdicts[bad]);
    try {
      this.budget.start();
      if (!this.P.alike(statement, this.nodes[node].conclusion)) refuse("the statement is not what the node concludes");
      const H = new Hypotheses(this.P, given);
      if (!this.nodes[node].hypotheses.every(h => H.has(h))) refuse("a hypothesis that is not given");
      oneSymbolPerName([statement, ...given], this.budget);
    } catch (error) {
      return refused("theorem", reasonOf(error));
    }
    return { ...out, accepted: true };
  }

}

// An unknown rule's name is not repeated: it may be any string.
const named = rule => (RULES.has(rule) ? rule : "unknown");

const together = sets => sets.reduce((a, b) => (b === a || [...b].every(x => a.has(x)) ? a : new Set([...a, ...b])));

function oneSymbolPerName(terms, budget) {
  const symbols = new Map();
  const seen = new Set();
  const todo = [...terms];
  while (todo.length) {
    const t = todo.pop();
    if (seen.has(t)) continue;
    seen.add(t);
    budget.spend(1 + (t.kids.length >> 3));
    for (const kid of t.kids) todo.push(kid);
    for (const { dim } of t.sorts) if (dim) todo.push(dim);
    if (t.op !== "v" && t.op !== "f") continue;
    const symbol = `${t.op} ${t.sort.key} ${t.op === "f" ? t.kids.length : ""}`;
    if ((symbols.get(t.data) ?? symbol) !== symbol) refuse("one name for two symbols");
    symbols.set(t.data, symbol);
  }
}

function* run(certificate, only) {
  const checker = new Checker();
  const empty = { accepted: false, theorems: [], nodes: [] };
  try {
    const data = parse(typeof certificate === "string" ? certificate : JSON.stringify(certificate));
    yield* checker.load(data);
  } catch (error) {
    return { ...empty, malformed: reasonOf(error) };
  }
  const wanted = checker.theorems.filter(t => only === undefined || t.name === only);
  if (only !== undefined && !wanted.length) return { ...empty, malformed: "no theorem of that name" };
  const nodes = only === undefined ? [...checker.nodes.keys()] : checker.below(wanted[0].node);
  const verdicts = [];
  for (const [done, i] of nodes.entries()) {
    verdicts[i] = checker.judge(i);
    yield [done + 1, nodes.length];
  }
  const counts = yield* checker.counts(wanted.map(t => t.node));
  const gathered = checker.gathered(nodes, verdicts);
  const theorems = [];
  for (const t of wanted) {
    theorems.push(checker.settle(t, counts.get(t.node), gathered[t.node], verdicts));
    yield;
  }
  const said = nodes.map(i => ({ node: i, rule: named(checker.nodes[i].rule), accepted: verdicts[i] === null,
    reason: verdicts[i] ?? "" }));
  const all = theorems.length > 0 && [...theorems, ...said].every(x => x.accepted);
  return { accepted: all, theorems, nodes: said };
}

// All at once.
export function checkNow(certificate, { theorem } = {}) {
  const steps = run(certificate, theorem);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

// In pieces of some milliseconds; onProgress(done, of) is called between them.
export async function check(certificate, { theorem, onProgress, slice = 12 } = {}) {
  const steps = run(certificate, theorem);
  for (let began = performance.now(); ;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (performance.now() - began < slice) continue;
    if (value) onProgress?.(...value);
    await new Promise(go => { setTimeout(go); });
    began = performance.now();
  }
}
