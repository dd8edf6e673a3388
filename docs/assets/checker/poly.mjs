// Polynomials in atoms, interned: sums of (rational) * (atoms to exponents), an exponent being a polynomial again.
// Whatever
// holds only under a condition adds it to the map `needs` that the caller hands in.
import { HALF, MINUS, ONE, Q, ZERO, refuse } from "./rational.mjs";
import { NEG, POS, ZER, atLeast0, nonzero, positive, signOf, whole } from "./signs.mjs";
import { RELATIONS, reserved } from "./terms.mjs";

const NOTHING = Object.freeze(new Set());
const MAX_TERMS = 3000;
const MAX_EXPAND = 60n;
const SPECIAL = new Set(["prime", "poly", "abs", "minus1"]);

const union = parts => {
  let all = NOTHING;
  for (const { free } of parts) {
    if (!all.size) all = free;
    else if (free.size && ![...free].every(x => all.has(x))) all = new Set([...all, ...free]);
  }
  return all;
};

const tallest = parts => parts.reduce((h, p) => Math.max(h, p.height), 0);

export class Algebra {
  constructor(budget) {
    Object.assign(this, { budget, atoms: new Map(), monos: new Map(), polys: new Map(), products: new Map(),
      reserved: new Map() });
    this.unit = this.mono([]);
    this.zero = this.poly([]);
    this.one = this.constant(ONE);
    this.e = this.atom("e");
    this.pi = this.atom("pi");
    this.minus1 = this.atom("minus1");
  }

  // ---- making. xs: the variables that an atom binds; free: the reserved variables in it

  atom(kind, tag = "", kids = [], xs = [], sort = null) {
    const key = `${kind};${tag};${kids.map(k => k.id)};${xs.map(x => x.id)}`;
    if (!this.atoms.has(key)) {
      let free = union(kids);
      if (xs.some(x => free.has(x.id))) free = new Set([...free].filter(id => xs.every(x => x.id !== id)));
      const height = tallest(kids) + xs.length;
      this.atoms.set(key, { id: this.atoms.size, kind, tag, kids, xs, sort, free, height, sign: null });
    }
    return this.atoms.get(key);
  }

  variable(name, sort) {
    const atom = this.atom("v", `${JSON.stringify(name)}:${sort.key}`, [], [], sort);
    if (reserved(name) && !atom.free.size) {
      atom.free = new Set([atom.id]);
      atom.serial = Number(name.slice(1));
      this.reserved.set(atom.id, atom);
    }
    return atom;
  }

  mono(factors) {
    const key = factors.map(([a, e]) => `${a.id}^${e.id}`).join();
    if (!this.monos.has(key)) {
      this.budget.spend();
      const parts = factors.flat();
      this.monos.set(key, { id: this.monos.size, factors, free: union(parts), height: tallest(parts) });
    }
    return this.monos.get(key);
  }

  poly(terms) {
    const key = terms.map(([m, c]) => `${m.id}*${c}`).join();
    if (!this.polys.has(key)) {
      if (terms.length > MAX_TERMS) refuse("a sum that is too long");
      this.budget.spend(1 + terms.length);
      const monos = terms.map(t => t[0]);
      this.polys.set(key, { id: this.polys.size, terms, free: union(monos), height: tallest(monos), sign: null,
        whole: null, parts: null });
    }
    return this.polys.get(key);
  }

  collect(map) {
    return this.poly([...map].filter(t => t[1].n !== 0n).sort((s, t) => s[0].id - t[0].id));
  }

  constant(c) {
    return this.poly(c.n === 0n ? [] : [[this.unit, c]]);
  }

  int(n) {
    return this.constant(new Q(BigInt(n)));
  }

  of(atom, exponent = this.one) {
    return this.poly([[this.mono([[atom, exponent]]), ONE]]);
  }

  // The rational that a polynomial is, or null.
  number(p) {
    if (!p.terms.length) return ZERO;
    return p.terms.length === 1 && p.terms[0][0] === this.unit ? p.terms[0][1] : null;
  }

  // ---- sums and products

  sum(polys) {
    const map = new Map();
    for (const p of polys) {
      this.budget.spend(p.terms.length);
      for (const [m, c] of p.terms) map.set(m, map.get(m)?.add(c) ?? c);
    }
    return this.collect(map);
  }

