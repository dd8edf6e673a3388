// What sign a polynomial can have, for all values of its variables: a set of NEG, ZER, POS. No answer rests on a need.
import { closedSign } from "./enclosure.mjs";
import { ONE, Q } from "./rational.mjs";

export const NEG = 1;
export const ZER = 2;
export const POS = 4;
export const ALL = 7;

export const positive = (A, p) => signOf(A, p) === POS;
export const atLeast0 = (A, p) => !(signOf(A, p) & NEG);
export const nonzero = (A, p) => !(signOf(A, p) & ZER);

export const plus = (s, t) => ((s | t) & (NEG | POS))
  | (s & t & ZER || (s & POS && t & NEG) || (s & NEG && t & POS) ? ZER : 0);
export const times = (s, t) => ((s | t) & ZER) | ((s & POS && t & POS) || (s & NEG && t & NEG) ? POS : 0)
  | ((s & POS && t & NEG) || (s & NEG && t & POS) ? NEG : 0);
export const even = s => (s & ZER) | (s & (NEG | POS) ? POS : 0);
const oneSided = s => !(s & NEG) || !(s & POS);

export const ofSort = kind => (kind === "pos" || kind === "nat" ? POS : kind === "from 0" ? ZER | POS : ALL);
// of an integral, of a sum: 0 if it diverges
export const ofIntegral = s => (s === ZER ? ZER : !(s & NEG) ? ZER | POS : !(s & POS) ? NEG | ZER : ALL);
export const ofProduct = s => (s === POS ? POS : !(s & NEG) ? ZER | POS : s & ZER ? ALL : NEG | POS);

export function signOf(A, p) {
  if (p.sign === null) {
    p.sign = ALL; // while it is being computed
    p.sign = compute(A, p);
  }
  return p.sign;
}

function compute(A, p) {
  if (!p.terms.length) return ZER;
  const plain = p.terms.map(t => termSign(A, t)).reduce(plus);
  if (p.terms.length === 1 || oneSided(plain)) return plain;
  A.budget.spend(p.terms.length);
  const closed = closedSign(A, p);
  if (closed) return closed > 0 ? POS : NEG;
  for (const other of [factored, shifted]) {
    const s = other(A, p);
    if (oneSided(s)) return s;
  }
  return plain;
}

const termSign = (A, [m, c]) => m.factors.reduce((s, [a, e]) => times(s, powerSign(A, a, e)), c.sign > 0 ? POS : NEG);

function powerSign(A, a, e) {
  const s = atomSign(A, a);
  if (s === POS) return POS;
  const k = A.number(e);
  if (k?.whole) return k.n % 2n ? s : even(s);
  if (!(s & NEG)) return s | POS; // 0^0 = 1
  return whole(A, A.scale(e, new Q(1n, 2n))) ? even(s) | POS : s & ZER ? ALL : NEG | POS;
}

function atomSign(A, a) {
  if (a.sign === null) {
    a.sign = ALL;
    a.sign = computeAtom(A, a);
  }
  return a.sign;
}

function computeAtom(A, a) {
  switch (a.kind) {
    case "e": case "pi": case "prime": return POS;
    case "minus1": return NEG;
    case "v": case "f": return ofSort(a.sort.kind);
    case "poly": return signOf(A, a.kids[0]);
    case "abs": return even(signOf(A, a.kids[0]));
    case "log": {
      const s = signOf(A, A.sub(a.kids[0], A.one));
      return !(s & NEG) || positive(A, a.kids[0]) ? s : ALL;
    }
    case "int": return ofIntegral(signOf(A, a.kids[2]));
    case "prod": return ofProduct(signOf(A, a.kids[2]));
    case "sum": {
      const [lo, hi, body] = a.kids;
      const s = signOf(A, body);
      return inhabited(A, a.xs[0].sort.kind, lo, hi) && !(s & ZER) && oneSided(s) ? s : ofIntegral(s);
    }
    default: return ALL;
  }
}

// Whether a finite range of whole numbers has a member for certain: lo is in the sort, lo <= hi.
export function inhabited(A, kind, lo, hi) {
  if ([lo, hi].some(end => end === A.end("-oo") || end === A.end("oo"))) return false;
  return whole(A, lo) && (kind !== "nat" || positive(A, lo)) && atLeast0(A, A.sub(hi, lo));
}

// x^2 (..) where the common factor has a sign
function factored(A, p) {
  const common = A.common(p);
  if (!common.length) return ALL;
  const needs = new Map();
  const outer = A.poly([[A.mono(common), ONE]]);
  const rest = A.sum(p.terms.map(([m, c]) => A.scale(A.divide(m, common, needs), c)));
  return needs.size ? ALL : times(signOf(A, outer), signOf(A, rest));
}

// n >= 1: n = 1 + m with m >= 0, where n stands by itself to a whole power
function shifted(A, p) {
  const needs = new Map();
  let moved = false;
  const terms = p.terms.map(([m, c]) => A.scale(A.product(m.factors.map(([a, e]) => {
    const k = A.number(e);
    if (a.kind !== "v" || a.sort.kind !== "nat" || !k?.whole || k.n < 0n || k.n > 20n) return A.of(a, e);
    moved = true;
    const from0 = A.of(A.atom("v", `from 0:${a.tag}`, [], [], { kind: "from 0", key: "from 0" }));
    return A.expand(A.add(A.one, from0), k.n, needs);
  }), needs), c));
  return moved && !needs.size ? signOf(A, A.sum(terms)) : ALL;
}

// Whole numbers by shape: whole coefficients, whole atoms to whole powers >= 0.
export function whole(A, p) {
  p.whole ??= wholeTerms(A, p);
  return p.whole;
}

function wholeTerms(A, p) {
  return p.terms.every(([m, c]) => c.whole && m.factors.every(([a, e]) => {
    if (a.kind === "minus1") return true;
    const fine = a.kind === "prime"
      || ((a.kind === "v" || a.kind === "f") && ["int", "nat", "from 0"].includes(a.sort.kind));
    return fine && whole(A, e) && atLeast0(A, e);
  }));
}
