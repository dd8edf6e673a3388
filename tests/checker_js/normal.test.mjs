// The normal form is the number: random terms with shared parts, at exact values that include 0 and negative numbers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Checker } from "../../docs/assets/checker/replay.mjs";
import { Q } from "../../docs/assets/checker/rational.mjs";
import { NEG, POS, ZER, signOf } from "../../docs/assets/checker/signs.mjs";
import * as model from "./model.mjs";

export function random(seed) {
  let s = seed >>> 0;
  return n => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return Math.floor((s / 2 ** 32) * n);
  };
}

const SORTS = { x: "real", y: "real", p: "pos", q: "pos", n: "nat", k: "int" };
const VALUES = { real: ["0", "1", "-1", "2", "-1/2", "3"], pos: ["1/2", "2", "1", "3"], nat: ["1", "2", "3"],
  int: ["0", "-1", "2", "1"] };

function makeTerm(c, rnd, size) {
  const { T } = c;
  const pick = list => list[rnd(list.length)];
  const variables = Object.entries(SORTS).map(([name, kind]) => T.v(name, T.number(kind)));
  const pool = [...variables, T.q(1), T.q(2), T.q(-1), T.q(Q.parse("1/2")), T.q(6), T.app("pi")];
  const exponent = () => pick([...["2", "-1", "3", "-2", "1/2", "-1/2", "3/2", "0"].map(q => T.q(Q.parse(q))),
    T.v("n", T.number("nat")), T.v("k", T.number("int")), T.sub(T.v("n", T.number("nat")), T.one), pick(pool)]);
  const bound = op => {
    const x = T.v(pick({ int: ["x", "p"], sum: ["n", "k"], prod: ["n", "k"] }[op]), T.number("real"));
    const v = variables.find(w => w.data === x.data);
    const ends = op === "prod" || rnd(2) ? [T.q(rnd(2)), T.q(1 + rnd(3))] : [T.bottom, T.top];
    return T.bind(op, v.data, v, ...ends, pick(pool));
  };
  for (let i = 0; i < size; i += 1) {
    const t = [
      () => T.add(pick(pool), pick(pool)), () => T.add(pick(pool), pick(pool), pick(pool)),
      () => T.mul(pick(pool), pick(pool)), () => T.mul(pick(pool), pick(pool)),
        () => T.mul(pick(pool), T.inv(pick(pool))),
      () => T.sub(pick(pool), pick(pool)), () => T.app("^", pick(pool), exponent()),
        () => T.app("^", pick(pool), exponent()),
      () => T.app("exp", pick(pool)), () => T.app("log", pick(pool)),
        () => T.app("log", T.mul(T.q(2), pick(pool), pick(pool))), () => T.app("abs", pick(pool)),
      () => T.f("g", T.number("real"), [pick(pool), pick(pool)]), () => T.f("h", T.number("pos"), [pick(pool)]),
      () => bound("int"), () => bound("sum"), () => bound("prod"),
    ][rnd(17)]();
    pool.push(t, t, t); // later terms are likely to share it
  }
  return pool.at(-1);
}

test("normal forms and signs have the value of the term", () => {
  const rnd = random(Number(process.env.SEED ?? 1));
  const rounds = Number(process.env.ROUNDS ?? 4000);
  let compared = 0;
  let withNeeds = 0;
  let c = new Checker();
  for (let round = 0; round < rounds; round += 1) {
    if (round % 500 === 0) c = new Checker();
    c.budget.perNode = 30000;
    c.budget.start();
    let t;
    let found;
    try {
      t = makeTerm(c, rnd, 2 + rnd(9));
      found = c.N.of(t);
      c.N.sign(t);
    } catch (error) {
      if (error.constructor.name !== "Refused") throw error;
      continue;
    }
    const { A } = c.N;
    for (let turn = 0; turn < 3; turn += 1) {
      const env = new Map();
      const atoms = new Map();
      for (const [name, kind] of Object.entries(SORTS)) {
        const value = model.rational(Q.parse(VALUES[kind][rnd(VALUES[kind].length)]));
        env.set(name, value);
        atoms.set(A.variable(name, c.T.number(kind)), value);
      }
      try {
        const a = model.term(c.T, t, env);
        if (found.needs.size) withNeeds += 1;
        const s = a[0] > 0n ? POS : a[1] < 0n ? NEG : a[0] === 0n && a[1] === 0n ? ZER : 0;
        assert.ok(!s || c.N.sign(t) & s, `sign of ${round}`);
        if (![...found.needs.values()].every(need => model.holds(A, need, atoms))) continue;
        const b = model.poly(A, found.poly, atoms);
        assert.ok(!s || signOf(A, found.poly) & s, `sign of the normal form of ${round}`);
        assert.ok(a[0] <= b[1] && b[0] <= a[1], `value of ${round}`);
        compared += 1;
      } catch (error) {
        if (!(error instanceof model.Unsure)) throw error;
      }
    }
  }
  assert.ok(compared > rounds / 2 && withNeeds > rounds / 100, `${compared} compared, ${withNeeds} with needs`);
});
