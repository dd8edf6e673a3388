// Terms and propositions: locally nameless, interned, and sort-checked as they are made, whoever makes them.
import { Q, refuse } from "./rational.mjs";
import { expand } from "./templates.mjs";

export const MAX_DEPTH = 400;
const MAX_FREE = 200;
const MAX_MEMBERS = 5000000; // of all sets of free variables that are kept
const MAX_TERMS = 1000000;
const MAX_WEIGHT = 10000000;

const PRESENT = 1; // what a dangling index must be: nothing in particular, a number, a point of R^d
const NUMBER = 2;
const SPACE = 4;

export const RELATIONS = new Set(["=", ">=", ">", "<=", "<", "!="]);
const MEASURES = new Set(["real", "pos", "@", "^"]);
const COUNTS = new Set(["int", "nat"]);
const LINES = new Set(["real", "pos"]);
const NUMBERS = new Set(["real", "pos", "int", "nat"]);

export const reserved = name => /^[#!?%]/.test(name);

class Sort {
  constructor(kind, key, dim) {
    this.kind = kind;
    this.key = key;
    this.dim = dim; // of R^d: d, a literal or a variable of sort nat
    this.isNumber = NUMBERS.has(kind);
  }
}

const NONE = Object.freeze([]);
const NOBODY = Object.freeze(new Set());

// op, data (a name or number), sorts and hints of what it binds, kids; kid i stands under sorts[off[i]..], index 0
// first.
class Term {
  constructor(id, op, data, sorts, hints, kids, off) {
    Object.assign(this, { id, op, data, sorts, hints, kids, off });
    this.kind = "number";
    this.value = null; // of an abstract function: the sort of its values
    this.free = NOBODY; // variables
    this.loose = NONE; // for each dangling index what it must be
    this.depth = 0;
    this.height = 0; // binders, nested; one counts for all of its kids, as in normal forms, so that its name is not one of theirs
    this.hasD = false;
    this.heads = NOBODY; // of notations in it
    this.unfolded = null; // once asked: with its template opened
    this.shape = null; // once asked: as a product
    this.bare = this; // the same without hints: identity of terms
  }

  get sort() {
    return this.sorts[0];
  }
}

// The roles of kids; what is not listed is a number.
const lastIs = role => kids => kids.map((_, i) => (i < kids.length - 1 ? ["lo", "hi"][i] : role));
const ROLES = {
  f: kids => kids.map(() => "argument"),
  at: () => ["space", "number"],
  int: lastIs("number"), sum: lastIs("number"), prod: lastIs("number"),
  all: lastIs("proposition"), ae: lastIs("proposition"),
  n: (kids, ranges) => kids.map((_, i) => (i < 2 * ranges ? ["lo", "hi"][i % 2] : "number")),
};

const BINDS = { int: MEASURES, sum: COUNTS, prod: COUNTS, D: LINES, slope: LINES, dom: LINES };
const PROPOSITIONS = new Set([...RELATIONS, "conv", "joint", "inf", "dom", "slope", "all", "ae"]);
const KINDS = { "oo": "end", "-oo": "end", b: "index" };

export class Terms {
  constructor(budget) {
    this.budget = budget;
    this.table = new Map();
    this.sorts = new Map();
    this.weight = 0;
    this.members = 0;
    this.made = 0;
    for (const kind of NUMBERS) this.sorts.set(kind, new Sort(kind, kind));
    this.top = this.make("oo");
    this.bottom = this.make("-oo");
    this.zero = this.q(0);
    this.one = this.q(1);
  }

  number(kind) {
    return this.sorts.get(kind);
  }

  space(name) {
    return this.keepSort("@", `@${JSON.stringify(name)}`);
  }

  // R^d; d is a whole literal of at least 1 or a free variable of sort nat.
  power(dim) {
    const literal = dim.op === "q" && dim.data.whole && dim.data.sign > 0;
    if (!literal && !(dim.op === "v" && dim.sort.kind === "nat")) {
      refuse("a dimension is a literal or a variable of sort nat");
    }
    return this.keepSort("^", `^${dim.bare.id}`, dim.bare);
  }

  keepSort(kind, key, dim) {
    if (!this.sorts.has(key)) this.sorts.set(key, new Sort(kind, key, dim));
    return this.sorts.get(key);
  }

  // The one place where terms come from.
  make(op, data = "", sorts = NONE, hints = NONE, kids = NONE, off = NONE) {
    if (kids.length > 7) this.budget.spend(kids.length >> 3);
    const shown = op === "q" ? `${data}` : JSON.stringify(data);
    const key = `${op};${kids.map(k => k.id)};${shown};${sorts.map(s => s.key)};${JSON.stringify(hints)};${off}`;
    const known = this.table.get(key);
    if (known) return known;
    this.budget.spend();
    if (this.table.size > MAX_TERMS) refuse("too many terms");
    this.made += 1; // not the size of the table: making one term may make others
    const term = new Term(this.made, op, data, sorts, hints, kids, off);
    this.inspect(term);
    if (hints.some(h => h !== "") || kids.some(k => k.bare !== k)) {
      term.bare = this.make(op, data, sorts, hints.map(() => ""), kids.map(k => k.bare), off);
    }
    this.table.set(key, term);
    return term;
  }

  inspect(term) {
    const { op, sorts, kids } = term;
    term.kind = PROPOSITIONS.has(op) ? "proposition" : KINDS[op] ?? "number";
    if (op === "v" && !term.sort.isNumber) term.kind = "point";
    if (op === "f") [term.value] = sorts;
    if (BINDS[op] && !BINDS[op].has(term.sort.kind)) refuse(`${op} over a variable of sort ${term.sort.key}`);
    if (op === "f" ? !kids.length || !term.value.isNumber : (op === "+" || op === "*") && kids.length < 2) {
      refuse("too few arguments");
    }
    const bound = op === "f" || op === "v" ? NONE : sorts;
    const roles = ROLES[op]?.(kids, sorts.length);
    kids.forEach((kid, i) => this.fits(kid, roles?.[i] ?? "number", bound[Math.floor(i / 2)]));
    this.gather(term, bound, roles);
    if (op === "int" && kids[2].hasD) refuse("a derivative below an integral");
    if (op === "n") expand(this, term); // checks the number of arguments, and what the template makes of them
    if (op === "prod" && kids.slice(0, 2).some(k => k.kind === "end")) refuse("a product over an infinite range");
    if (op === "conv") this.measured(kids[0]);
    if (op === "dom") this.measured(kids[0]);
    if (op === "joint") this.nested(kids[0]);
    if (op === "inf") {
      const sum = this.opened(kids[0]);
      if (sum.op !== "sum" || sum.kids[0].kind === "end" || sum.kids[1].kind !== "end") {
        refuse("inf of no infinite sum from a number upwards");
      }
    }
  }

  fits(kid, role, sort) {
    const fine = {
      number: kid.kind === "number" || kid.kind === "index",
      argument: kid.kind === "number" || kid.kind === "index" || kid.kind === "point",
      space: kid.kind === "index" || (kid.kind === "point" && kid.sort.kind === "^"),
      lo: kid.op === "-oo" || (sort?.isNumber && (kid.kind === "number" || kid.kind === "index")),
      hi: kid.op === "oo" || (sort?.isNumber && (kid.kind === "number" || kid.kind === "index")),
      proposition: kid.kind === "proposition",
    };
    if (!fine[role]) refuse(`a ${kid.kind} where a ${role} belongs`);
  }

  gather(term, bound, roles) {
    const { op, kids, off, sorts } = term;
    const own = op === "v" ? [term] : [];
    const dims = sorts.filter(s => s.dim?.op === "v").map(s => s.dim);
    let free = own.length || dims.length ? new Set([...own, ...dims]) : NOBODY;
    let owned = free.size > 0;
    const loose = [];
    if (op === "b") loose[term.data] = PRESENT;
    kids.forEach((kid, i) => {
      const role = roles?.[i] ?? "number";
      const under = bound.length - (off[i] ?? bound.length);
      const must = kid.op !== "b" || role === "argument" ? 0 : role === "space" ? SPACE : NUMBER;
      kid.loose.forEach((mask, k) => {
        const full = mask && mask | must;
        if (k >= under) loose[k - under] |= full;
        else if ((full & NUMBER && !bound[off[i] + k].isNumber) || (full & SPACE && bound[off[i] + k].kind !== "^")) {
          refuse("a bound variable used against its sort");
        }
      });
      if (!free.size) ({ free } = kid);
      else if (kid.free !== free && kid.free.size) {
        this.budget.spend(kid.free.size >> 3);
        if (![...kid.free].every(x => free.has(x))) {
          this.budget.spend(free.size >> 3);
          if (!owned) free = new Set(free);
          owned = true;
          for (const x of kid.free) free.add(x);
        }
      }
      if (kid.heads !== term.heads && kid.heads.size) term.heads = new Set([...term.heads, ...kid.heads]);
      term.depth = Math.max(term.depth, kid.depth + 1);
      term.height = Math.max(term.height, kid.height + bound.length);
      term.hasD ||= kid.hasD;
    });
    term.hasD ||= op === "D";
    if (op === "n" && !term.heads.has(term.data)) term.heads = new Set([...term.heads, term.data]);
    if (owned) free = this.shared(free, kids);
    term.free = free;
    if (loose.length) term.loose = Array.from(loose, mask => mask ?? 0);
    this.weight += 1 + kids.length + term.loose.length;
    if (term.depth > MAX_DEPTH) refuse("a term that is too deep");
    if (this.weight > MAX_WEIGHT) refuse("too much memory");
  }

  // Makers.

  q(n) {
    return this.make("q", n instanceof Q ? n : new Q(BigInt(n)));
  }

  v(name, sort) {
    return this.make("v", name, [sort]);
  }

  index(k) {
    if (k >= MAX_DEPTH) refuse("an index that is too large");
    return this.make("b", k);
  }

  app(op, ...kids) {
    return this.make(op, "", NONE, NONE, kids);
  }

  add(...kids) {
    return kids.length === 1 ? kids[0] : kids.length ? this.app("+", ...kids) : this.zero;
  }

  mul(...kids) {
    return kids.length === 1 ? kids[0] : kids.length ? this.app("*", ...kids) : this.one;
  }

  neg(a) {
    return this.mul(this.q(-1), a);
  }

  sub(a, b) {
    return this.add(a, this.neg(b));
  }

  inv(a) {
    return this.app("^", a, this.q(-1));
  }

  f(name, value, args) {
    return this.make("f", name, [value], NONE, args);
  }

  // int, sum, prod, all, ae with a body that has a dangling index for what they bind
  binder(op, hint, sort, lo, hi, body) {
    return this.make(op, "", [sort], [hint], [lo, hi, body], [1, 1, 0]);
  }

  // the same, binding the variable x of the body; lo and hi are outside
  bind(op, hint, x, lo, hi, body) {
    return this.binder(op, hint, x.sort, lo, hi, this.close(body, x));
  }

  derivative(hint, sort, at, body) {
    return this.make("D", "", [sort], [hint], [at, body], [1, 0]);
  }

  slope(hint, sort, at, body, value) {
    return this.make("slope", "", [sort], [hint], [at, body, value], [1, 0, 1]);
  }

  dom(hint, sort, body) {
    return this.make("dom", "", [sort], [hint], [body], [0]);
  }

  // Traversals. leaf(term, binders on the way) gives a replacement or nothing; sortOf maps sorts.
  rebuild(term, leaf, sortOf = s => s) {
    const memo = new Map();
    const go = (t, d) => {
      const found = leaf(t, d);
      if (found) return found;
      if (!t.kids.length) return t;
      const key = t.id * 2 ** 20 + d;
      if (!memo.has(key)) {
        this.budget.spend();
        const kids = t.kids.map((kid, i) => go(kid, d + t.sorts.length - (t.off[i] ?? t.sorts.length)));
        memo.set(key, this.make(t.op, t.data, t.sorts.map(sortOf), t.hints, kids, t.off));
      }
      return memo.get(key);
    };
    return go(term, 0);
  }

  // Closed terms in the place of the dangling indices 0, 1, ...
  plug(term, values) {
    return this.rebuild(term, (t, d) => {
      if (t.loose.length <= d) return t;
      if (t.op !== "b") return undefined;
      return t.data - d < values.length ? values[t.data - d] : this.index(t.data - values.length);
    });
  }

  // The variable x becomes the dangling index 0. It must not be a dimension.
  close(term, x) {
    return this.rebuild(term, (t, d) => {
      if (!t.free.has(x)) return t.loose.length > d ? (t.op === "b" ? this.index(t.data + 1) : undefined) : t;
      if (t.sorts.some(s => s.dim === x)) refuse("a dimension cannot be bound");
      return t === x ? this.index(d) : undefined;
    });
  }

  // Closed terms for variables, all at once; a variable that is a dimension is replaced in sorts too.
  substitute(term, map) {
    const sortOf = s => (s.dim && map.has(s.dim) ? this.power(map.get(s.dim)) : s);
    const touched = t => (t.free.size < map.size ? [...t.free].some(x => map.has(x))
      : [...map.keys()].some(x => t.free.has(x)));
    return this.rebuild(term, t => {
      if (!touched(t)) return t;
      if (t.op !== "v") return undefined;
      return map.get(t) ?? this.v(t.data, sortOf(t.sort));
    }, sortOf);
  }

  // The only way into a binder: with variables whose names no certificate can contain, and that are not free in it.
  enter(binder, ...xs) {
    xs.forEach((x, i) => {
      if (x.op !== "v" || !reserved(x.data) || x.sort !== binder.sorts[i]) {
        refuse("a binder is opened with a fresh variable of its sort");
      }
      if (binder.free.has(x) || xs.indexOf(x) !== i) refuse("a binder opened with a variable that is free in it");
    });
    if (xs.length !== binder.sorts.length || binder.op === "f") refuse("no such binder");
    return binder.kids.map((kid, i) => this.plug(kid, xs.slice(binder.off[i])));
  }

  // The body of a binder at a term; whether the term is in the sort is for the caller to ask.
  apply(binder, value) {
    return this.plug(binder.kids[binder.off.indexOf(0)], [value]);
  }

  // A set of free variables that is no kid's, kept once where a kid has the same.
  shared(free, kids) {
    if (free.size > MAX_FREE) refuse("too many free variables in a term");
    const same = kids.find(kid => kid.free.size === free.size);
    if (same) return same.free;
    this.members += free.size;
    if (this.members > MAX_MEMBERS) refuse("too many free variables in all");
    return free;
  }

  // Templates, opened where they stand.
  opened(term) {
    while (term.op === "n") term = term.unfolded ??= expand(this, term);
    return term;
  }

  // A product, written out: { integrals and sums, the other factors }. Of any term, whatever its size.
  product(term) {
    if (!term.shape) {
      const rest = [];
      const wholes = [];
      const go = t => {
        this.budget.spend();
        t = this.opened(t);
        if (t.op === "*") t.kids.forEach(go);
        else (t.op === "int" || t.op === "sum" ? wholes : rest).push(t);
      };
      go(term);
      this.weight += rest.length;
      term.shape = { rest, wholes };
    }
    return term.shape;
  }

  // c * int f as { factors of c, the integral or sum }; exactly one factor of the product is one.
  measured(term) {
    const { rest, wholes } = this.product(term);
    if (wholes.length > 1) refuse("a product of two integrals has no convergence of its own");
    return wholes.length ? { rest, whole: wholes[0] } : refuse("neither an integral nor a sum");
  }

  nested(term) {
    const outer = this.opened(term);
    const isMeasure = t => t.op === "int" || t.op === "sum";
    const inner = isMeasure(outer) && this.opened(outer.kids[2]);
    return inner && isMeasure(inner) ? { outer, inner } : refuse("no integral directly over an integral");
  }
}

// A sum of finitely many terms.
export const finite = t => t.op === "sum" && t.kids[0].kind !== "end" && t.kids[1].kind !== "end";