  add(p, q) {
    return p.terms.length ? (q.terms.length ? this.sum([p, q]) : p) : q;
  }

  scale(p, c) {
    return c.is(1) ? p : c.n === 0n ? this.zero : this.poly(p.terms.map(([m, k]) => [m, k.mul(c)]));
  }

  sub(p, q) {
    return p === q ? this.zero : this.add(p, this.scale(q, MINUS));
  }

  mul(p, q, needs) {
    const c = this.number(p);
    if (c) return this.scale(q, c);
    const d = this.number(q);
    if (d) return this.scale(p, d);
    const map = new Map();
    this.budget.spend(p.terms.length * q.terms.length);
    for (const [m, a] of p.terms) {
      for (const [n, b] of q.terms) {
        const ab = a.mul(b);
        const { terms } = this.times(m, n, needs);
        this.budget.spend(terms.length >> 1);
        for (const [o, k] of terms) map.set(o, map.get(o)?.add(k.mul(ab)) ?? k.mul(ab));
        if (map.size > MAX_TERMS) refuse("a sum that is too long");
      }
    }
    return this.collect(map);
  }

  product(polys, needs) {
    return polys.reduce((p, q) => this.mul(p, q, needs), this.one);
  }

  // Two monomials: exponents add.
  times(m, n, needs) {
    const key = m.id < n.id ? m.id * 2 ** 26 + n.id : n.id * 2 ** 26 + m.id;
    let found = this.products.get(key);
    if (!found) {
      this.budget.spend(1 + m.factors.length + n.factors.length);
      found = { needs: new Map() };
      found.poly = this.merge(m.factors, n.factors, found.needs);
      this.products.set(key, found);
    }
    this.budget.spend(found.needs.size);
    for (const [id, need] of found.needs) needs.set(id, need);
    return found.poly;
  }

  merge(f, g, needs) {
    const plain = [];
    const special = [];
    for (let i = 0, j = 0; i < f.length || j < g.length;) {
      if (j === g.length || (i < f.length && f[i][0].id < g[j][0].id)) plain.push(f[i++]);
      else if (i === f.length || g[j][0].id < f[i][0].id) plain.push(g[j++]);
      else {
        const [atom, a] = f[i++];
        const b = g[j++][1];
        const e = this.add(a, b);
        if (!nonzero(this, this.of(atom)) && !this.sameSide(a, b)) this.need("!=", this.base(atom), needs);
        if (e !== this.zero) (SPECIAL.has(atom.kind) ? special : plain).push([atom, e]);
      }
    }
    const rest = this.poly([[this.mono(plain), ONE]]);
    return special.reduce((p, [atom, e]) => this.mul(p, this.raise(atom, e, needs), needs), rest);
  }

  // Exponents whose sum is 0 only if both are.
  sameSide(a, b) {
    return (atLeast0(this, a) && atLeast0(this, b))
      || (atLeast0(this, this.scale(a, MINUS)) && atLeast0(this, this.scale(b, MINUS)));
  }

  // ---- powers. An atom of unknown sign carries whole exponents only, one that is >= 0 or > 0 carries any.

  raise(atom, e, needs) {
    const c = this.number(e);
    if (c?.n === 0n) return this.one;
    const constant = e.terms.length && e.terms[0][0] === this.unit ? e.terms[0][1] : ZERO;
    const k = constant.floor();
    if (atom.kind === "prime" && k) {
      return this.scale(this.raise(atom, this.sub(e, this.int(k)), needs), new Q(BigInt(atom.tag)).pow(k));
    }
    if (atom.kind === "minus1") {
      const odd = this.poly(e.terms.map(([m, q]) => [m, q.n % 2n ? ONE : ZERO]).filter(t => t[1] === ONE));
      return odd === this.one ? this.int(-1) : odd === this.zero ? this.one : this.of(atom, odd);
    }
    if (atom.kind === "poly" && k > 0n && k <= MAX_EXPAND && c) {
      const rest = this.sub(e, this.int(k));
      const high = this.expand(atom.kids[0], k, needs);
      return rest === this.zero ? high : this.mul(high, this.of(atom, rest), needs);
    }
    if (atom.kind === "abs" && whole(this, this.scale(e, HALF))) return this.pow(atom.kids[0], e, needs);
    return this.of(atom, e);
  }

