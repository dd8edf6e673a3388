// Propositions: their keys, when two are alike or equal up to algebra, and what follows from the sorts alone.
import { NO_NEEDS, join } from "./normal.mjs";
import { NEG, POS, ZER, nonzero } from "./signs.mjs";
import { RELATIONS, finite } from "./terms.mjs";

const SETS = { "=": ZER, ">=": ZER | POS, ">": POS, "!=": NEG | POS };
const FLIPPED = { "<=": ">=", "<": ">" };

// a relation as { op, a, b } with one of = >= > !=
export function sides(P) {
  if (!RELATIONS.has(P.op)) return null;
  const [a, b] = P.kids;
  return FLIPPED[P.op] ? { op: FLIPPED[P.op], a: b, b: a } : { op: P.op, a, b };
}

export class Propositions {
  constructor(normal) {
    Object.assign(this, { N: normal, T: normal.T, A: normal.A, memo: new Map(), sure: new Map() });
  }

  // { key, needs }: two propositions with the same key and without needs say the same.
  key(P) {
    const { bare } = P;
    if (!this.memo.has(bare)) {
      const needs = new Map();
      this.T.budget.spend();
      this.memo.set(bare, { key: this.compute(bare, needs), needs });
    }
    return this.memo.get(bare);
  }

  compute(P, needs) {
    const { A, N, T } = this;
    const rel = sides(P);
    if (rel) return A.relation(rel.op, A.sub(N.take(rel.a, needs), N.take(rel.b, needs)));
    switch (P.op) {
      case "all": case "ae": {
        const { x, kids } = N.inside(P);
        const [lo, hi] = kids.slice(0, 2).map(k => N.take(k, needs));
        const body = this.key(kids[2]);
        N.leave(null, body.needs, x, needs);
        return A.forAll(x, body.key, P.op, lo, hi);
      }
      case "conv": return this.integrand(P.kids[0], needs);
      case "dom": {
        const { x, kids } = N.inside(P);
        const own = new Map();
        const out = this.integrand(kids[0], own, [x]);
        return N.leave(out, own, x, needs);
      }
      case "joint": {
        const outer = N.inside(T.nested(P.kids[0]).outer);
        const middle = T.opened(outer.kids[2]);
        const inner = N.inside(middle);
        const own = new Map();
        const f = A.abs(N.take(inner.kids[2], own), own);
        const ends = [...outer.kids.slice(0, 2), ...inner.kids.slice(0, 2)].map(k => N.take(k, own));
        const kinds = `${T.nested(P.kids[0]).outer.op} ${middle.op}`;
        const key = A.of(A.bound("joint", kinds, [inner.x, outer.x], [...ends, f]));
        N.leave(null, A.closed(own, inner.x), outer.x, needs);
        return key;
      }
      case "inf": {
        const { x, kids } = N.inside(T.opened(P.kids[0]));
        const own = new Map();
        const body = N.take(kids[2], own);
        N.leave(null, own, x, needs);
        return A.of(A.bound("inf", "", [x], [N.take(kids[0], needs), body]));
      }
      default: { // slope
        const { x, kids } = N.inside(P);
        const own = new Map();
        const body = N.take(kids[1], own);
        N.leave(null, own, x, needs);
        return A.of(A.bound("slope", "", [x], [N.take(kids[0], needs), body, N.take(kids[2], needs)]));
      }
    }
  }

  // The key of `conv(c int f)`: the integrand, not the integral. Constant factors are left out if they are not 0.
  // Where the proposition speaks of all values of more variables, factors are free of these too.
  integrand(term, needs, more = []) {
    const { A, N } = this;
    const { rest, whole } = this.T.measured(term);
    const { x, kids } = N.inside(whole);
    const [lo, hi] = kids.slice(0, 2).map(k => N.take(k, needs));
    const own = new Map();
    let body = N.take(kids[2], own);
    const free = c => !more.some(y => this.mentions(c, y));
    this.T.budget.spend(rest.length);
    for (const c of rest) if (N.sign(c) & ZER || !free(c)) body = A.mul(N.take(c, own), body, own);
    const core = A.core(body, [x, ...more], own);
    for (const [id, need] of A.closed(own, x)) needs.set(id, need);
    return A.of(A.bound(more.length ? "dom" : "conv", whole.op, [x, ...more], [lo, hi, core]));
  }

  mentions(term, atom) {
    this.T.budget.spend(term.free.size >> 3);
    return [...term.free].some(v => this.A.variable(v.data, v.sort) === atom);
  }

