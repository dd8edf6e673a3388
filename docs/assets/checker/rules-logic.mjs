// Rules 1 to 18: logic and algebra. A rule returns if the step is right, and refuses otherwise.
import { refuse } from "./rational.mjs";
import { closedSign } from "./enclosure.mjs";
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
    s.same(equations.reduce((P, eq) => rewrite(s, P, eq), s.conclusion), premise.conclusion);
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
    if (typeof hint !== "string" || ends.length === 1) refuse("an extra of the wrong form");
    const sort = s.sortOf(sortRow);
    const [lo, hi] = ends.length ? ends.map(e => s.row(e, ["number", "end"])) : [s.T.bottom, s.T.top];
    const [premise] = s.premises;
    const move = mover(s, point.sort, sort, lo, hi);
    inhabited(s, sort, lo, hi);
    if (lo.kind !== "end" || hi.kind !== "end") {
      for (const p of [premise.conclusion, ...premise.hypotheses]) {
        if ([...p.free].some(v => v.sort === point.sort)) refuse("a free point of a space that gets ends");
      }
    }
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

  sign: premises(0, 0, s => {
    const { a, b } = s.relation(s.conclusion, ">=");
    if (b.bare !== s.T.zero) refuse("the conclusion of this rule is e >= 0");
    s.needs(s.N.signed(a, 6), "a sign that is not known");
  }),

  differ: premises(0, 0, s => {
    const { a, b } = s.relation(s.conclusion, "!=");
    const { poly, needs } = s.N.of(s.T.sub(a, b));
    if (needs.size || !closedSign(s.A, poly)) refuse("numbers that are not known to differ");
  }),

  unequal: premises(3, 3, s => {
    s.keep(s.premises);
    const [p, q] = s.premises.slice(0, 2).map(e => s.relation(e.conclusion, "="));
    const r = s.relation(s.premises[2].conclusion, "!=");
    s.same(s.T.app("!=", p.b, q.b), s.T.app("!=", r.a, r.b), "links that do not meet");
    s.same(s.T.app("!=", p.a, q.a), s.conclusion);
  }),
};

