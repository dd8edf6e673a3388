// Rules 19 to 35: sums, integrals, and what converges.
import { refuse } from "./rational.mjs";
import { POS } from "./signs.mjs";
import { finite } from "./terms.mjs";

const rule = (least, most, run) => ({ least, most, run });

// f of a measured term c int f, constants inside, at a new variable of the range
function integrand(s, term) {
  const { rest, whole } = s.T.measured(term);
  const { x, kids } = s.enter(whole);
  return { range: whole, x, f: s.T.mul(...rest, kids[2]), rest };
}

// The parts [[c, int g], ...]: { c, integral, f: c g at x }
function parts(s, range, x) {
  return s.list(s.extra).map(pair => s.list(pair, 2, 2)).map(([c, g]) => {
    const integral = s.number(g);
    const { rest, whole } = s.T.measured(integral);
    if (whole.op !== range.op) refuse("a part of another kind");
    s.ends(whole, range);
    return { c: s.number(c), integral, f: s.T.mul(s.number(c), ...rest, s.T.enter(whole, x)[2]) };
  });
}

export const SUMS = {
  linearity: rule(0, 0, s => {
    const { a, b } = s.relation(s.conclusion, "=");
    if (s.measure(a) !== s.T.opened(a)) refuse("no integral on the left");
    const { range, x, f } = integrand(s, a);
    const list = parts(s, range, x);
    s.equal(f, s.T.add(...list.map(p => p.f)), "the integrand is not the sum of its parts");
    if (list.length > 1) {
      for (const p of list) s.ask(s.conv(p.integral), "a part that may not converge");
    }
    s.equal(b, s.T.add(...list.map(p => s.T.mul(p.c, p.integral))), "the right side is not the sum of the parts");
  }),

  constant: rule(0, 0, s => {
    const { T } = s;
    const { a, b } = s.relation(s.conclusion, "=");
    if (!finite(a)) refuse("no finite sum");
    const { x, kids: [lo, hi, body] } = s.enter(a);
    if (body.free.has(x)) refuse("a summand that is not constant");
    const count = T.add(T.sub(hi, lo), T.one);
    if (!s.inSort(lo, a.sort)) refuse("a lower end that is not in the sort");
    if (!s.inSort(count, T.number("int"))) refuse("a number of terms that may not be whole");
    if (!s.H.has(T.app("<=", lo, hi))) s.atLeast0(count);
    s.equal(b, T.mul(count, body));
  }),

  write_out: rule(0, 0, s => {
    const { T } = s;
    const { a, b } = s.relation(s.conclusion, "=");
    if (!finite(a)) refuse("no finite sum");
    const [lo, hi] = a.kids.slice(0, 2).map(end => {
      const { poly, needs } = s.N.of(end);
      const k = needs.size ? null : s.A.number(poly);
      return k?.whole ? k.n : refuse("an end that is no whole number");
    });
    if (a.sort.kind === "nat" && lo < 1n) refuse("a lower end that is not in the sort");
    if (hi - lo >= 1000n) refuse("too many terms");
    const terms = [];
    for (let n = lo; n <= hi; n += 1n) terms.push(T.apply(a, T.q(n)));
    s.equal(b, T.add(...terms));
  }),

  log_product: rule(0, 0, s => {
    const { T } = s;
    const { a, b } = s.relation(s.conclusion, "=");
    const prod = a.op === "log" ? T.opened(a.kids[0]) : a;
    if (a.op !== "log" || prod.op !== "prod") refuse("no logarithm of a product");
    const { x, kids } = s.enter(prod);
    if (!s.N.signed(kids[2], POS)) s.ask(s.all(prod, x, T.app(">", kids[2], T.zero)),
      "a factor that may not be > 0");
    s.equal(b, s.over(prod, x, T.app("log", kids[2])));
  }),

  swap: rule(0, 0, s => {
    const { T } = s;
    const { a, b } = s.relation(s.conclusion, "=");
    const D = s.measure(a);
    if (D !== T.opened(a)) refuse("no integral on the left");
    const { x, kids } = s.enter(D);
    const { rest, whole: E } = T.measured(kids[2]);
    if (E.kids[0].free.has(x) || E.kids[1].free.has(x)) refuse("inner ends that depend on the outer variable");
    const outside = rest.filter(c => !c.free.has(x));
    const { x: y, kids: inner } = s.enter(E);
    const f = T.mul(...rest.filter(c => c.free.has(x)), inner[2]);
    s.equal(b, T.mul(...outside, s.over(E, y, s.over(D, x, f))));
    const overE = s.over(E, y, f);
    if (finite(E) && s.H.has(s.all(E, y, s.conv(s.over(D, x, f))))) return;
    const each = s.H.has(s.all(D, x, s.conv(overE)));
    if (finite(D) && each) return;
    if (each && s.H.has(s.conv(s.over(D, x, s.over(E, y, T.app("abs", f)))))) return;
    s.ask(T.app("joint", s.over(D, x, overE)), "no reason to change the order");
  }),

  monotone: rule(1, 1, s => {
    const { T } = s;
    const [premise] = s.premises;
    const x = s.variable(s.extra);
    const P = s.relation(premise.conclusion, "=", ">=");
    const C = s.relation(s.conclusion, P.op);
    const range = s.measure(C.a) ?? s.measure(C.b);
    if (!range) refuse("no integral");
    s.quantified(premise.hypotheses, x, range);
    const [f, g] = [P.a, P.b].map(side => s.over(range, x, side));
    s.same(s.T.app(P.op, f, g), s.conclusion);
    if (P.op === "=" || s.vanishes(P.b)) return;
    s.ask(s.conv(f), "a side that may not converge");
    s.ask(s.conv(g), "a side that may not converge");
  }),

  term_of_sum: rule(0, 0, s => {
    const { T } = s;
    const { a, b } = s.relation(s.conclusion, ">=");
    const t = s.number(s.extra);
    if (a.op !== "sum") refuse("no sum on the left");
    const { x, kids } = s.enter(a);
    const at0 = T.app(">=", kids[2], T.zero);
    if (!s.N.signed(kids[2], 6)) s.ask(s.all(a, x, at0), "a summand that may be negative");
    s.member(t, a);
    if (!finite(a)) s.ask(s.conv(a), "a sum that may not converge");
    s.equal(b, T.apply(a, t));
  }),

  vanish: rule(2, 2, s => {
    const { T } = s;
    s.keep(s.premises);
    const x = s.variable(s.extra);
    const C = s.form("ae");
    const P = s.relation(s.premises[0].conclusion, ">=");
    s.free(s.premises[0].hypotheses, x);
    if (x.sort !== C.sort || C.kids[0].free.has(x) || C.kids[1].free.has(x)) refuse("a variable of another range");
    s.equal(s.always(P.b, x), T.zero, "the premise is f >= 0");
    const integral = s.over(C, x, P.a);
    const value = s.relation(s.premises[1].conclusion, "=");
    s.equal(value.a, integral, "another integral");
    s.equal(value.b, T.zero, "an integral that is not 0");
    s.ask(s.conv(integral), "an integral that may not converge");
    const { x: y, kids } = s.enter(C);
    s.same(T.app("=", T.substitute(P.a, new Map([[x, y]])), T.zero), kids[2]);
  }),

  almost_equal: rule(1, 1, s => {
    s.keep(s.premises);
    const [{ conclusion: ae }] = s.premises;
    if (ae.op !== "ae") refuse("a premise that is no 'almost everywhere'");
    const { x, kids } = s.enter(ae);
    const P = s.relation(kids[2], "=");
    s.same(s.T.app("=", s.over(ae, x, P.a), s.over(ae, x, P.b)), s.conclusion);
  }),

  almost_all: rule(2, 2, s => {
    const { T } = s;
    const [first, second] = s.premises;
    const x = s.variable(s.extra);
    const C = s.form("ae");
    if (first.conclusion.op !== "ae" || x.sort !== C.sort) refuse("a premise that is no 'almost everywhere'");
    s.keep([first]);
    s.ends(first.conclusion, C);
    const y = s.fresh(C.sort);
    const known = T.enter(first.conclusion, y)[2];
    const moved = new Map([[x, y]]);
    for (const h of second.hypotheses) {
      if (s.P.alike(T.substitute(h, moved), known)) continue;
      if (h.free.has(x)) refuse("another hypothesis about the variable");
      s.ask(h, "a hypothesis of a premise is missing");
    }
    s.same(T.substitute(second.conclusion, moved), T.enter(C, y)[2]);
  }),

  integrable: rule(1, 1, s => {
    s.keep(s.premises);
    const { a, b } = s.relation(s.premises[0].conclusion, "=");
    if (!s.measure(a)) refuse("no integral");
    s.nonzero(b);
    s.form("conv");
    s.same(s.conv(a), s.conclusion);
  }),

  dominated: rule(1, 1, s => {
    s.keep(s.premises);
    const [{ conclusion: dom }] = s.premises;
    if (dom.op !== "dom") refuse("a premise that is no domination");
    const t = s.number(s.extra);
    if (!s.inSort(t, dom.sort)) refuse("a term that is not in the sort");
    s.form("conv");
    s.same(s.conv(s.T.apply(dom, t)), s.conclusion);
  }),

  between: rule(2, 2, s => {
    const x = s.variable(s.extra);
    const C = s.form("conv");
    const { whole: range } = s.T.measured(C.kids[0]);
    const [P, Q] = s.premises.map(p => s.relation(p.conclusion, ">="));
    for (const p of s.premises) s.quantified(p.hypotheses, x, range);
    const y = s.fresh(x.sort);
    s.equal(s.always(P.b, x, y), s.always(Q.a, x, y), "not one function between the bounds");
    for (const bound of [P.a, Q.b]) s.ask(s.conv(s.over(range, x, bound)), "a bound that may not converge");
    s.same(s.conv(s.over(range, x, P.b)), C);
  }),

  combine: rule(0, 0, s => {
    const { T } = s;
    const C = s.form("conv");
    const { range, x, f, rest } = integrand(s, C.kids[0]);
    const list = parts(s, range, x);
    for (const p of list) s.ask(s.conv(p.integral), "a part that may not converge");
    const sum = T.add(...list.map(p => p.f));
    if (s.has(s.N.equal(f, sum)) || s.P.alike(C, s.conv(s.over(range, x, sum)))) return;
    s.equal(rest.length ? T.enter(range, x)[2] : f, sum, "the integrand is not the sum of its parts");
  }),

  finite_sum: rule(0, 0, s => {
    const { T } = s;
    const C = s.form("conv");
    const { whole: D } = T.measured(C.kids[0]);
    const { x, kids } = s.enter(D);
    const { rest, whole: E } = T.measured(kids[2]);
    if (!finite(E)) refuse("no finite sum below the integral");
    if (E.kids[0].free.has(x) || E.kids[1].free.has(x)) refuse("inner ends that depend on the outer variable");
    const { x: n, kids: inner } = s.enter(E);
    s.ask(s.all(E, n, s.conv(s.over(D, x, T.mul(...rest, inner[2])))), "a summand that may not converge");
  }),

  diverges: rule(1, 1, s => {
    const { T } = s;
    s.keep(s.premises);
    const n = s.variable(s.extra);
    const [premise] = s.premises;
    const { a, b } = s.relation(premise.conclusion, ">=");
    const sum = T.opened(s.form("inf").kids[0]);
    s.free(premise.hypotheses, n);
    if (n.sort !== sum.sort || b.free.has(n)) refuse("a bound that is not constant");
    s.positive(b);
    const { x: m, kids } = s.enter(sum);
    s.equal(T.substitute(a, new Map([[n, m]])), kids[2], "another summand");
  }),

  coordinate: rule(0, 0, s => {
    const { T } = s;
    const [uRow, qRow, jRow, gRow] = s.list(s.extra, 4, 4);
    const [u, q, j] = [s.variable(uRow), s.number(qRow), s.number(jRow)];
    const g = s.row(gRow, ["number", "index"]);
    if (g.loose.length > 1) refuse("an extra of the wrong form");
    const { i, z, qi, d } = factor(s, u, q);
    if (j.free.has(u) || g.free.has(u)) refuse("a variable is not free");
    s.free(s.hypotheses, u);
    if (!s.inSort(j, T.number("nat"))) refuse("a coordinate that is not in nat");
    s.ask(T.app("<=", j, d), "a coordinate beyond the dimension");
    const value = T.app("=", s.over(line(s, z), z, qi), T.one);
    s.ask(s.all(q, i, value), "a factor whose integral may not be 1");
    if (!s.N.signed(qi, POS)) s.ask(s.all(q, i, s.everywhere(z, T.app(">", qi, T.zero))),
      "a factor that may not be > 0");
    const at = t => T.plug(g, [t]);
    const left = s.over(space(s, u), u, T.mul(q, at(T.app("at", u, j))));
    const right = s.over(line(s, z), z, T.mul(T.substitute(qi, new Map([[i, j]])), at(z)));
    s.ask(s.conv(right), "an integral that may not converge");
    s.same(s.conclusion.op === "conv" ? s.conv(left) : T.app("=", left, right), s.conclusion);
  }),

  coordinates: rule(0, 0, s => {
    const { T } = s;
    const [uRow, ...rows] = s.list(s.extra, 3, 3);
    const [u, [q, c]] = [s.variable(uRow), rows.map(row => s.number(row))];
    const { i, z, qi } = factor(s, u, q);
    s.free(s.hypotheses, u);
    if (c.op !== "prod") refuse("no product of values");
    s.ends(c, q);
    const [, , value] = T.enter(c, i);
    if (!s.N.signed(value, POS)) refuse("a value that may not be > 0");
    s.ask(s.all(q, i, T.app("=", s.over(line(s, z), z, qi), value)), "a factor of another integral");
    const left = s.over(space(s, u), u, q);
    s.same(s.conclusion.op === "conv" ? s.conv(left) : T.app("=", left, c), s.conclusion);
  }),

  variance_of_sum: rule(0, 0, s => {
    const { T } = s;
    const [uRow, ...rows] = s.list(s.extra, 3, 3);
    const [u, [q, g]] = [s.variable(uRow), rows.map(row => s.number(row))];
    const { i, z, qi } = factor(s, u, q);
    s.free(s.hypotheses, u);
    const own = factor(s, u, g, "sum");
    const gi = T.substitute(own.qi, new Map([[own.i, i], [own.z, z]]));
    if (!s.N.signed(qi, POS)) refuse("a factor that may not be > 0");
    const mean = f => s.over(line(s, z), z, f);
    const square = mean(T.mul(qi, T.app("^", gi, T.q(2))));
    s.ask(s.all(q, i, T.app("=", mean(qi), T.one)), "a factor whose integral may not be 1");
    s.ask(s.all(q, i, T.app("=", mean(T.mul(qi, gi)), T.zero)), "a summand whose mean may not be 0");
    s.ask(s.all(q, i, s.conv(square)), "a square that may not be integrable");
    const left = s.over(space(s, u), u, T.mul(q, T.app("^", g, T.q(2))));
    const right = T.bind("sum", g.hints[0], i.sort === g.sort ? i : own.i, g.kids[0], g.kids[1],
      i.sort === g.sort ? square : T.substitute(square, new Map([[i, own.i]])));
    s.same(s.conclusion.op === "conv" ? s.conv(left) : T.app("=", left, right), s.conclusion);
  }),

  triangular: rule(0, 0, s => {
    const { T } = s;
    const nat = T.number("nat");
    const [iRow, kRow, ...rows] = s.list(s.extra, 5, 5);
    const [i, k] = [s.variable(iRow), s.variable(kRow)];
    const [shift, below, scale] = rows.map(row => s.number(row));
    const isConv = s.conclusion.op === "conv";
    const whole = T.opened(isConv ? s.form("conv").kids[0] : s.relation(s.conclusion, "=").a);
    if (whole.op !== "int" || whole.sort.kind !== "^") refuse("no integral over R^d");
    const d = whole.sort.dim;
    const { x: u, kids } = s.enter(whole);
    const [first, before] = [s.fresh(nat), s.fresh(nat)];
    const stretch = T.substitute(scale, new Map([[i, first]]));
    if (!s.N.signed(stretch, POS)) refuse("a scale that may not be > 0");
    const image = index => {
      const row = T.mul(T.substitute(below, new Map([[i, index], [k, before]])), T.app("at", u, before));
      const earlier = T.bind("sum", "k", before, T.one, T.sub(index, T.one), row);
      const [m, r] = [shift, scale].map(t => T.substitute(t, new Map([[i, index]])));
      return T.add(m, earlier, T.mul(r, T.app("at", u, index)));
    };
    const moved = coordinatewise(s, kids[2], u, d, image, []);
    const there = T.mul(moved, T.bind("prod", "i", first, T.one, d, stretch));
    if (isConv) {
      s.ask(s.conv(s.over(whole, u, there)), "an integral that may not converge");
      return;
    }
    const right = T.opened(s.relation(s.conclusion, "=").b);
    if (right.op !== "int") refuse("no integral on the right");
    s.ends(whole, right);
    s.equal(T.enter(right, u)[2], there, "another integrand");
  }),
};