  expand(p, k, needs) {
    if (k > MAX_EXPAND || p.terms.length ** Math.min(Number(k), 12) > 20 * MAX_TERMS) {
      refuse("a power that is too large");
    }
    let out = this.one;
    for (let i = 0n; i < k; i += 1n) out = this.mul(out, p, needs);
    return out;
  }

  // c^e for a rational c > 0, by primes; what trial division leaves is an atom too.
  root(c, e, needs) {
    const k = this.number(e);
    if (k?.whole) return this.constant(c.pow(k.n));
    const parts = [];
    for (const [part, sign] of [[c.n, ONE], [c.d, MINUS]]) {
      for (const [p, times] of primes(part, this.budget)) {
        parts.push(this.raise(this.atom("prime", `${p}`), this.scale(e, sign.mul(new Q(times))), needs));
      }
    }
    return this.product(parts, needs);
  }

  pow(p, e, needs) {
    const k = this.number(e);
    if (k?.n === 0n || p === this.one) return this.one;
    if (k?.is(1)) return p;
    if (p === this.zero) return nonzero(this, e) ? this.zero : this.of(this.atom("pow", "", [p, e]));
    const isWhole = whole(this, e);
    if (p.terms.length === 1) {
      const [[m, c]] = p.terms;
      return (isWhole ? this.wholeMono(m, c, e, needs) : this.realMono(m, c, e, needs))
        ?? this.of(this.atom("pow", "", [p, e]));
    }
    if (k?.whole && k.n > 0n) return this.expand(p, k.n, needs);
    const { c, m, q } = this.primitive(p, needs);
    const outer = isWhole ? this.wholeMono(m, c, e, needs)
      : atLeast0(this, q) ? this.realMono(m, c, e, needs) : null;
    if (!outer) return this.of(this.atom("pow", "", [p, e]));
    return this.mul(outer, q.terms.length > 1 ? this.raise(this.atom("poly", "", [q]), e, needs)
      : this.pow(q, e, needs), needs);
  }

  wholeMono(m, c, e, needs) {
    const out = [this.root(c.abs(), e, needs)];
    if (c.sign < 0) out.push(this.raise(this.minus1, e, needs));
    for (const [a, x] of m.factors) out.push(this.raise(a, this.mul(x, e, needs), needs));
    return this.product(out, needs);
  }

  realMono(m, c, e, needs) {
    if (c.sign < 0) return null;
    const out = [this.root(c, e, needs)];
    for (const [a, x] of m.factors) {
      const xe = this.mul(x, e, needs);
      if (!atLeast0(this, this.of(a))) return null;
      out.push(this.raise(a, xe, needs));
    }
    return this.product(out, needs);
  }

  // p = c * m * q: q has whole coefficients without common factor, and no common monomial; q > 0 if its sign is known.
  primitive(p, needs) {
    if (!p.parts) {
      const own = new Map();
      let q = p;
      let m = this.one;
      for (let turn = 0; turn < 4 && q.terms.length > 1; turn += 1) {
        const common = this.common(q);
        if (!common.length) break;
        const mono = this.poly([[this.mono(common), ONE]]);
        m = this.mul(m, mono, own);
        q = this.sum(q.terms.map(([n, c]) => this.scale(this.divide(n, common, own), c)));
      }
      let c = q.terms.reduce((g, t) => g.gcd(t[1]), ZERO);
      const sign = signOf(this, q);
      if (sign === NEG || sign === (NEG | ZER)
        || (sign & NEG && sign & POS && q.terms.at(-1)?.[1].sign < 0)) c = c.neg();
      if (!c.n) c = ONE; // the parts of p cancel
      q = this.scale(q, c.inv());
      const [[mono, k]] = m.terms;
      p.parts = { c: c.mul(k), m: mono, q, needs: own };
    }
    for (const [id, need] of p.parts.needs) needs.set(id, need);
    return p.parts;
  }

  // The factors that all terms share. What may be 0 is shared only if it stands in every term, with one sign.
  common(p) {
    const out = [];
    this.budget.spend(p.terms.reduce((n, t) => n + t[0].factors.length, 0) >> 3);
    const maps = p.terms.map(t => new Map(t[0].factors));
    const seen = new Map();
    for (const map of maps) for (const atom of map.keys()) seen.set(atom, (seen.get(atom) ?? 0) + 1);
    for (const atom of [...seen.keys()].sort((a, b) => a.id - b.id)) {
      if (seen.get(atom) < maps.length && !nonzero(this, this.of(atom))) continue;
      this.budget.spend(maps.length >> 2);
      const exponents = maps.map(map => map.get(atom) ?? this.zero);
      const numbers = exponents.map(e => this.number(e));
      const fixed = numbers.every(n => n?.sign > 0) || numbers.every(n => n?.sign < 0);
      if (!fixed && !nonzero(this, this.of(atom))) continue;
      const least = exponents.reduce((a, b) => (this.below(b, a) ? b : a));
      if (least !== this.zero) out.push([atom, least]);
    }
    return out;
  }

