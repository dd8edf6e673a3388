// Derivatives of terms, with the conditions under which they are derivatives; and shapes that integrate.
import { refuse } from "./rational.mjs";
import { NEG, nonzero, positive, signOf } from "./signs.mjs";

// d/dx of a term: { d, conditions }. slopes: premises { args, name, value, w, k, fixed } for abstract functions, see
// `pattern`.
// judge(term, sort) asks that a term is in a sort for all values of its variables.
export function derive(step, term, x, slopes = []) {
  const { T } = step;
  const conditions = [];
  const need = (op, a) => conditions.push(T.app(op, a, T.zero));
  const go = t => {
    t = T.opened(t);
    step.spend();
    if (!t.free.has(x)) return T.zero;
    if (t === x) return T.one;
    const [a, b] = t.kids;
    switch (t.op) {
      case "+": return T.add(...t.kids.map(go));
      case "*": return T.add(...t.kids.map((kid, i) => T.mul(...t.kids.map((k, j) => (i === j ? go(kid) : k)))));
      case "exp": return T.mul(t, go(a));
      case "log":
        need(">", a);
        return T.mul(T.inv(a), go(a));
      case "^": {
        const { poly, needs } = step.N.of(b);
        const k = needs.size ? null : step.A.number(poly);
        if (!k) refuse("no derivative of a power by what is no number");
        if (!k.whole) need(">", a);
        else if (k.sign < 0) need("!=", a);
        else if (k.sign === 0) return T.zero;
        return T.mul(T.q(k), T.app("^", a, T.q(k.sub(step.ONE))), go(a));
      }
      case "f": return chain(step, t, x, slopes, go);
      default: return refuse(`no derivative of ${t.op}`);
    }
  };
  const d = go(term);
  return { d, conditions };
}

// A premise `slope_w(h = k)`: h an application with w an argument, w in no hypothesis of it.
export function pattern(step, { conclusion, hypotheses }) {
  if (conclusion.op !== "slope") refuse("a premise that is no slope");
  const [w, body, k] = conclusion.kids;
  if (w.op !== "v" || w.sort !== conclusion.sort) refuse("a slope at something else than a variable");
  if (body.free.has(w) || step.mention(hypotheses, w)) refuse("the variable of a slope is not free");
  if (body.op !== "f" || !body.kids.some(kid => kid.op === "b")) refuse("a slope of no application");
  return { body, w, k, mayVary: v => v.op === "v" && v !== w && !step.mention(hypotheses, v) };
}

function chain(step, t, x, slopes, go) {
  const { T } = step;
  for (const { body, w, k, mayVary } of slopes) {
    if (body.data !== t.data || body.value !== t.value || body.kids.length !== t.kids.length) continue;
    const map = new Map();
    body.kids.forEach((p, i) => {
      const key = p.op === "b" ? w : mayVary(p) ? p : null;
      if (key && !map.has(key)) map.set(key, t.kids[i]);
    });
    const g = map.get(w);
    const fits = [...map].every(([v, a]) => (v === w || !a.free.has(x)) && step.inSort(a, v.sort));
    if (!fits || T.substitute(T.plug(body, [w]), map).bare !== t.bare) continue;
    return T.mul(T.substitute(k, map), go(g));
  }
  return refuse("an abstract function without a slope among the premises");
}

// Whether every coefficient of a normal form is smooth in the variable, whatever the values of the others.
export function smooth(A, p, x, memo = new Map()) {
  if (!p.free.has(x.id)) return true;
  if (!memo.has(p)) {
    A.budget.spend(p.terms.length);
    memo.set(p, smoothTerms(A, p, x, memo));
  }
  return memo.get(p);
}

function smoothTerms(A, p, x, memo) {
  const inside = a => !a.free.has(x.id) || a === x || (a.kind === "poly" && smooth(A, a.kids[0], x, memo))
    || (a.kind === "log" && positive(A, a.kids[0]) && smooth(A, a.kids[0], x, memo));
  return p.terms.every(([m]) => m.factors.every(([a, e]) => {
    const k = A.number(e);
    const fine = (k?.whole && (k.sign > 0 || nonzero(A, A.of(a)))) || positive(A, A.of(a));
    return (!a.free.has(x.id) && !e.free.has(x.id)) || (fine && inside(a) && smooth(A, e, x, memo));
  }));
}

// Polynomial times Gaussian in x, every summand: x^n exp(-a x^2 + b x + c), a > 0, all else free of x.
export function gaussian(A, p, x) {
  return p.terms.every(([m]) => {
    let seen = false;
    return m.factors.every(([a, e]) => {
      if (a === x) return A.number(e)?.whole && A.number(e).sign > 0;
      if (!a.free.has(x.id) && !e.free.has(x.id)) return true;
      if (a !== A.e || !quadratic(A, e, x)) return false;
      seen = true;
      return true;
    }) && seen;
  });
}

function quadratic(A, e, x) {
  const square = [];
  for (const [m, c] of e.terms) {
    const k = m.factors.find(f => f[0] === x)?.[1];
    const rest = m.factors.filter(f => f[0] !== x);
    if (rest.some(([a, j]) => a.free.has(x.id) || j.free.has(x.id))) return false;
    if (k && !A.number(k)?.is(1) && !A.number(k)?.is(2)) return false;
    if (k && A.number(k).is(2)) square.push(A.poly([[A.mono(rest), c]]));
  }
  return signOf(A, A.sum(square)) === NEG;
}

// Every summand is n^k b^(c n + d) .., all else free of n, and decreases exponentially: sum of c log b < 0.
export function geometric(A, p, n) {
  return p.terms.every(([m]) => {
    const rates = [];
    const fine = m.factors.every(([a, e]) => {
      if (a === n) return A.number(e)?.whole && A.number(e).sign > 0;
      if (!a.free.has(n.id) && !e.free.has(n.id)) return true;
      if (a !== A.e && a.kind !== "prime") return false;
      const moving = e.terms.filter(t => t[0].free.has(n.id));
      const slope = moving.map(([mono, c]) => {
        const rest = mono.factors.filter(f => f[0] !== n);
        const k = mono.factors.find(f => f[0] === n)?.[1];
        return k && A.number(k)?.is(1) && rest.every(([b, j]) => !b.free.has(n.id) && !j.free.has(n.id))
          ? A.poly([[A.mono(rest), c]]) : null;
      });
      if (slope.some(s => !s)) return false;
      rates.push(A.stable(needs => A.mul(A.sum(slope), A.logAtom(a), needs)));
      return true;
    });
    return fine && rates.length > 0 && signOf(A, A.sum(rates)) === NEG;
  });
}

