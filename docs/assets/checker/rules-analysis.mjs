// Rules 36 to 44: derivatives, tangents, and values of integrals.
import { derive, gaussian, geometric, pattern, smooth } from "./derive.mjs";
import { refuse } from "./rational.mjs";
import { NEG } from "./signs.mjs";
import { finite } from "./terms.mjs";

const rule = (least, most, run) => ({ least, most, run });

const certain = (s, conditions) => {
  if (!conditions.every(c => s.P.follows(c))) refuse("not known to be smooth everywhere");
};

// f(a) + f'(a) (t - a) >= f(t) and the second derivative, all conditions known by sorts
function tangent(s) {
  const { T } = s;
  const [f, t, a] = s.list(s.extra, 3, 3).map((row, i) => (i ? s.variable(row) : s.number(row)));
  if (t === a || t.sort !== a.sort || !["real", "pos"].includes(t.sort.kind) || f.free.has(a)) {
    refuse("an extra of the wrong form");
  }
  const x = s.fresh(t.sort);
  const at = (term, y) => T.substitute(term, new Map([[x, y]]));
  const fx = T.substitute(f, new Map([[t, x]]));
  const one = derive(s, fx, x);
  const two = derive(s, one.d, x);
  certain(s, [...one.conditions, ...two.conditions]);
  const left = T.add(at(fx, a), T.mul(at(one.d, a), T.sub(t, a)));
  return { f, t, a, x, left, right: f, two: two.d };
}

