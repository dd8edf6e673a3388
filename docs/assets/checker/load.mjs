// A certificate's text to rows, nodes and theorems; nothing in it is believed. Any error refuses the whole file.
import { Q, refuse } from "./rational.mjs";
import { RELATIONS, reserved } from "./terms.mjs";

export const MAX_BYTES = 16 * 1024 * 1024;
const MAX_ROWS = 200000;
const MAX_NODES = 100000;
const MAX_THEOREMS = 10000;
const MAX_HYPOTHESES = 300;
const MAX_PREMISES = 100;
const UNARY = new Set(["exp", "log", "abs", "conv", "joint", "inf"]);
const BINARY = new Set(["^", "at", ...RELATIONS]);

// JSON.parse after a scan for what it would let pass: other numbers than short whole ones, words, keys twice, depth.
export function parse(text) {
  if (typeof text !== "string") refuse("a certificate is a text");
  if (text.length > MAX_BYTES) refuse("a file that is too large");
  let depth = 0;
  let keys = 0;
  const token = /"(?:[^"\\\u0000-\u001f]|\\.)*"|[0-9]+|[[\]{}:,]|[ \t\r\n]+/gy;
  while (token.lastIndex < text.length) {
    const found = token.exec(text)?.[0];
    if (found === undefined) refuse("not the JSON of a certificate");
    const c = found[0];
    if (c === "[" || c === "{") depth += 1;
    else if (c === "]" || c === "}") depth -= 1;
    else if (c === ":") keys += 1;
    else if (c >= "0" && c <= "9" && found.length > 15) refuse("a number that is too large");
    if (depth > 8) refuse("nested too deeply");
  }
  let data;
  try {
    data = JSON.parse(text);
  } catch {
    refuse("not JSON");
  }
  const names = data && typeof data === "object" && !Array.isArray(data) ? Object.keys(data).sort().join() : "";
  if (names !== "nodes,terms,theorems" || keys !== 3) {
    refuse("a certificate has the keys terms, nodes, theorems and no other, once");
  }
  for (const [name, most] of [["terms", MAX_ROWS], ["nodes", MAX_NODES], ["theorems", MAX_THEOREMS]]) {
    if (!Array.isArray(data[name])) refuse(`${name} is no list`);
    if (data[name].length > most) refuse(`too many ${name}`);
  }
  return data;
}

const isRow = (i, below) => typeof i === "number" && Number.isSafeInteger(i) && i >= 0 && i < below;
const list = (value, what) => (Array.isArray(value) ? value : refuse(`${what} is no list`));

// Printable ASCII: no two names look alike, and none changes what prints it.
function name(text, empty = false) {
  const fine = typeof text === "string" && /^[ -~]{0,100}$/.test(text) && (empty || text)
    && !reserved(text);
  return fine ? text : refuse("a name that is none");
}

// Rows of terms, one after another, into a store.
export class Loader {
  constructor(terms) {
    this.T = terms;
    this.rows = [];
  }

  get(i) {
    return isRow(i, this.rows.length) ? this.rows[i] : refuse("a row that refers to no earlier row");
  }

  sort(value) {
    if (Array.isArray(value)) return value.length === 2
      && value[0] === "^" ? this.T.power(this.get(value[1])) : refuse("no sort");
    if (typeof value !== "string") refuse("no sort");
    return value[0] === "@" ? this.T.space(name(value.slice(1))) : this.T.number(value) ?? refuse("no sort");
  }

  value(kind) {
    return ["real", "pos", "int", "nat"].includes(kind) ? this.T.number(kind) : refuse("no sort of values");
  }

  ends(rows) {
    return rows.length ? rows.map(i => this.get(i)) : [this.T.bottom, this.T.top];
  }

  add(row) {
    const [op, ...rest] = list(row, "a row");
    this.rows.push(this.build(op, rest) ?? refuse("an unknown row"));
  }

  build(op, rest) {
    const { T } = this;
    const length = (...allowed) => (allowed.includes(rest.length) ? undefined
      : refuse(`a row ${op} of the wrong length`));
    if (UNARY.has(op) || BINARY.has(op)) {
      length(UNARY.has(op) ? 1 : 2);
      return T.app(op, ...rest.map(i => this.get(i)));
    }
    switch (op) {
      case "q":
        length(1);
        return T.q(Q.parse(rest[0]));
      case "+": case "*":
        if (rest.length < 2) length(2);
        return T.app(op, ...rest.map(i => this.get(i)));
      case "pi": case "oo": case "-oo":
        length(0);
        return T.make(op);
      case "v":
        length(2);
        return T.v(name(rest[0]), this.sort(rest[1]));
      case "b":
        length(1);
        return isRow(rest[0], 400) ? T.index(rest[0]) : refuse("no index");
      case "f":
        if (rest.length < 3) refuse("a row f of the wrong length");
        return T.f(name(rest[0]), this.value(rest[1]), rest.slice(2).map(i => this.get(i)));
      case "int": case "sum": case "all": case "ae": case "prod":
        if (op === "prod") length(5);
        else length(3, 5);
        return T.binder(op, name(rest[0], true), this.sort(rest[1]), ...this.ends(rest.slice(2, -1)),
          this.get(rest.at(-1)));
      case "D":
        length(4);
        return T.derivative(name(rest[0], true), this.sort(rest[1]), this.get(rest[2]), this.get(rest[3]));
      case "dom":
        length(3);
        return T.dom(name(rest[0], true), this.sort(rest[1]), this.get(rest[2]));
      case "slope":
        length(5);
        return T.slope(name(rest[0], true), this.sort(rest[1]), ...rest.slice(2).map(i => this.get(i)));
      case "n": {
        const [head, ranges, ...args] = rest;
        if (typeof head !== "string") refuse("unknown notation");
        const all = list(ranges, "ranges").map(r => list(r, "a range"));
        if (all.some(r => r.length !== 2 && r.length !== 4)) refuse("a range of the wrong length");
        const kids = [...all.flatMap(r => this.ends(r.slice(2))), ...args.map(i => this.get(i))];
        const off = kids.map((_, i) => (i < 2 * all.length ? Math.floor(i / 2) + 1 : 0));
        return T.make("n", head, all.map(r => this.sort(r[1])), all.map(r => name(r[0], true)), kids, off);
      }
      default: return null;
    }
  }

  proposition(i) {
    const P = this.get(i);
    return P.kind === "proposition" && !P.loose.length ? P : refuse("a row that is no closed proposition");
  }

  node(row, index) {
    const fine = Array.isArray(row) && (row.length === 4 || row.length === 5) && typeof row[0] === "string"
      && Array.isArray(row[1]) && Array.isArray(row[3]);
    if (!fine) refuse("a node of the wrong form");
    const [rule, premises, conclusion, hypotheses, extra] = row;
    if (hypotheses.length > MAX_HYPOTHESES || premises.length > MAX_PREMISES) refuse("a node that is too large");
    if (!premises.every(p => isRow(p, index))) refuse("a premise that is no earlier node");
    return {
      rule, premises, extra, conclusion: this.proposition(conclusion),
        hypotheses: hypotheses.map(h => this.proposition(h)),
    };
  }

  theorem(row, nodes) {
    if (!Array.isArray(row) || row.length !== 4 || !Array.isArray(row[3]) || !isRow(row[1], nodes)
      || row[3].length > MAX_HYPOTHESES) refuse("a theorem of the wrong form");
    return { name: name(row[0]), node: row[1], statement: this.proposition(row[2]),
      given: row[3].map(h => this.proposition(h)) };
  }
}
