// Rules 1 to 18: logic and algebra. A rule returns if the step is right, and refuses otherwise.
import { refuse } from "./rational.mjs";
import { sides } from "./props.mjs";
import { expand } from "./templates.mjs";

const premises = (least, most, run) => ({ least, most, run });

export const LOGIC = {
  assume: premises(0, 0, s => s.ask(s.conclusion, "the conclusion is no hypothesis")),

  discharge: premises(2, Infinity, s => {
    const [main, ...others] = s.premises;
    let left = new Set(main.hypotheses);
    for (const other of others) {
      s.spend(left.size + other.hypotheses.length);
      left = new Set([...[...left].filter(h => !s.P.alike(h, other.conclusion)), ...other.hypotheses]);
    }
    for (const h of left) s.ask(h, "a hypothesis of a premise is missing");
    s.same(main.conclusion, s.conclusion);
  }),

  for_all: premises(1, 1, s => {
    const C = s.form("all");
    const x = s.variable(s.extra);
    const [premise] = s.premises;
    s.quantified(premise.hypotheses, x, C);
    const { x: y, kids } = s.enter(C);
    s.same(s.T.substitute(premise.conclusion, new Map([[x, y]])), kids[2]);
  }),

  each: premises(1, 1, s => {
    const [{ conclusion: all }] = s.premises;
    if (all.op !== "all") refuse("a premise that is no 'for all'");
    const t = s.term(s.extra);
    s.keep(s.premises);
    s.member(t, all);
    s.same(s.T.apply(all, t), s.conclusion);
  }),

  chain: premises(1, Infinity, s => {
    s.keep(s.premises);
    const links = s.premises.map(p => s.relation(p.conclusion, "=", ">="));
    links.slice(1).forEach((link, i) => s.equal(links[i].b, link.a, "links that do not meet"));
    const op = links.some(l => l.op === ">=") ? ">=" : "=";
    s.same(s.T.app(op, links[0].a, links.at(-1).b), s.conclusion);
  }),

  flip: premises(1, 1, s => {
    s.keep(s.premises);
    const { a, b } = s.relation(s.premises[0].conclusion, "=");
    s.same(s.T.app("=", b, a), s.conclusion);
  }),

  antisymmetry: premises(2, 2, s => {
    s.keep(s.premises);
    const [P, Q] = s.premises.map(p => s.relation(p.conclusion, ">="));
    s.equal(P.a, Q.b, "not the same two numbers");
    s.equal(P.b, Q.a, "not the same two numbers");
    s.same(s.T.app("=", P.a, P.b), s.conclusion);
  }),

  rewrite: premises(0, Infinity, s => {
    s.keep(s.premises);
    const { a, b } = s.relation(s.conclusion, "=");
    const go = t => s.premises.reduce((u, eq) => rewrite(s, u, eq), t);
    const left = go(a);
    if (!s.has(s.N.equal(left, b))) s.equal(left, go(b), "the two sides differ after rewriting");
  }),

  carry: premises(1, Infinity, s => {
    s.keep(s.premises);
    const [premise, ...equations] = s.premises;
    s.same(equations.reduce((P, eq) => carried(s, P, eq), s.conclusion), premise.conclusion);
  }),

  substitute: premises(1, 1, s => {
    const [premise] = s.premises;
    const pairs = s.list(s.extra).map(pair => s.list(pair, 2, 2)).map(([x, t]) => [s.variable(x), s.term(t)]);
    const map = new Map(pairs);
    if (map.size !== pairs.length) refuse("a variable substituted twice");
    for (const [x, t] of pairs) {
      const sort = x.sort.dim && map.has(x.sort.dim) ? s.T.power(map.get(x.sort.dim)) : x.sort;
      if (!s.inSort(t, sort)) refuse("a term that is not in the sort of its variable");
    }
    for (const h of premise.hypotheses) s.ask(s.T.substitute(h, map), "a hypothesis of the premise is missing");
    s.same(s.T.substitute(premise.conclusion, map), s.conclusion);
  }),

  instantiate: premises(1, 1, s => {
    const [premise] = s.premises;
    const functions = s.list(s.extra).map(f => s.list(f, 4, 4)).map(([name, value, n, body]) => {
      if (typeof name !== "string" || !["real", "pos", "int", "nat"].includes(value) || !Number.isSafeInteger(n)
        || n < 1) {
        refuse("an extra of the wrong form");
      }
      const term = s.row(body, ["number", "index"]);
      if (term.loose.length > n) refuse("a body with more indices than arguments");
      if (term.hasD) refuse("a derivative need not be measurable");
      return [applied(name, s.T.number(value), n), term];
    });
    const bodies = new Map(functions);
    if (bodies.size !== functions.length) refuse("a function instantiated twice");
    for (const h of premise.hypotheses) s.ask(instantiated(s, h, bodies), "a hypothesis of the premise is missing");
    s.same(instantiated(s, premise.conclusion, bodies), s.conclusion);
  }),

  on_space: premises(1, 1, s => {
    const [u, range] = s.list(s.extra, 2, 2);
    const point = s.variable(u);
    if (point.sort.kind !== "@") refuse("only theorems about an abstract space move");
    const [hint, sortRow, ...ends] = s.list(range, 2, 4);
    const sort = s.sortOf(sortRow);
    const whole = [s.T.bottom, s.T.top];
    if (typeof hint !== "string" || (ends.length && !whole.every((end, i) => s.row(ends[i]) === end))) {
      refuse("the whole of a space is wanted");
    }
    const [premise] = s.premises;
    const move = mover(s, point.sort, sort);
    for (const h of premise.hypotheses) s.ask(move(h), "a hypothesis of the premise is missing");
    s.same(move(premise.conclusion), s.conclusion);
  }),

  unfold: premises(0, 0, s => {
    const { a, b } = s.relation(s.conclusion, "=");
    if (a.op !== "n") refuse("no notation on the left");
    s.equal(expand(s.T, a), b, "not what the notation stands for");
  }),

  algebra: premises(0, 0, s => {
    const { a, b } = s.relation(s.conclusion, "=");
    s.equal(a, b);
  }),

  rearrange: premises(1, 1, s => {
    s.keep(s.premises);
    const t = s.number(s.extra);
    const P = s.relation(s.premises[0].conclusion, "=", ">=");
    const C = s.relation(s.conclusion, P.op);
    if (P.op === ">=") s.atLeast0(t);
    s.equal(s.T.sub(C.a, C.b), s.T.mul(t, s.T.sub(P.a, P.b)), "not a multiple of the premise");
  }),

  unlog: premises(1, 1, s => {
    s.keep(s.premises);
    const P = s.relation(s.premises[0].conclusion, "=");
    if (P.a.op !== "log" || P.b.op !== "log") refuse("no logarithms in the premise");
    const { a, b } = s.relation(s.conclusion, "=");
    s.positive(a);
    s.positive(b);
    s.same(s.T.app("=", s.T.app("log", a), s.T.app("log", b)), s.premises[0].conclusion, "not the logarithms");
  }),

};