export const ANALYSIS = {
  differentiate: rule(0, Infinity, s => {
    const { T } = s;
    s.keep(s.premises);
    const C = s.form("slope");
    const [t] = C.kids;
    if (t.op !== "v" || t.sort !== C.sort) refuse("a slope at something else than a variable");
    const { x, kids } = s.enter(C);
    const { d, conditions } = derive(s, kids[1], x, s.premises.map(p => pattern(s, p)));
    const here = new Map([[x, t]]);
    for (const c of conditions) s.ask(T.substitute(c, here), "not known to be differentiable");
    s.equal(C.kids[2], T.substitute(d, here), "another derivative");
  }),

  slope_value: rule(1, 1, s => {
    s.keep(s.premises);
    const [{ conclusion: P }] = s.premises;
    if (P.op !== "slope") refuse("a premise that is no slope");
    s.same(s.T.app("=", s.T.derivative(P.hints[0], P.sort, P.kids[0], P.kids[1]), P.kids[2]), s.conclusion);
  }),

  leibniz: rule(0, Infinity, s => {
    const { T } = s;
    s.keep(s.premises);
    const C = s.form("slope");
    const [t, body] = C.kids;
    if (t.op !== "v" || t.sort !== C.sort || body.free.has(t)) refuse("a slope at something else than a variable");
    const { x, kids } = s.enter(C);
    const D = T.opened(kids[1]);
    if (D.op !== "int" || D.kids[0].free.has(x) || D.kids[1].free.has(x)) refuse("no integral over a fixed range");
    const { x: y, kids: inner } = s.enter(D);
    const { d, conditions } = derive(s, inner[2], x, s.premises.map(p => pattern(s, p)));
    for (const c of conditions) {
      if (!s.H.has(s.everywhere(x, s.everywhere(y, c)))) s.ask(s.everywhere(y, s.everywhere(x, c)),
        "not known to be differentiable");
    }
    const slope = s.over(D, y, d);
    const here = new Map([[x, t]]);
    s.ask(s.conv(T.substitute(D, here)), "an integral that may not converge");
    // `dom` speaks of all t, so what it says of the derivative as it is stated must be equal for all t
    const stated = s.always(C.kids[2], t, x);
    const { rest, wholes: [whole, more] } = T.product(stated);
    const alike = whole?.op === "int" && !more && whole.sort === D.sort
      && [0, 1].every(i => whole.kids[i].bare === D.kids[i].bare)
      && s.has(s.N.equal(T.mul(...rest, T.enter(whole, y)[2]), d));
    if (alike && s.H.has(T.dom("", C.sort, T.close(stated, x)))) return;
    s.ask(T.dom("", C.sort, T.close(slope, x)), "a derivative that may not be dominated");
    s.equal(C.kids[2], T.substitute(slope, here), "another derivative");
  }),

  // difference quotients that a function of x bounds, and that tend to a slope for almost every x
  lipschitz: rule(2, 2, s => {
    const { T } = s;
    s.keep(s.premises);
    const [xRow, ...others] = s.list(s.extra, 3, 3);
    const [x, b, w] = [s.variable(xRow), ...others.map(row => s.number(row))];
    const C = s.form("slope");
    const [{ conclusion: ae }, { conclusion: near, hypotheses }] = s.premises;
    const [t] = C.kids;
    if (!s.inSort(t, C.sort)) refuse("a point that is not in the sort");
    const { x: r, kids } = s.enter(C);
    const [D, slopes] = [kids[1], C.kids[2]].map(side => T.opened(side));
    if (!["int", "sum"].includes(D.op) || slopes.op !== D.op) refuse("no integral on both sides");
    if (D.kids[0].free.has(r) || D.kids[1].free.has(r)) refuse("no integral over a fixed range");
    if (ae.op !== "ae" || near.op !== "all") refuse("premises of the wrong form");
    s.ends(slopes, D);
    s.ends(ae, D);
    const { x: y, kids: inner } = s.enter(D);
    const own = T.enter(ae, y)[2];
    if (own.op !== "slope" || own.sort !== C.sort || own.kids[0].bare !== t.bare) refuse("another slope");
    const f = T.enter(own, r)[1];
    if (x.sort !== D.sort) refuse("a variable of another sort than the range");
    s.equal(T.mul(s.always(w, x, y), f), inner[2], "the slope of another function");
    s.equal(T.mul(s.always(w, x, y), own.kids[2]), T.enter(slopes, y)[2], "another derivative");
    s.free(hypotheses, x);
    const [lo, hi] = near.kids;
    if (near.sort !== C.sort || lo.free.has(x) || hi.free.has(x)) refuse("no bound on one interval");
    if (lo.kind !== "end") s.positive(T.sub(t, lo));
    if (hi.kind !== "end") s.positive(T.sub(hi, t));
    const bound = s.relation(s.always(T.enter(near, r)[2], x, y), ">=");
    const here = new Map([[r, t]]);
    s.equal(bound.a, T.mul(s.always(b, x, y), T.app("abs", T.sub(r, t))), "not a multiple of the distance");
    s.equal(bound.b, T.app("abs", T.sub(f, T.substitute(f, here))), "not the difference of the function");
    s.ask(s.conv(T.substitute(D, here)), "an integral that may not converge");
    s.ask(s.conv(s.over(D, x, T.mul(w, b))), "a bound that may not converge");
  }),

  derivative_of_sum: rule(1, 1, s => {
    const { T } = s;
    const n = s.variable(s.extra);
    const [premise] = s.premises;
    const P = premise.conclusion;
    const C = s.form("slope");
    if (P.op !== "slope" || P.sort !== C.sort) refuse("a premise that is no slope");
    const { x, kids } = s.enter(C);
    const D = T.opened(kids[1]);
    if (!finite(D) || D.kids[0].free.has(x) || D.kids[1].free.has(x)) refuse("no finite sum over a fixed range");
    s.quantified(premise.hypotheses, n, D);
    if (P.kids[0].free.has(n)) refuse("a variable is not free");
    s.equal(P.kids[0], C.kids[0], "another point");
    s.equal(D, s.over(D, n, T.enter(P, x)[1]), "another sum");
    s.equal(C.kids[2], s.over(D, n, P.kids[2]), "another derivative");
  }),

  integral_of_slope: rule(1, 1, s => {
    const { T } = s;
    const t = s.variable(s.extra);
    const [premise] = s.premises;
    const P = premise.conclusion;
    if (P.op !== "slope" || P.sort !== t.sort) refuse("a premise that is no slope");
    if (P.kids[0] !== t || P.kids[1].free.has(t)) refuse("a slope that is not at a variable of its own");
    const C = s.relation(s.conclusion, "=");
    const D = T.opened(C.a);
    if (D.op !== "int" || D.sort !== t.sort) refuse("no integral over the variable of the slope");
    const [lo, hi] = D.kids;
    if (lo.kind === "end" || hi.kind === "end") refuse("no range between two numbers");
    if (!s.inSort(lo, D.sort) || !s.inSort(hi, D.sort)) refuse("an end that is not in the sort");
    if (!s.H.has(T.app("<=", lo, hi))) s.atLeast0(T.sub(hi, lo));
    s.quantified(premise.hypotheses, t, D);
    s.equal(D, s.over(D, t, P.kids[2]), "another derivative");
    s.equal(C.b, T.sub(...[hi, lo].map(end => T.apply(P, end))), "not the difference of the function");
    s.ask(s.conv(D), "an integral that may not converge");
  }),

  tangent: rule(1, 1, s => {
    const { T } = s;
    s.keep(s.premises);
    const { f, t, x, left, two } = tangent(s);
    s.free(s.premises[0].hypotheses, t);
    const P = s.relation(s.premises[0].conclusion, ">=");
    s.equal(s.always(P.b, t), T.zero, "the premise is -f'' >= 0");
    s.equal(T.substitute(P.a, new Map([[t, x]])), T.neg(two), "the premise is -f'' >= 0");
    s.same(T.app(">=", left, f), s.conclusion, "not the tangent and the function");
  }),

  touches_once: rule(0, 0, s => {
    const { T } = s;
    const { f, t, a, left, two } = tangent(s);
    if (s.N.sign(two) !== NEG) refuse("not known to be concave");
    s.ask(T.app("=", left, f), "nothing says that the tangent touches");
    s.same(T.app("=", t, a), s.conclusion);
  }),

  // int f(z) dz over the whole line, g(y) for z, g' >= c > 0
  change_of_variables: rule(1, 1, s => {
    const { T } = s;
    s.keep(s.premises);
    const [gRow, yRow] = s.list(s.extra, 2, 2);
    const [g, y] = [s.number(gRow), s.variable(yRow)];
    const C = s.relation(s.conclusion, "=");
    const { rest, whole } = T.measured(C.a);
    const real = T.number("real");
    if (whole.op !== "int" || whole.sort !== real || y.sort !== real) refuse("an integral over the reals is wanted");
    if (whole.kids[0].kind !== "end" || whole.kids[1].kind !== "end") refuse("an integral over the whole line is wanted");
    if (C.a.free.has(y)) refuse("a variable is not free");
    const x = s.fresh(real);
    const gx = T.substitute(g, new Map([[y, x]]));
    if (s.N.of(gx).needs.size) refuse("a substitution that is not defined everywhere");
    const { d, conditions } = derive(s, gx, x);
    certain(s, conditions);
    s.free(s.premises[0].hypotheses, y);
    const P = s.relation(s.premises[0].conclusion, ">=");
    if (P.b.free.has(y)) refuse("a bound that is not constant");
    s.positive(P.b);
    s.equal(T.substitute(P.a, new Map([[y, x]])), d, "the premise is g' >= c");
    s.equal(C.b, T.mul(...rest, s.over(whole, x, T.mul(T.apply(whole, gx), d))), "another integrand");
  }),

  antiderivative: rule(0, 0, s => {
    const { T } = s;
    const [FRow, zRow] = s.list(s.extra, 2, 2);
    const [F, z] = [s.number(FRow), s.variable(zRow)];
    const C = s.conclusion.op === "conv" ? { a: s.conclusion.kids[0] } : s.relation(s.conclusion, "=");
    const D = T.opened(C.a);
    if (D.op !== "int" || D.sort !== z.sort || !D.sort.isNumber) refuse("no integral over a range of numbers");
    const { x, kids: [lo, hi, f] } = s.enter(D);
    const at = (term, v) => T.substitute(term, new Map([[z, v]]));
    const Fx = at(F, x);
    if (D.free.has(z) || s.mention([lo, hi], z)) refuse("a variable is not free");
    const { d, conditions } = derive(s, Fx, x);
    known(s, s.N.equal(d, f), x, "not the derivative");
    const fromZero = D.sort.kind === "pos" && lo.bare === T.zero;
    if (fromZero) closedAtZero(s, F, z);
    else certain(s, conditions);
    if (lo.kind === "end" && D.sort.kind === "pos") refuse("a range that is open at 0");
    if (lo.kind !== "end" && !fromZero && !s.inSort(lo, D.sort)) refuse("an end that is not in the sort");
    if (hi.kind !== "end" && !s.inSort(hi, D.sort)) refuse("an end that is not in the sort");
    if (lo.kind !== "end" && hi.kind !== "end" && !s.H.has(T.app("<=", lo, hi))) s.atLeast0(T.sub(hi, lo));
    if (lo.kind === "end" || hi.kind === "end") {
      const { poly, needs } = s.N.of(Fx);
      known(s, { ok: true, needs }, x, "not the derivative");
      if (!gaussian(s.A, poly, s.A.variable(x.data, x.sort))) refuse("a primitive that may not vanish at infinity");
    }
    if (s.conclusion.op === "conv") return;
    const value = end => (end.kind === "end" ? T.zero : at(F, end));
    s.equal(C.b, T.sub(value(hi), value(lo)), "not the difference of the primitive");
  }),

  telescope: rule(0, 0, s => {
    const { T } = s;
    const [FRow, nRow] = s.list(s.extra, 2, 2);
    const [F, n] = [s.number(FRow), s.variable(nRow)];
    const C = s.conclusion.op === "conv" ? { a: s.conclusion.kids[0] } : s.relation(s.conclusion, "=");
    const D = T.opened(C.a);
    if (D.op !== "sum" || D.sort !== n.sort || D.free.has(n)) refuse("no sum over the variable");
    const { x, kids: [lo, hi, f] } = s.enter(D);
    if (lo.kind === "end" || hi.kind !== "end") refuse("no infinite sum from a number upwards");
    if (!s.inSort(lo, D.sort)) refuse("an end that is not in the sort");
    const at = v => T.substitute(F, new Map([[n, v]]));
    known(s, s.N.equal(f, T.sub(at(x), at(T.add(x, T.one)))), x, "not the difference");
    const { poly, needs } = s.N.of(at(x));
    known(s, { ok: true, needs }, x, "not the difference");
    if (!geometric(s.A, poly, s.A.variable(x.data, x.sort))) refuse("terms that may not decrease exponentially");
    if (s.conclusion.op !== "conv") s.equal(C.b, at(lo), "not the first term");
  }),

  cite: rule(0, 0, s => {
    const { T } = s;
    if (s.extra !== "gaussian") refuse("no such entry in the table");
    const z = s.fresh(T.number("real"));
    const line = { sort: z.sort, hints: ["z"], kids: [T.bottom, T.top] };
    const square = T.mul(T.inv(T.q(-2)), T.app("^", z, T.q(2)));
    const value = T.app("^", T.mul(T.q(2), T.app("pi")), T.inv(T.q(2)));
    s.same(T.app("=", s.over(line, z, T.app("exp", square)), value), s.conclusion);
  }),

  gaussian_tail: rule(0, 0, s => {
    const { whole } = s.T.measured(s.form("conv").kids[0]);
    if (whole.op !== "int" || !whole.sort.isNumber) refuse("an integral over numbers is wanted");
    const { x, kids } = s.enter(whole);
    const { poly, needs } = s.N.of(kids[2]);
    s.needs({ ok: gaussian(s.A, poly, s.A.variable(x.data, x.sort)), needs }, "no polynomial times Gaussian");
  }),

  gaussian_bound: rule(0, 0, s => {
    const { x: t, kids: [body] } = s.enter(s.form("dom"));
    const { rest, whole } = s.T.measured(body);
    if (whole.op !== "int" || !whole.sort.isNumber) refuse("an integral over numbers is wanted");
    if (whole.kids[0].free.has(t) || whole.kids[1].free.has(t)) refuse("a range that moves");
    const { x, kids } = s.enter(whole);
    const point = s.A.variable(t.data, t.sort);
    for (const term of [kids[2], ...rest]) {
      const { poly, needs } = s.N.of(term);
      s.needs({ ok: smooth(s.A, poly, point), needs }, "not smooth in the parameter");
    }
    const { poly } = s.N.of(kids[2]);
    if (!gaussian(s.A, poly, s.A.variable(x.data, x.sort))) refuse("no polynomial times Gaussian");
  }),
};

// Equal, with needs that do not mention x and are among the hypotheses.
function known(s, { ok, needs }, x, what) {
  const atom = s.A.variable(x.data, x.sort);
  if (!ok || [...needs.values()].some(key => key.free.has(atom.id))) refuse(what);
  s.needs({ ok, needs }, what);
}

// F smooth on the whole line, but for summands r z^k log(z), k >= 1, which tend to 0 with z, r smooth on the whole line.
// The variable is real here, so that nothing rests on z > 0.
function closedAtZero(s, term, positive) {
  const z = s.fresh(s.T.number("real"));
  const F = s.T.substitute(term, new Map([[positive, z]]));
  for (const summand of F.op === "+" ? F.kids : [F]) {
    const factors = summand.op === "*" ? summand.kids : [summand];
    const logs = factors.filter(k => k.op === "log" && k.kids[0] === z);
    const rest = factors.filter(k => k !== logs[0]);
    const asked = logs.length === 1 && rest.includes(z) ? s.T.mul(...rest) : summand;
    if (derive(s, asked, z).conditions.length) refuse("not smooth at 0");
  }
}
