// One inference while it is checked: its hypotheses, premises and conclusion, and the questions that rules ask.
import { ONE, refuse } from "./rational.mjs";
import { NEG, POS, ZER } from "./signs.mjs";
import { Hypotheses, sides } from "./props.mjs";

export class Step {
  constructor(checker, node) {
    const { T, N, P, rows } = checker;
    Object.assign(this, { checker, T, N, P, A: N.A, ONE, rows, count: 0, mentioned: new Map(), ...node });
    this.H = new Hypotheses(P, node.hypotheses);
  }

  spend(steps) {
    this.T.budget.spend(steps);
  }

  // A variable that no certificate can contain.
  fresh(sort) {
    this.count += 1;
    return this.T.v(`!${this.count}`, sort);
  }

  enter(binder) {
    const x = this.fresh(binder.sort);
    return { x, kids: this.T.enter(binder, x) };
  }

  // ---- what stands in `extra`

  list(value, least = 0, most = Infinity) {
    if (!Array.isArray(value) || value.length < least || value.length > most) refuse("an extra of the wrong form");
    this.spend(value.length);
    return value;
  }

  sortOf(row) {
    return this.checker.sort(row, this.rows.length);
  }

  row(i, kind) {
    if (!Number.isSafeInteger(i) || i < 0 || i >= this.rows.length) refuse("an extra that is no row");
    const term = this.rows[i];
    if (kind && !kind.includes(term.kind)) refuse("an extra of the wrong kind");
    return term;
  }

  term(i) {
    const term = this.row(i, ["number", "point"]);
    return term.loose.length ? refuse("an extra with a dangling index") : term;
  }

  number(i) {
    const term = this.term(i);
    return term.kind === "number" ? term : refuse("a number is wanted");
  }

  variable(i) {
    const term = this.term(i);
    return term.op === "v" ? term : refuse("a variable is wanted");
  }

  // ---- hypotheses

  ask(prop, what = "a condition is not among the hypotheses") {
    if (!this.H.has(prop)) refuse(what);
  }

  needs({ ok, needs }, what) {
    if (!ok) refuse(what);
    if (needs.size && this.H.want(needs)) refuse(`${what}: needs what is not among the hypotheses`);
  }

  has({ ok, needs }) {
    return ok && !(needs.size && this.H.want(needs));
  }

  // every hypothesis of these premises is among those of the node
  keep(premises) {
    this.spend(premises.length);
    for (const p of premises) for (const h of p.hypotheses) this.ask(h, "a hypothesis of a premise is missing");
  }

  mention(hypotheses, x) {
    if (!this.mentioned.has(hypotheses)) {
      this.spend(hypotheses.length);
      const sets = new Set(hypotheses.map(h => h.free));
      this.mentioned.set(hypotheses, new Set([...sets].flatMap(set => [...set])));
    }
    return this.mentioned.get(hypotheses).has(x);
  }

  // A premise's term in x that is used for every value of x: at a new variable, whose needs are for all values.
  always(term, x, y = this.fresh(x.sort)) {
    return this.T.substitute(term, new Map([[x, y]]));
  }

  free(hypotheses, x, what = "a variable is not free") {
    if (this.mention(hypotheses, x)) refuse(what);
  }

  // H[all x in D]
  quantified(hypotheses, x, { sort, kids: [lo, hi] }) {
    const { T } = this;
    if (x.sort !== sort) refuse("a variable of another sort than the range");
    if (lo.free.has(x) || hi.free.has(x)) refuse("a range that depends on its own variable");
    const facts = this.facts(x, lo, hi);
    for (const h of hypotheses) {
      if (!h.free.has(x)) this.ask(h, "a hypothesis of a premise is missing");
      else if (!facts.some(f => this.P.alike(f, h))) this.ask(T.bind("all", "", x, lo, hi, h),
        "a hypothesis of a premise is missing");
    }
  }

  facts(t, lo, hi) {
    const out = [];
    if (lo.kind !== "end") out.push(this.T.app(">=", t, lo));
    if (hi.kind !== "end") out.push(this.T.app("<=", t, hi));
    return out;
  }

  // ---- judges

  equal(a, b, what = "the sides are not equal") {
    this.needs(this.N.equal(a, b), what);
  }

  ends(a, b) {
    if (a.sort !== b.sort || [0, 1].some(i => a.kids[i].bare !== b.kids[i].bare)) refuse("other ranges");
  }

  same(P, Q, what = "the conclusion says something else") {
    this.needs(this.P.same(P, Q), what);
  }

  inSort(term, sort) {
    return this.N.inSort(term, sort);
  }

  member(term, { sort, kids: [lo, hi] }) {
    if (!this.inSort(term, sort)) refuse("a term that is not in the sort");
    for (const fact of this.facts(term, lo, hi)) this.ask(fact, "a term that may be outside of the range");
  }

  is(term, set, prop) {
    if (!this.N.signed(term, set) && !this.H.has(prop)) refuse("a sign that is not known");
  }

  positive(term) {
    this.is(term, POS, this.T.app(">", term, this.T.zero));
  }

  atLeast0(term) {
    this.is(term, POS | ZER, this.T.app(">=", term, this.T.zero));
  }

  nonzero(term) {
    this.is(term, POS | NEG, this.T.app("!=", term, this.T.zero));
  }

  // Zero without any needs.
  vanishes(term) {
    const { ok, needs } = this.N.equal(term, this.T.zero);
    return ok && !needs.size;
  }

  // ---- conclusions

  form(op) {
    if (this.conclusion.op !== op) refuse(`the conclusion of this rule is ${op}`);
    return this.conclusion;
  }

  relation(prop, ...ops) {
    const found = sides(prop);
    return found && ops.includes(found.op) ? found : refuse(`a relation ${ops.join(" or ")} is wanted`);
  }

  // int or sum, as the sort says
  over(range, x, body) {
    const op = ["int", "nat"].includes(range.sort.kind) ? "sum" : "int";
    return this.T.bind(op, range.hints[0], x, range.kids[0], range.kids[1], body);
  }

  all(range, x, prop) {
    return this.T.bind("all", "", x, range.kids[0], range.kids[1], prop);
  }

  everywhere(x, prop) {
    return this.T.bind("all", "", x, this.T.bottom, this.T.top, prop);
  }

  conv(term) {
    return this.T.app("conv", term);
  }

  // The integral or sum that a term is, up to constant factors; null if it is none.
  measure(term) {
    const t = this.T.opened(term);
    if (t.op === "int" || t.op === "sum") return t;
    return t.op === "*" && t.kids.some(k => ["int", "sum", "n", "*"].includes(k.op)) ? this.T.measured(t).whole : null;
  }
}
