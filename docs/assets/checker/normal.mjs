// Terms to polynomials, equality of terms, and the judges of signs and sorts for terms. Each answer comes with its
// needs.
import { ONE, ZERO, refuse } from "./rational.mjs";
import { Algebra } from "./poly.mjs";
import { ALL, NEG, POS, ZER, even, inhabited, nonzero, ofIntegral, ofProduct, ofSort, plus, signOf, times,
  whole } from "./signs.mjs";
import { finite } from "./terms.mjs";

export const NO_NEEDS = new Map();

export const join = (...maps) => {
  const full = maps.filter(m => m.size);
  return full.length < 2 ? full[0] ?? NO_NEEDS : new Map(full.flatMap(m => [...m]));
};

export class Normal {
  constructor(terms) {
    this.T = terms;
    this.A = new Algebra(terms.budget);
    this.memo = new Map();
    this.shapes = new Map();
  }

  // { poly, needs }
  of(term) {
    const { bare } = term;
    if (!this.memo.has(bare)) {
      const needs = new Map();
      this.T.budget.spend();
      const poly = this.compute(bare, needs);
      this.memo.set(bare, { poly, needs });
    }
    return this.memo.get(bare);
  }

  // The same, its needs added to those of a larger term.
  take(term, needs) {
    const found = this.of(term);
    for (const [id, need] of found.needs) needs.set(id, need);
    return found.poly;
  }

  compute(t, needs) {
    const { A } = this;
    switch (t.op) {
      case "q": return A.constant(t.data);
      case "pi": return A.of(A.pi);
      case "oo": case "-oo": return A.end(t.op);
      case "v": return A.of(A.variable(t.data, t.sort));
      case "f": {
        const args = t.kids.map(k => this.take(k, needs));
        return A.of(A.atom("f", `${JSON.stringify(t.data)}:${t.value.key}`, args, [], t.value));
      }
      case "at": return A.of(A.atom("at", "", t.kids.map(k => this.take(k, needs)), [], this.T.number("real")));
      case "+": return A.sum(t.kids.map(k => this.take(k, needs)));
      case "*": return A.product(t.kids.map(k => this.take(k, needs)), needs);
      case "^": return this.power(...t.kids, needs);
      case "exp": return A.exp(this.take(t.kids[0], needs), needs);
      case "log": return this.log(t.kids[0], needs);
      case "abs": return A.abs(this.take(t.kids[0], needs), needs);
      case "n": return this.take(this.T.opened(t), needs);
      case "int": case "sum": case "prod": {
        const { x, kids } = this.inside(t);
        const [lo, hi] = kids.slice(0, 2).map(k => this.take(k, needs));
        const own = new Map();
        const out = A.binder(t.op, x, lo, hi, this.take(kids[2], own), own);
        return this.leave(out, own, x, needs);
      }
      case "D": {
        const { x, kids } = this.inside(t);
        const own = new Map();
        const body = this.take(kids[1], own);
        return this.leave(A.of(A.bound("D", "", [x], [this.take(kids[0], needs), body])), own, x, needs);
      }
      default: return refuse("no number");
    }
  }

  // A binder opened with the name of its height: larger than all names inside, smaller than all around it.
  inside(binder, height = Math.max(...binder.kids.map(k => k.height))) {
    const v = this.T.v(`#${height}`, binder.sort);
    return { x: this.A.variable(v.data, v.sort), kids: this.T.enter(binder, v), v };
  }

  leave(out, own, x, needs) {
    for (const [id, need] of this.A.closed(own, x)) needs.set(id, need);
    return out;
  }

  // The factors of a written product are raised one by one: multiplied out, they are not found again.
  power(base, exponent, needs) {
    const { A } = this;
    const e = this.take(exponent, needs);
    if (base.op === "*" || base.op === "^") {
      const isWhole = whole(A, e);
      const parts = this.factors(base).map(([t, k]) => {
        if (isWhole || (k.whole && k.n % 2n === 0n) || !(this.sign(t) & NEG)) return [t, k];
        return null;
      });
      if (parts.every(Boolean)) {
        const out = parts.map(([t, k]) => {
          const p = this.take(t, needs);
          const ke = A.scale(e, k);
          if (isWhole) return A.pow(A.pow(p, A.constant(k), needs), e, needs);
          return A.pow(k.whole && k.n % 2n === 0n ? A.abs(p, needs) : p, ke, needs);
        });
        return A.product(out, needs);
      }
    }
    return A.pow(this.take(base, needs), e, needs);
  }

  // A product as [term, k]: term^k with k a literal, not 0.
  factors(t) {
    this.T.budget.spend();
    if (t.op === "*") return t.kids.flatMap(k => this.factors(k));
    if (t.op === "^" && t.kids[1].op === "q" && t.kids[1].data.sign) {
      const k = t.kids[1].data;
      if (k.whole) return this.factors(t.kids[0]).map(([u, j]) => (j.whole ? [u, j.mul(k)]
        : [this.T.app("^", u, this.T.q(j)), k]));
      return [[t, ONE]];
    }
    return [[t, ONE]];
  }