// Every outermost subterm identical to the left side of an equation replaced by the right side. Below a binder the
// bound variable stands for the free variable of its name and sort, unless a hypothesis of the equation speaks of that.
// With `inside`, in the parts of the term only.
function rewrite(s, top, { conclusion, hypotheses }, inside = false) {
  const { T } = s;
  const { a, b } = s.relation(conclusion, "=");
  const go = (t, l, r, env) => {
    s.spend();
    return t.kind === "number" && t.bare === l.bare ? r : below(t, l, r, env);
  };
  // kids that stand under no binder as they are, the others opened, and closed again
  const below = (t, l, r, env) => {
    if (!t.kids.length) return t;
    const xs = t.op === "f" ? [] : t.sorts.map(sort => s.fresh(sort));
    const kids = (xs.length ? T.enter(t, ...xs) : t.kids).map((kid, i) => {
      if (!xs.length || t.off[i] === xs.length) return go(kid, l, r, env);
      let inner = env;
      for (let j = xs.length - 1; j >= t.off[i]; j -= 1) {
        const name = t.hints[j] && T.v(t.hints[j], t.sorts[j]);
        if (name && !s.mention(hypotheses, name)) inner = new Map([...inner, [name, xs[j]]]);
      }
      const done = go(kid, T.substitute(a, inner), T.substitute(b, inner), inner);
      return xs.slice(t.off[i]).reduceRight((k, x) => T.close(k, x), done);
    });
    return T.make(t.op, t.data, t.sorts, t.hints, kids, t.off);
  };
  return (inside ? below : go)(top, a, b, new Map());
}

// In a relation or slope everywhere; in conv, inf of c int f below the integral, of which they say more than its value.
function carried(s, P, equation) {
  const integral = t => ["int", "sum", "n"].includes(t.op);
  if (P.op === "slope" || sides(P)) return rewrite(s, P, equation, true);
  if (P.op !== "conv" && P.op !== "inf") refuse("not a proposition that is carried");
  const [t] = P.kids;
  if (t.op !== "*" && !integral(t)) refuse("not an integral");
  return s.T.app(P.op, t.op !== "*" ? rewrite(s, t, equation, true)
    : s.T.mul(...t.kids.map(k => (integral(k) ? rewrite(s, k, equation, true) : k))));
}

// Bodies in the place of abstract functions; at every application the value must be in the sort of the function.
const applied = (name, value, n) => JSON.stringify([name, value.key, n]);

function instantiated(s, term, bodies) {
  const { T } = s;
  const memo = new Map();
  const go = t => {
    if (!t.kids.length) return t;
    if (memo.has(t)) return memo.get(t);
    s.spend();
    let out;
    if (t.sorts.length && t.op !== "f") {
      const xs = t.sorts.map(sort => s.fresh(sort));
      const kids = T.enter(t, ...xs).map((kid, i) => xs.slice(t.off[i]).reduceRight((k, x) => T.close(k, x), go(kid)));
      out = T.make(t.op, t.data, t.sorts, t.hints, kids, t.off);
    } else {
      const kids = t.kids.map(go);
      const body = t.op === "f" && bodies.get(applied(t.data, t.value, kids.length));
      out = body ? T.plug(body, [...kids].reverse()) : T.make(t.op, t.data, t.sorts, t.hints, kids, t.off);
      if (body) {
        if (!s.N.inSort(out, t.value)) refuse("a value that is not in the sort of the function");
      }
    }
    memo.set(t, out);
    return out;
  };
  return go(term);
}

function mover(s, from, sort) {
  const { T } = s;
  const memo = new Map();
  const go = t => {
    if (t.op === "v") return t.sort === from ? T.v(t.data, sort) : t;
    if (!t.kids.length) return t;
    if (!memo.has(t)) {
      s.spend();
      const sorts = t.op === "f" ? t.sorts : t.sorts.map(x => (x === from ? sort : x));
      memo.set(t, T.make(t.op, t.data, sorts, t.hints, t.kids.map(go), t.off));
    }
    return memo.get(t);
  };
  return go;
}
