// Certificates from nested lists with names: ["int", "z", "real", ["f:real", "z"]], [">=", "x", 0],
// ["all", "n", "nat", 1, "N", ..].
// A name is the innermost binder of that name, else a free variable, whose sort its first letter says.
import { checkNow } from "../../docs/assets/checker/replay.mjs";

const FREE = { x: "real", y: "real", t: "real", a: "real", c: "real", m: "real", z: "real", p: "pos", q: "pos",
  r: "pos", s: "pos",
  n: "nat", j: "nat", N: "nat", d: "nat", k: "int", i: "int", K: "int", u: "@u", v: "@v", w: "^d" };
const BINDERS = new Set(["int", "sum", "prod", "all", "ae"]);

export class Builder {
  constructor() {
    Object.assign(this, { terms: [], nodes: [], theorems: [], known: new Map() });
  }

  row(...row) {
    const key = JSON.stringify(row);
    if (!this.known.has(key)) this.known.set(key, this.terms.push(row) - 1);
    return this.known.get(key);
  }

  sort(sort) {
    if (sort === "^d") return ["^", this.row("v", "d", "nat")];
    return /^\^[0-9]+$/.test(sort) ? ["^", this.row("q", sort.slice(1))] : sort;
  }

  term(t, env = []) {
    const go = k => this.term(k, env);
    if (typeof t === "number") return this.row("q", `${t}`);
    if (typeof t === "string") {
      if (/^-?[0-9]+(\/[0-9]+)?$/.test(t)) return this.row("q", t);
      if (["pi", "oo", "-oo"].includes(t)) return this.row(t);
      if (env.includes(t)) return this.row("b", env.indexOf(t));
      return this.row("v", t, this.sort(FREE[t[0]]));
    }
    const [op, ...rest] = t;
    if (BINDERS.has(op)) {
      const [name, sort, ...more] = rest;
      return this.row(op, name, this.sort(sort), ...more.slice(0, -1).map(go), this.term(more.at(-1), [name, ...env]));
    }
    if (op === "D") return this.row("D", rest[0], rest[1], go(rest[2]), this.term(rest[3], [rest[0], ...env]));
    if (op === "dom") return this.row("dom", rest[0], rest[1], this.term(rest[2], [rest[0], ...env]));
    if (op === "slope") return this.row("slope", rest[0], rest[1], go(rest[2]), this.term(rest[3], [rest[0], ...env]),
      go(rest[4]));
    if (op === "n") {
      const [head, ranges, ...args] = rest;
      const names = ranges.map(r => r[0]);
      const rows = ranges.map(([name, sort, ...ends], at) => [name, this.sort(sort),
        ...ends.map(e => this.term(e, [...names.slice(at + 1), ...env]))]);
      return this.row("n", head, rows, ...args.map(k => this.term(k, [...names, ...env])));
    }
    if (op === "v") return this.row("v", rest[0], this.sort(rest[1]));
    if (op === "-") return this.term(["+", rest[0], ["*", -1, rest[1]]], env);
    if (op === "/") return this.term(["*", rest[0], ["^", rest[1], -1]], env);
    if (op.includes(":")) return this.row("f", ...op.split(":"), ...rest.map(go));
    return this.row(op, ...rest.map(go));
  }

  node(rule, premises, conclusion, hypotheses = [], extra = undefined) {
    const row = [rule, premises, this.term(conclusion), hypotheses.map(h => this.term(h))];
    return this.nodes.push(extra === undefined ? row : [...row, extra]) - 1;
  }

  get certificate() {
    return { terms: this.terms, nodes: this.nodes, theorems: this.theorems };
  }
}

// The reason why one step is refused,
// or null. Premises are [conclusion, hypotheses]; extra is a function of the builder.
export function step(rule, premises, conclusion, hypotheses, extra) {
  const b = new Builder();
  const numbers = premises.map(([c, h]) => b.node("assume", [], c, h));
  const at = b.node(rule, numbers, conclusion, hypotheses, extra?.(b));
  const result = checkNow(b.certificate);
  return result.malformed ? `malformed: ${result.malformed}` : result.nodes[at].reason || null;
}