  // A total order of exponents that adding does not change.
  below(a, b) {
    return this.sub(a, b).terms.at(-1)?.[1].sign < 0;
  }

  divide(mono, common, needs) {
    const left = new Map(mono.factors);
    for (const [atom, e] of common) left.set(atom, this.sub(left.get(atom) ?? this.zero, e));
    return this.product([...left].map(([atom, e]) => this.raise(atom, e, needs)), needs);
  }

  // ---- functions

  exp(p, needs) {
    const rest = new Map();
    const out = [];
    for (const [m, c] of p.terms) {
      const logs = m.factors.filter(([a, e]) => a.kind === "log" && e === this.one);
      if (logs.length === 1 && positive(this, logs[0][0].kids[0])) {
        const others = this.poly([[this.mono(m.factors.filter(f => f !== logs[0])), c]]);
        out.push(this.pow(logs[0][0].kids[0], others, needs));
      } else rest.set(m, c);
    }
    const e = this.collect(rest);
    return this.product(e === this.zero ? out : [this.of(this.e, e), ...out], needs);
  }

  // known: p > 0 is known to the caller
  log(p, needs, known = false) {
    const opaque = this.of(this.atom("log", "", [p]));
    if (!p.terms.length || (!known && !positive(this, p))) return opaque;
    let { c, m, q } = p.terms.length > 1 ? this.primitive(p, needs)
      : { c: p.terms[0][1], m: p.terms[0][0], q: this.one };
    if (c.sign < 0) [c, q] = [c.neg(), this.scale(q, MINUS)];
    if (!m.factors.every(([a]) => positive(this, this.of(a))) || (q !== this.one && this.number(q))) return opaque;
    const out = m.factors.map(([a, e]) => this.mul(e, this.logAtom(a), needs));
    if (q !== this.one) out.push(this.of(this.atom("log", "", [q])));
    for (const [part, sign] of [[c.n, ONE], [c.d, MINUS]]) {
      for (const [p, k] of primes(part, this.budget)) {
        out.push(this.scale(this.logAtom(this.atom("prime", `${p}`)), sign.mul(new Q(k))));
      }
    }
    return this.sum(out);
  }

  logAtom(a) {
    if (a === this.e) return this.one;
    return this.of(this.atom("log", "",
      [a.kind === "prime" ? this.int(a.tag) : a.kind === "poly" ? a.kids[0] : this.of(a)]));
  }

  abs(p, needs) {
    if (atLeast0(this, p)) return p;
    if (atLeast0(this, this.scale(p, MINUS))) return this.scale(p, MINUS);
    if (p.terms.length > 1) {
      const { c, m, q } = this.primitive(p, needs);
      const outer = this.abs(this.poly([[m, c]]), needs);
      if (q.terms.length === 1) return this.mul(outer, this.abs(q, needs), needs);
      return this.mul(outer, atLeast0(this, q) ? q : this.of(this.atom("abs", "", [q])), needs);
    }
    const [[m, c]] = p.terms;
    const out = m.factors.map(([a, e]) => {
      if (atLeast0(this, this.of(a))) return this.of(a, e);
      if (a === this.minus1) return this.one;
      const k = a.kind === "poly" ? a.kids[0] : this.of(a);
      return this.raise(this.atom("abs", "", [k]), e, needs);
    });
    return this.product([this.constant(c.abs()), ...out], needs);
  }

  // ---- binders

  // Variables renamed by height: larger than all names bound inside. { xs, kids }
  named(xs, kids) {
    const height = tallest(kids);
    const names = xs.map((x, i) => this.variable(`#${height + i}`, x.sort));
    names.forEach((name, i) => {
      if (name === xs[i]) return;
      if (kids.some(kid => kid.free.has(name.id))) refuse("a bound name that is taken");
      kids = kids.map(kid => this.rename(kid, xs[i], this.of(name)));
    });
    if (tallest(kids) !== height) refuse("a normal form that is not stable");
    return { xs: names, kids };
  }