  alike(P, Q) {
    if (P.bare === Q.bare) return true;
    if ((sides(P)?.op ?? P.op) !== (sides(Q)?.op ?? Q.op)) return false;
    const p = this.key(P);
    const q = this.key(Q);
    return !p.needs.size && !q.needs.size && p.key === q.key;
  }

  // Alike, or relations of equal sides: { ok, needs }.
  same(P, Q) {
    if (this.alike(P, Q)) return { ok: true, needs: NO_NEEDS };
    const [p, q] = [sides(P), sides(Q)];
    const all = parts => ({ ok: parts.every(r => r.ok), needs: join(...parts.map(r => r.needs)) });
    const no = { ok: false, needs: NO_NEEDS };
    return p && q && p.op === q.op ? all([this.N.equal(p.a, q.a), this.N.equal(p.b, q.b)]) : no;
  }

  // True for all values of its variables, by the judge of signs and nothing else.
  follows(P) {
    const { bare } = P;
    if (!this.sure.has(bare)) this.sure.set(bare, this.decide(bare));
    return this.sure.get(bare);
  }

  decide(P) {
    const rel = sides(P);
    if (rel) return !(this.N.sign(this.T.sub(rel.a, rel.b)) & ~SETS[rel.op]);
    if (P.op === "all" || P.op === "ae") return this.follows(this.N.inside(P).kids[2]);
    if (P.op !== "conv") return false;
    const { whole } = this.T.measured(P.kids[0]);
    if (finite(whole)) return true;
    const { poly, needs } = this.N.of(this.N.inside(whole).kids[2]);
    return !needs.size && poly === this.A.zero;
  }

}

// The hypotheses of one node, as a set in which propositions and needs are looked up.
export class Hypotheses {
  constructor(props, list) {
    props.T.budget.spend(list.length >> 3);
    Object.assign(this, { P: props, list, bare: new Set(list.map(h => h.bare)), keys: null });
  }

  keyed() {
    if (!this.keys) {
      this.keys = new Set();
      this.P.T.budget.spend(this.list.length);
      for (const h of this.list) {
        const { key, needs } = this.P.key(h);
        if (!needs.size) this.keys.add(key);
      }
    }
    return this.keys;
  }

  has(prop) {
    this.P.T.budget.spend();
    if (this.bare.has(prop.bare) || this.P.follows(prop)) return true;
    const { key, needs } = this.P.key(prop);
    if (!needs.size && this.keyed().has(key)) return true;
    if (prop.op !== "conv") return false;
    this.P.T.budget.spend(this.list.length);
    return this.list.some(h => h.op === "conv" && this.scaled(prop, h));
  }

  // conv(c int f) from conv(c' int g) with f = k g, denominators cleared
  scaled(prop, known) {
    const { A, N, T } = this.P;
    const needs = new Map();
    const ranges = [prop, known].map(p => T.measured(p.kids[0]).whole);
    if (ranges[0].op !== ranges[1].op || ranges[0].sort !== ranges[1].sort) return false;
    const height = Math.max(...ranges.map(r => r.height));
    const x = T.v(`#${height}`, ranges[0].sort);
    const atom = A.variable(x.data, x.sort);
    const ends = ranges.map(r => r.kids.slice(0, 2).map(k => N.take(k, needs)));
    if (ends[0].some((end, i) => end !== ends[1][i])) return false;
    const bodies = [prop, known].map((p, i) => {
      const { rest } = T.measured(p.kids[0]);
      const body = N.take(T.enter(ranges[i], x)[2], needs);
      T.budget.spend(rest.length);
      return rest.reduce((b, c) => (N.sign(c) & ZER ? A.mul(N.take(c, needs), b, needs) : b), body);
    });
    const cleared = N.cleared(bodies);
    if (needs.size || cleared.needs.size) return false;
    // with u, v the coefficients of one moving monomial in f and g: f = (u / v) g if v f = u g
    const [f, g] = cleared.polys;
    const [us, vs] = [f, g].map(p => A.split(p, [atom], needs));
    const shared = [...us.keys()].find(m => vs.has(m) && nonzero(A, us.get(m)) && nonzero(A, vs.get(m)));
    if (!shared || us.size !== vs.size) return false;
    const equal = A.mul(vs.get(shared), f, needs) === A.mul(us.get(shared), g, needs);
    return !needs.size && equal;
  }

  // Needs with variables that a rule opened are meant for all values of these.
  want(needs) {
    return [...needs.values()].find(key => !this.keyed().has(this.closed(key)));
  }

  closed(key) {
    const { A } = this.P;
    const opened = [...key.free].map(id => A.reserved.get(id)).sort((a, b) => b.serial - a.serial);
    return opened.reduce((k, x) => A.forAll(x, k), key);
  }
}