// t with image(j) for every coordinate u_j; j is one of 1..d: the number 1, of `inside`, or by a hypothesis. Else t is free of u.
function coordinatewise(s, t, u, d, image, inside) {
  const { T } = s;
  t = T.opened(t);
  if (!t.free.has(u)) return t;
  if (t === u) refuse("a point that is there besides its coordinates");
  s.spend(1);
  if (t.op === "at" && t.kids[0] === u) {
    const index = t.kids[1];
    if (index.bare !== T.one && !inside.includes(index)) {
      if (index.free.has(u) || !s.inSort(index, T.number("nat"))) refuse("a coordinate that is not in nat");
      s.ask(T.app("<=", index, d), "a coordinate beyond the dimension");
    }
    return image(index);
  }
  if (t.op === "v" || t.op === "f" || !t.sorts.length) {
    return T.make(t.op, t.data, t.sorts, t.hints, t.kids.map(kid => coordinatewise(s, kid, u, d, image, inside)), t.off);
  }
  if (!["int", "sum", "prod"].includes(t.op)) refuse("a binder that a change of variables does not enter");
  const { x, kids: [lo, hi, body] } = s.enter(t);
  const tops = [d, ...inside.flatMap(j => [j, T.sub(j, T.one)])];
  const counts = t.op !== "int" && t.sort === T.number("nat") && hi.kind !== "end" && lo.kind !== "end";
  const within = counts && tops.some(top => {
    const { ok, needs } = s.N.equal(hi, top);
    return ok && !needs.size;
  });
  const [low, high, inner] = [lo, hi, body].map((kid, n) => (kid.kind === "end" ? kid
    : coordinatewise(s, kid, u, d, image, n === 2 && within ? [...inside, x] : inside)));
  return T.bind(t.op, t.hints[0], x, low, high, inner);
}

const line = (s, z) => ({ sort: z.sort, hints: ["z"], kids: [s.T.bottom, s.T.top] });
const space = (s, u) => ({ sort: u.sort, hints: ["u"], kids: [s.T.bottom, s.T.top] });

// Of prod_i q_i(u_i), or sum_i q_i(u_i), over exactly 1..d for a point u of R^d: i, z, q_i(z) and d
function factor(s, u, q, op = "prod") {
  const { T } = s;
  if (u.sort.kind !== "^" || q.op !== op) refuse("an extra of the wrong form");
  const d = u.sort.dim;
  if (q.kids[0].bare !== T.one || q.kids[1].bare !== d) refuse("a product that is not over all coordinates");
  const { x: i, kids } = s.enter(q);
  const z = s.fresh(T.number("real"));
  const here = T.app("at", u, i);
  const qi = T.rebuild(kids[2], t => (t.bare === here ? z : undefined));
  if (qi.free.has(u)) refuse("a factor that uses more than its own coordinate");
  return { i, z, qi, d };
}