  // An atom that binds xs. What is up to a factor is scaled after the renaming, which may change the order of
  // monomials.
  bound(kind, tag, xs, kids) {
    ({ xs, kids } = this.named(xs, kids));
    if (kind === "conv" || kind === "dom") kids = [...kids.slice(0, 2),
      this.stable(needs => this.core(kids[2], xs, needs))];
    return this.atom(kind, `${tag}:${xs.map(x => x.sort.key)}`, kids, xs);
  }

  // f up to constant factors that are not 0
  core(f, xs, needs) {
    return this.pulled(this.split(f, xs, needs), needs, p => nonzero(this, p)).rest;
  }

  // int, sum, prod of body over x: what does not move is pulled out.
  binder(kind, x, lo, hi, body, needs) {
    const make = (y, b) => this.of(this.atom(kind, `:${y.sort.key}`, [lo, hi, b], [y]));
    if (kind === "prod") {
      const { xs: [y], kids } = this.named([x], [lo, hi, body]);
      return body === this.one ? this.one : make(y, kids[2]);
    }
    const groups = this.split(body, [x], needs);
    const parts = kind === "sum" && ![this.end("-oo"), this.end("oo")].some(end => end === lo || end === hi)
      ? [...groups].map(([inner, outer]) => ({ outer, rest: this.poly([[inner, ONE]]) }))
        : [this.pulled(groups, needs)];
    return this.sum(parts.filter(p => p.rest !== this.zero).map(({ outer, rest }) => {
      const { xs: [y], kids } = this.named([x], [lo, hi, rest]);
      const again = y === x ? { outer: this.one, rest }
        : this.stable(own => this.pulled(this.split(kids[2], [y], own), own));
      return this.product([outer, again.outer, make(y, again.rest)], needs);
    }));
  }

  stable(run) {
    const needs = new Map();
    const out = run(needs);
    return needs.size ? refuse("a normal form that is not stable") : out;
  }

  // body = outer * rest with outer free of the variables; only what may is pulled out
  pulled(groups, needs, may = () => true) {
    if (!groups.size) return { outer: this.one, rest: this.zero };
    const list = [...groups].sort((s, t) => s[0].id - t[0].id);
    this.budget.spend(list.reduce((n, [, outer]) => n + outer.terms.length, 0));
    // proportional coefficients
    const ratios = list.map(([, outer]) => this.ratio(outer, list[0][1]));
    if (ratios.every(Boolean) && may(list[0][1])) {
      const c = ratios.reduce((g, r) => g.gcd(r), ZERO).mul(new Q(BigInt(ratios.at(-1).sign)));
      return { outer: this.scale(list[0][1], c),
        rest: this.poly(list.map(([inner], i) => [inner, ratios[i].mul(c.inv())])) };
    }
    // the common monomial of all of them
    const all = this.poly([...new Map(list.flatMap(([, outer]) => outer.terms).reverse())]
      .sort((s, t) => s[0].id - t[0].id));
    const common = this.common(all).filter(([atom]) => may(this.of(atom)));
    const body = this.sum(list.map(([inner, outer]) => this.mul(
      this.sum(outer.terms.map(([n, c]) => this.scale(this.divide(n, common, needs), c))),
      this.poly([[inner, ONE]]), needs,
    )));
    let c = body.terms.reduce((g, t) => g.gcd(t[1]), ZERO);
    if (!c.n) return { outer: this.one, rest: this.zero };
    if (body.terms.at(-1)[1].sign < 0) c = c.neg();
    return { outer: this.poly([[this.mono(common), c]]), rest: this.scale(body, c.inv()) };
  }

  ratio(p, q) {
    if (p.terms.length !== q.terms.length || !p.terms.every((t, i) => t[0] === q.terms[i][0])) return null;
    const r = p.terms[0][1].mul(q.terms[0][1].inv());
    return p.terms.every((t, i) => t[1].eq(q.terms[i][1].mul(r))) ? r : null;
  }