// Every outermost subterm identical to the left side of an equation replaced by the right side. Below a binder the
// bound
// variable stands for the free variable of its name and sort, unless a hypothesis of the equation speaks of that.
function rewrite(s, top, { conclusion, hypotheses }) {
  const { T } = s;
  const { a, b } = s.relation(conclusion, "=");
  const go = (t, l, r, env) => {
    s.spend();
    if (t.kind === "number" && t.bare === l.bare) return r;
    if (t.op === "conv" || t.op === "joint" || t.op === "inf" || t.op === "dom") return spoken(t, env);
    return below(t, env, kid => go(kid, l, r, env));
  };
  // kids that stand under no binder by `plain`, the others opened, and closed again
  const below = (t, env, plain) => {
    if (!t.kids.length) return t;
    if (!t.sorts.length || t.op === "f") return T.make(t.op, t.data, t.sorts, t.hints, t.kids.map(plain), t.off);
    const xs = t.sorts.map(sort => s.fresh(sort));
    const kids = T.enter(t, ...xs).map((kid, i) => {
      if (t.off[i] === t.sorts.length) return plain(kid);
      let inner = env;
      for (let j = t.sorts.length - 1; j >= t.off[i]; j -= 1) {
        const name = t.hints[j] && T.v(t.hints[j], t.sorts[j]);
        if (name && !s.mention(hypotheses, name)) inner = new Map([...inner, [name, xs[j]]]);
      }
      const done = go(kid, T.substitute(a, inner), T.substitute(b, inner), inner);
      return xs.slice(t.off[i]).reduceRight((k, x) => T.close(k, x), done);
    });
    return T.make(t.op, t.data, t.sorts, t.hints, kids, t.off);
  };
  // propositions that speak of an integrand: never at their integrals
  const spoken = (P, env) => {
    const l = T.substitute(a, env);
    const r = T.substitute(b, env);
    const plain = kid => go(kid, l, r, env);
    if (P.op === "dom") {
      const x = s.fresh(P.sort);
      const name = P.hints[0] && T.v(P.hints[0], P.sort);
      const inner = name && !s.mention(hypotheses, name) ? new Map([...env, [name, x]]) : env;
      return T.dom(P.hints[0], P.sort, T.close(measured(T.enter(P, x)[0], inner, 1), x));
    }
    return T.app(P.op, P.op === "conv" ? measured(P.kids[0], env, 1)
      : measured(P.kids[0], env, P.op === "joint" ? 2 : 1, plain));
  };
  const measured = (t, env, levels) => {
    const l = T.substitute(a, env);
    const r = T.substitute(b, env);
    const plain = kid => go(kid, l, r, env);
    if (t.op === "*") {
      const holds = kid => T.product(kid).wholes.length > 0; // by shape, whatever the size
      let used = false;
      return T.make(t.op, t.data, t.sorts, t.hints, t.kids.map(kid => {
        if (used || !holds(kid)) return plain(kid);
        used = true;
        return measured(kid, env, levels);
      }), t.off);
    }
    if (t.op === "n") return below(t, env, plain);
    if (levels === 1) return below(t, env, plain);
    return innermost(t, env, plain);
  };
  // the inner of two integrals of `joint` is not rewritten either
  const innermost = (t, env, plain) => {
    const x = s.fresh(t.sort);
    const kids = T.enter(t, x);
    const name = t.hints[0] && T.v(t.hints[0], t.sort);
    const inner = name && !s.mention(hypotheses, name) ? new Map([...env, [name, x]]) : env;
    return T.make(t.op, t.data, t.sorts, t.hints,
      [plain(t.kids[0]), plain(t.kids[1]), T.close(measured(kids[2], inner, 1), x)], t.off);
  };
  return go(top, a, b, new Map());
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
        const { ok, needs } = s.N.inSort(out, t.value);
        if (!ok || needs.size) refuse("a value that is not in the sort of the function");
      }
    }
    memo.set(t, out);
    return out;
  };
  return go(term);
}

function mover(s, from, sort, lo, hi) {
  const { T } = s;
  const sums = sort.kind === "int" || sort.kind === "nat";
  const memo = new Map();
  const go = t => {
    if (t.op === "v") return t.sort === from ? T.v(t.data, sort) : t;
    if (!t.kids.length) return t;
    if (!memo.has(t)) {
      s.spend();
      const kids = t.kids.map(go);
      if (t.op !== "f") {
        t.sorts.forEach((old, j) => {
          if (old === from && t.kids.length > 2 * j + 1) [kids[2 * j], kids[2 * j + 1]] = [lo, hi];
        });
      }
      const op = t.op === "int" && t.sort === from && sums ? "sum" : t.op;
      memo.set(t, T.make(op, t.data, t.op === "f" ? t.sorts : t.sorts.map(x => (x === from ? sort : x)), t.hints,
        kids, t.off));
    }
    return memo.get(t);
  };
  return go;
}

// {x of the sort : lo <= x <= hi} has a member, for certain.
function inhabited(s, sort, lo, hi) {
  const { T } = s;
  if ((lo.kind === "end" && lo !== T.bottom) || (hi.kind === "end" && hi !== T.top)) refuse("a range that is empty");
  if (lo.loose.length || hi.loose.length) refuse("an extra with a dangling index");
  if (lo.kind !== "end" && sort.kind !== "real" && !s.inSort(lo, sort)) refuse("a lower end that is not in the sort");
  if (hi.kind === "end") return;
  if (lo.kind !== "end") s.ask(T.app("<=", lo, hi), "a range that may be empty");
  else if (sort.kind === "pos") s.positive(hi);
  else if (sort.kind === "nat") s.ask(T.app(">=", hi, T.one), "a range that may be empty");
}

