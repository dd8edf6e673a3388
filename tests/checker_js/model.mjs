// Values of terms and of normal forms in one model,
// by intervals of 320 bits. Integrals are weighted sums over a few points,
// so linear as they should be; what total semantics leaves open (log x for x <= 0,
// ...) is an odd function of our choice.
import { Precision } from "../../docs/assets/checker/enclosure.mjs";
import { Budget, Q } from "../../docs/assets/checker/rational.mjs";

export const I = new Precision(320, new Budget(1e15, 1e15));
export class Unsure extends Error {}
const unsure = () => { throw new Unsure(); };

const sure = x => x ?? unsure();
const zero = [0n, 0n];
export const rational = q => I.rational(q);
const int = n => I.rational(new Q(BigInt(n)));
const add = (x, y) => [x[0] + y[0], x[1] + y[1]];
const isZero = x => x[0] === 0n && x[1] === 0n;
export const sign = x => (isZero(x) ? 0 : x[0] > 0n ? 1 : x[1] < 0n ? -1 : unsure());
const small = x => (x[1] - x[0] > I.one >> 100n || x[1] > I.one << 60n || x[0] < -(I.one << 60n) ? unsure() : x);

const MEASURE = { real: [[-2, 1], [0, 3], [1, 2], [3, 1]], pos: [[1, 2], [2, 1]],
  int: [[-2, 1], [0, 1], [1, 1], [2, 1]], nat: [[1, 1], [2, 1]] };
function whole(x) {
  if (x[0] === x[1] && x[0] % I.one === 0n) return x[0] / I.one;
  const up = x[1] - (((x[1] % I.one) + I.one) % I.one); // the largest whole number up to the upper end
  return up >= x[0] ? unsure() : false;
}

// exp of one point: Taylor at x / 2^12, then squared 12 times; a product is rounded outwards
function expAt(x) {
  if (x > I.one * 200n || x < -I.one * 200n) return null;
  const over = ([a, b], n) => I.mul([a, b], I.rational(new Q(1n, n)));
  const r = over([x, x], 1n << 12n);
  let term = [I.one, I.one];
  let out = [0n, 0n];
  for (let k = 1n; term[1] > 2n || term[0] < -2n; k += 1n) {
    out = add(out, term);
    term = over(I.mul(term, r), k);
  }
  out = [out[0] - 8n, out[1] + 8n]; // what follows is less than twice the first term left out
  for (let i = 0; i < 12; i += 1) out = I.mul(out, out);
  return out[0] < 0n ? null : out;
}

function exp([a, b]) {
  const [lo, hi] = [expAt(a), expAt(b)];
  return lo && hi && [lo[0], hi[1]];
}

function log(x) {
  return sign(x) > 0 ? sure(I.log(x)) : add(int(7), I.mul(int(3), x));
}

function power(x, y) {
  const k = whole(y);
  if (k !== false) {
    if (k === 0n) return int(1);
    if (sign(x) === 0) return zero;
    return sure(I.power(x, k));
  }
  if (sign(x) > 0) return sure(exp(I.mul(y, log(x))));
  if (sign(y) === 0) unsure();
  return sign(x) === 0 ? zero : add(int(5), add(I.mul(int(2), x), I.mul(int(-3), y)));
}

function applied(kind, args) {
  let x = int(1);
  args.forEach((a, i) => { x = add(x, I.mul(int(i + 2), I.mul(a, a))); });
  if (kind === "real") args.forEach((a, i) => { x = add(x, I.mul(int(-7 - i), a)); });
  return kind === "real" || kind === "pos" ? x : int(kind === "nat" ? 2 : -1);
}

function points(kind, lo, hi) {
  const inside = ([x]) => (!lo || int(x)[0] >= lo[0]) && (!hi || int(x)[0] <= hi[1]);
  if (lo && hi && (kind === "int" || kind === "nat")) {
    const out = [];
    for (let n = whole(lo); n <= whole(hi); n += 1n) if (kind === "int" || n > 0n) out.push([Number(n), 1]);
    return out;
  }
  return MEASURE[kind].filter(inside);
}

function fold(op, kind, lo, hi, body) {
  let out = op === "prod" ? int(1) : zero;
  for (const [x, w] of points(kind, lo, hi)) {
    const y = body(int(x));
    out = small(op === "prod" ? I.mul(out, y) : add(out, I.mul(op === "int" ? int(w) : int(1), y)));
  }
  return out;
}

// env: names to intervals; inner: the values of indices, innermost first
export function term(T, t, env, inner = []) {
  const at = k => term(T, k, env, inner);
  switch (t.op) {
    case "q": return rational(t.data);
    case "pi": return I.pi;
    case "v": return env.get(t.data) ?? unsure();
    case "b": return inner[t.data];
    case "+": return t.kids.map(at).reduce(add);
    case "*": return t.kids.map(at).reduce((x, y) => small(I.mul(x, y)));
    case "^": return small(power(...t.kids.map(at)));
    case "exp": return small(sure(exp(at(t.kids[0]))));
    case "log": return log(at(t.kids[0]));
    case "abs": {
      const x = at(t.kids[0]);
      return sign(x) < 0 ? [-x[1], -x[0]] : x;
    }
    case "f": return small(applied(t.value.kind, t.kids.map(at)));
    case "n": return at(T.opened(t));
    default: {
      const [lo, hi] = t.kids.slice(0, 2).map(k => (k.kind === "end" ? null : at(k)));
      return fold(t.op, t.sort.kind, lo, hi, x => term(T, t.kids[2], env, [x, ...inner]));
    }
  }
}

// atoms: a map from variable atoms to intervals
export function poly(A, p, atoms) {
  let out = zero;
  for (const [m, c] of p.terms) {
    let x = rational(c);
    for (const [a, e] of m.factors) x = small(I.mul(x, power(atom(A, a, atoms), poly(A, e, atoms))));
    out = add(out, x);
  }
  return out;
}

function atom(A, a, atoms) {
  const kid = i => poly(A, a.kids[i], atoms);
  switch (a.kind) {
    case "v":
      if (!atoms.has(a)) throw new Error("a variable that came from nowhere");
      return atoms.get(a);
    case "e": return sure(exp(int(1)));
    case "pi": return I.pi;
    case "prime": return int(a.tag);
    case "minus1": return int(-1);
    case "poly": return kid(0);
    case "log": return log(kid(0));
    case "abs": return sign(kid(0)) < 0 ? I.mul(int(-1), kid(0)) : kid(0);
    case "pow": return power(kid(0), kid(1));
    case "f": return applied(a.sort.kind, a.kids.map((_, i) => kid(i)));
    default: {
      const [lo, hi] = a.kids.slice(0,
        2).map(k => (k === A.end("-oo") || k === A.end("oo") ? null : poly(A, k, atoms)));
      return fold(a.kind, a.xs[0].sort.kind, lo, hi, x => poly(A, a.kids[2], new Map([...atoms, [a.xs[0], x]])));
    }
  }
}

// A need, as its key: != or >, below "for all".
export function holds(A, key, atoms) {
  const a = key.terms[0][0].factors[0][0];
  if (a.kind === "all") return points(a.xs[0].sort.kind).every(([x]) => holds(A, a.kids[2],
    new Map([...atoms, [a.xs[0], int(x)]])));
  const s = sign(poly(A, a.kids[0], atoms));
  return a.kind === "!=" ? s !== 0 : s > 0;
}