  // A sum by what moves with the variables: moving monomial -> polynomial free of them.
  split(body, xs, needs) {
    const moves = ({ free }) => xs.some(x => free.has(x.id));
    const groups = new Map();
    for (const [m, c] of body.terms) {
      this.budget.spend(1 + (m.factors.length >> 3));
      let outer = this.constant(c);
      const inner = [];
      for (const [a, e] of m.factors) {
        if (moves(a)) inner.push([a, e]);
        else if (!moves(e)) outer = this.mul(outer, this.of(a, e), needs);
        else if (positive(this, this.of(a))) {
          const still = this.poly(e.terms.filter(t => !moves(t[0])));
          outer = this.mul(outer, this.raise(a, still, needs), needs);
          inner.push([a, this.sub(e, still)]);
        } else inner.push([a, e]);
      }
      const mono = this.mono(inner);
      groups.set(mono, groups.has(mono) ? this.add(groups.get(mono), outer) : outer);
    }
    for (const [mono, outer] of groups) if (outer === this.zero) groups.delete(mono);
    return groups;
  }

  // p with a polynomial in the place of a variable, in normal form again.
  replace(p, x, by, needs, memo = new Map()) {
    if (!p.free.has(x.id)) return p;
    if (memo.has(p)) return memo.get(p);
    const out = this.sum(p.terms.map(([m, c]) => this.scale(this.product(m.factors.map(([a, e]) => {
      const exponent = this.replace(e, x, by, needs, memo);
      if (a === this.e) return this.exp(exponent, needs);
      return this.pow(a.free.has(x.id) ? this.replaceAtom(a, x, by, needs, memo) : this.of(a), exponent, needs);
    }), needs), c)));
    memo.set(p, out);
    return out;
  }

  replaceAtom(a, x, by, needs, memo) {
    if (a === x) return by;
    if (a.xs.some(y => by.free.has(y.id))) refuse("a bound name that is taken");
    const kids = a.kids.map(kid => this.replace(kid, x, by, needs, memo));
    if (RELATIONS.has(a.kind)) return this.relation(a.kind, kids[0]);
    if (a.kind === "poly") return kids[0];
    if (a.kind === "log") return this.log(kids[0], needs);
    if (a.kind === "abs") return this.abs(kids[0], needs);
    if (a.kind === "pow") return this.pow(kids[0], kids[1], needs);
    if (a.kind === "int" || a.kind === "sum" || a.kind === "prod") return this.binder(a.kind, a.xs[0], ...kids, needs);
    if (a.xs.length) return this.of(this.bound(a.kind, a.tag.slice(0, a.tag.indexOf(":")), a.xs, kids));
    return this.of(this.atom(a.kind, a.tag, kids, [], a.sort));
  }

  rename(p, x, by) {
    return this.stable(needs => this.replace(p, x, by, needs));
  }

  // ---- needs

  // What must not be 0 for an atom not to be 0.
  base(atom) {
    return atom.kind === "poly" || atom.kind === "abs" ? atom.kids[0] : this.of(atom);
  }

  need(relation, p, needs) {
    const key = this.relation(relation, p);
    needs.set(key.id, key);
  }

  // Needs under "for all x" of its sort, where they mention x.
  closed(needs, x) {
    const out = new Map();
    for (const need of needs.values()) {
      const key = need.free.has(x.id) ? this.forAll(x, need) : need;
      out.set(key.id, key);
    }
    return out;
  }

  forAll(x, key, kind = "all", lo = this.end("-oo"), hi = this.end("oo")) {
    return this.of(this.bound(kind, "", [x], [lo, hi, key]));
  }

  end(name) {
    return this.of(this.atom("end", name));
  }

  // The key of `p relation 0`, for = != >= >; a rational factor makes no difference, for >= and > if it is positive.
  relation(relation, p) {
    let c = p.terms.reduce((g, t) => g.gcd(t[1]), ZERO);
    if ((relation === "=" || relation === "!=") && p.terms.at(-1)?.[1].sign < 0) c = c.neg();
    return this.of(this.atom(relation, "", [c.n ? this.scale(p, c.inv()) : p]));
  }
}

// n > 0 as [prime, times]; a factor without small primes is taken for one.
function primes(n, budget) {
  const out = [];
  budget.spend(8 + (n.toString(16).length >> 1));
  for (let p = 2n; p < 1000n && p * p <= n; p += p === 2n ? 1n : 2n) {
    let times = 0n;
    for (; n % p === 0n; times += 1n) n /= p;
    if (times) out.push([p, times]);
  }
  if (n > 1n) out.push([n, 1n]);
  return out;
}
