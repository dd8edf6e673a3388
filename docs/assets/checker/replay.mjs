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

  // A generator, so that whoever drives it can do something else between two steps. Yields [done, of].
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
  below(i) {
    const seen = new Set();
    const todo = [i];
    while (todo.length) {
      const j = todo.pop();
      if (!seen.has(j)) {
        seen.add(j);
        todo.push(...this.nodes[j].premises);
      }
    }
    return [...seen].sort((a, b) => a - b);
  }

  settle(theorem, verdicts) {
    const { name, node, statement, given } = theorem;
    const cone = this.below(node);
    const bad = cone.find(j => verdicts[j] !== null);
    const out = { name, accepted: false, inferences: cone.length, ...this.sources(cone, statement, given) };
    const refused = (rule, reason) => ({ ...out, refusal: { node: bad ?? node, rule, reason } });
    if (bad !== undefined) return refused(this.nodes[bad].rule, verdicts[bad]);
    try {
      this.budget.start();
      if (!this.P.alike(statement, this.nodes[node].conclusion)) refuse("the statement is not what the node concludes");
      const H = new Hypotheses(this.P, given);
      if (!this.nodes[node].hypotheses.every(h => H.has(h))) refuse("a hypothesis that is not given");
      oneSymbolPerName([statement, ...given]);
    } catch (error) {
      return refused("theorem", reasonOf(error));
    }
    return { ...out, accepted: true };
  }

  sources(cone, statement, given) {
    const heads = new Set();
    visit([statement, ...given, ...cone.map(j => this.nodes[j].conclusion)], t => t.op === "n" && heads.add(t.data));
    const cites = new Set(cone.filter(j => this.nodes[j].rule === "cite").map(j => String(this.nodes[j].extra)));
    return { cites: [...cites], restsOn: [...heads].sort() };
  }
}

function visit(terms, see) {
  const seen = new Set();
  const todo = [...terms];
  while (todo.length) {
    const t = todo.pop();
    if (seen.has(t)) continue;
    seen.add(t);
    see(t);
    todo.push(...t.kids, ...t.sorts.filter(s => s.dim).map(s => s.dim));
  }
}

function oneSymbolPerName(terms) {
  const symbols = new Map();
  visit(terms, t => {
    if (t.op !== "v" && t.op !== "f") return;
    const symbol = `${t.op} ${t.sort.key} ${t.op === "f" ? t.kids.length : ""}`;
    if ((symbols.get(t.data) ?? symbol) !== symbol) refuse("one name for two symbols");
    symbols.set(t.data, symbol);
  });
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
  const theorems = wanted.map(t => checker.settle(t, verdicts));
  const said = nodes.map(i => ({ node: i, rule: checker.nodes[i].rule, accepted: verdicts[i] === null,
    reason: verdicts[i] ?? "" }));
  return { accepted: theorems.every(t => t.accepted) && said.every(n => n.accepted), theorems, nodes: said };
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
    onProgress?.(...value);
    await new Promise(go => { setTimeout(go); });
    began = performance.now();
  }
}