  log(t, needs) {
    const { A } = this;
    const parts = this.factors(t);
    if (parts.length > 1 && parts.every(([u]) => this.sign(u) === POS)) {
      return A.sum(parts.map(([u, k]) => A.scale(A.log(this.take(u, needs), needs, true), k)));
    }
    return A.log(this.take(t, needs), needs, this.sign(t) === POS);
  }

  // ---- signs of terms

  // By the shape of the term and by its normal form if that has no needs: a set, for all values of the variables.
  sign(term) {
    const t = term.bare;
    if (!this.shapes.has(t)) {
      this.T.budget.spend();
      this.shapes.set(t, ALL);
      let s = this.shape(t);
      if (s !== POS && s !== NEG) {
        const { poly, needs } = this.of(t);
        if (!needs.size) s &= signOf(this.A, poly);
      }
      this.shapes.set(t, s);
    }
    return this.shapes.get(t);
  }

  shape(t) {
    switch (t.op) {
      case "q": return t.data.sign > 0 ? POS : t.data.sign < 0 ? NEG : ZER;
      case "pi": case "exp": return POS;
      case "v": return ofSort(t.sort.kind);
      case "f": return ofSort(t.value.kind);
      case "+": return t.kids.map(k => this.sign(k)).reduce(plus);
      case "*": return t.kids.map(k => this.sign(k)).reduce(times);
      case "abs": return even(this.sign(t.kids[0]));
      case "n": return this.sign(this.T.opened(t));
      case "^": {
        const s = this.sign(t.kids[0]);
        const k = t.kids[1].op === "q" ? t.kids[1].data : null;
        if (s === POS) return POS;
        if (k?.whole) return k.n === 0n ? POS : k.n % 2n ? s : even(s);
        return s & NEG ? ALL : s | POS;
      }
      case "log": {
        const above = this.sign(this.T.sub(t.kids[0], this.T.one)); // log(1 + x), x >= 0
        return above & NEG && this.sign(t.kids[0]) !== POS ? ALL : above;
      }
      case "int": case "sum": case "prod": {
        const { kids } = this.inside(t);
        const s = this.sign(kids[2]);
        if (t.op === "prod") return ofProduct(s);
        if (finite(t) && (s === POS || s === NEG)) {
          const [lo, hi] = kids.map(k => this.of(k));
          if (!lo.needs.size && !hi.needs.size && inhabited(this.A, t.sort.kind, lo.poly, hi.poly)) return s;
        }
        return ofIntegral(s);
      }
      default: return ALL;
    }
  }

  // Whether the sign is within a set.
  signed(term, set) {
    return !(this.sign(term) & ~set);
  }

  // Whether a closed term belongs to a sort for all values of its variables.
  inSort(term, sort) {
    if (!sort.isNumber) return term.op === "v" && term.sort === sort;
    if (term.kind !== "number") return false;
    if (sort.kind === "int" || sort.kind === "nat") {
      const { poly, needs } = this.of(term);
      if (needs.size || !whole(this.A, poly)) return false;
    }
    return !["pos", "nat"].includes(sort.kind) || this.sign(term) === POS;
  }

  // ---- equality: { ok, needs }

  equal(a, b) {
    if (a.bare === b.bare) return { ok: true, needs: NO_NEEDS };
    if (a.kind !== "number" || b.kind !== "number") return { ok: false, needs: NO_NEEDS };
    const p = this.of(a);
    const q = this.of(b);
    const found = this.equalPolys(p.poly, q.poly);
    return { ok: found.ok, needs: join(p.needs, q.needs, found.needs) };
  }

  equalPolys(p, q) {
    if (p === q) return { ok: true, needs: NO_NEEDS };
    const { polys: [rest], needs } = this.cleared([this.A.sub(p, q)]);
    return { ok: rest === this.A.zero, needs };
  }

  // All of them multiplied by their composite denominators until none is left.
  cleared(polys) {
    const { A } = this;
    const needs = new Map();
    for (let turn = 0; turn < 30; turn += 1) {
      const lowest = new Map();
      A.budget.spend(polys.flatMap(p => p.terms).reduce((n, t) => n + t[0].factors.length, 0) >> 3);
      for (const [a, e] of polys.flatMap(p => p.terms).flatMap(t => t[0].factors)) {
        const c = a.kind === "poly" && e.terms[0]?.[0] === A.unit ? e.terms[0][1] : ZERO;
        if (c.sign < 0 && (lowest.get(a) ?? ZERO).sub(c).sign > 0) lowest.set(a, c);
      }
      if (!lowest.size) break;
      const [atom, least] = [...lowest].reduce((s, t) => (t[0].id > s[0].id ? t : s));
      if (!nonzero(A, A.of(atom))) A.need("!=", A.base(atom), needs);
      polys = polys.map(p => A.sum(p.terms.map(([m, c]) => {
        const old = m.factors.find(f => f[0] === atom)?.[1] ?? A.zero;
        const rest = A.poly([[A.mono(m.factors.filter(f => f[0] !== atom)), c]]);
        return A.mul(rest, A.raise(atom, A.sub(old, A.constant(least)), needs), needs);
      })));
    }
    return { polys, needs };
  }
}
