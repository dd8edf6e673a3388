// The holes that an adversary found in the other port, and what this one had of their kind: each beside what is true.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkNow } from "../../docs/assets/checker/replay.mjs";
import { Builder, step } from "./builder.mjs";

const eq = (a, b) => ["=", a, b];
const ge = (a, b) => [">=", a, b];
const not0 = t => ["!=", t, 0];
const f = (...args) => ["f:real", ...args];
const g = (...args) => ["g:real", ...args];
const int = (name, body) => ["int", name, "real", body];
const conv = t => ["conv", t];
const all = (name, P) => ["all", name, "real", P];
const ae = (name, P) => ["ae", name, "real", P];
const over = t => ["*", t, ["^", t, -1]];
const rows = (...list) => b => list.map(t => b.term(t));
const row = t => b => b.term(t);
const yes = (...args) => assert.equal(step(...args), null);
const no = (...args) => {
  const reason = step(...args);
  assert.ok(reason, "a false step is accepted");
  assert.ok(!/error in the checker|malformed/.test(reason), reason);
};

test("1: a variable that a rule opened is no name of a comparison", () => {
  const inner = y => conv(int("y", f(y, "y")));
  const trivial = [ae("x", eq(0, 0)), []];
  no("almost_all", [trivial, [inner("x"), [inner("x")]]], ae("x", inner("x")), [inner("y")], row("x"));
  const twice = conv(int("y", ["*", 2, f("y", "y")]));
  yes("almost_all", [trivial, [eq(g("x"), 0), [inner("y")]]], ae("x", eq(g("x"), 0)), [twice], row("x"));
});

test("2: an integral of the same value is not the same integral", () => {
  const gauss = v => ["exp", ["*", -1, ["^", v, 2]]];
  const mine = ["*", ["^", "x", 2], int("y", gauss("y"))];
  const same = int("x", ["*", gauss("x"), int("y", ["^", "y", 2])]);
  const premises = [[ge(mine, 0), []], [eq(same, 0), []]];
  no("vanish", premises, ae("x", eq(mine, 0)), [conv(same)], row("x"));
  yes("vanish", premises, ae("x", eq(mine, 0)), [conv(int("x", mine))], row("x"));
});

test("3: a coordinate does not depend on the point", () => {
  const product = ["prod", "i", "nat", 1, "d", ["q:pos", "i", ["at", "w", "i"]]];
  const args = j => {
    const line = int("z", ["*", ["q:pos", j, "z"], g("z")]);
    return [[], eq(["int", "w", "^d", ["*", product, g(["at", "w", j])]], line),
      [["all", "i", "nat", 1, "d", eq(int("z", ["q:pos", "i", "z"]), 1)], conv(line), ["<=", j, "d"]],
      b => [...rows("w", product, j)(b), b.row("f", "g", "real", b.row("b", 0))]];
  };
  no("coordinate", ...args(["j:nat", "w"]));
  yes("coordinate", ...args(["j:nat", "x"]));
});

test("4: what is used for every value is needed for every value", () => {
  const almost = ["-", over(g("x")), 1]; // 0 where g is not
  const premises = [[ge(["h:real", "x"], almost), []], [eq(int("x", ["h:real", "x"]), 0), []]];
  const H = conv(int("x", ["h:real", "x"]));
  no("vanish", premises, ae("x", eq(["h:real", "x"], 0)), [H, not0(g("x"))], row("x"));
  yes("vanish", premises, ae("x", eq(["h:real", "x"], 0)), [H, all("x", not0(g("x")))], row("x"));
  const bent = ge(["-", ["exp", "x"], 1], almost);
  const curve = ["+", ["*", -1, ["exp", "x"]], ["*", "1/2", ["^", "x", 2]]];
  const slope = ["+", ["*", -1, ["exp", "a"]], "a"];
  const line = ["+", ["*", -1, ["exp", "a"]], ["*", "1/2", ["^", "a", 2]], ["*", slope, ["-", "x", "a"]]];
  const tangent = H2 => ["tangent", [[bent, [all("x", bent)]]], ge(line, curve), [all("x", bent), H2],
    rows(curve, "x", "a")];
  no(...tangent(not0(g("x"))));
  yes(...tangent(all("x", not0(g("x")))));
});

test("4, of its kind: at 0 nothing rests on z > 0", () => {
  // z^(z/z) is z for z > 0, and 1 at 0
  const at = e => [[], eq(["int", "z", "pos", 0, "p", 1], e), [],
    rows(["^", ["v", "z", "pos"], over(["v", "z", "pos"])], ["v", "z", "pos"])];
  no("antiderivative", ...at(["-", "p", 1]));
  no("antiderivative", ...at("p"));
  yes("antiderivative", [], eq(["int", "z", "pos", 0, "p", 1], "p"), [], rows(["v", "z", "pos"], ["v", "z", "pos"]));
});

test("5: a factor holds the integral by its shape, whatever its size", () => {
  for (const many of [3, 1500, 100000]) {
    const ones = ["*", ...Array(many).fill(1)];
    const two = [conv(["*", 2, int("u", g("u"))]), []];
    const back = [eq(["*", ones, int("u", f("u"))], int("u", g("u"))), []];
    no("carry", [two, [eq(1, ones), []], back], conv(["*", 2, ["*", 1, int("u", f("u"))]]), []);
    if (many < 1000) yes("carry", [two, [eq(1, ones), []], [eq(f("x"), g("x")), []]],
      conv(["*", 2, 1, int("x", f("x"))]), []);
  }
  // the factors stay as they are, so no second integral stands there on the way
  yes("carry", [[conv(["*", 2, int("u", g("u"))]), []], [eq(2, int("u", f("u"))), []], [eq(int("u", f("u")), 2), []]],
    conv(["*", 2, int("u", g("u"))]), []);
});

test("6: a sign with needs", () => {
  const log = ["log", ["*", ["+", ["^", "x", 2], "p"], ["+", ["^", "x", -2], "q"]]];
  const C = eq(int("z", f("z")), int("z", ["*", f(["*", log, "z"]), log]));
  const premises = [[ge(log, log), []]];
  no("change_of_variables", premises, C, [], rows(["*", log, "y"], "y"));
  no("change_of_variables", premises, C, [not0("x")], rows(["*", log, "y"], "y")); // signs have no needs
  no("assume", [], ge(log, 0), []);
  no("assume", [], ge(log, 0), [not0("x")]);
  no("assume", [], ge(["log", ["+", over("x"), "x", "-1"]], 0), [not0("x")]);
});

test("7: ranges that are equal at one t", () => {
  const square = ["exp", ["*", -1, ["^", "t", 2], ["^", "x", -1]]];
  const F = ["*", ["^", "t", 3], ["^", "x", -2], square];
  const dF = ["*", ["+", ["*", 3, ["^", "t", 2], ["^", "x", -2]], ["*", -2, ["^", "t", 4], ["^", "x", -3]]], square];
  const on = (hi, body) => ["int", "x", "pos", 0, hi, body];
  const end = over(g("t"));
  const H = [conv(on(1, F)), ["dom", "t", "real", on(end, dF)]];
  const C = ["slope", "t", "real", "t", on(1, F), on(end, dF)];
  no("leibniz", [], C, [not0(g("t")), ...H]);
  no("leibniz", [], C, [all("t", not0(g("t"))), ...H]); // ranges are the same when their ends are identical
  yes("leibniz", [], ["slope", "t", "real", "t", on(1, F), on(1, dF)], [H[0], ["dom", "t", "real", on(1, dF)]]);
  no("leibniz", [], C, [all("t", not0(g("t"))), H[0], ["dom", "t", "real", on(end, F)]]);
});

test("8: a binder beside which a higher one stands has a name of its own", () => {
  const slope = (...twice) => all("t", ["slope", "y", "real", "t", f("y"), int("x", twice)]);
  yes("assume", [], slope("*", 2, g("x", "t")), [slope("+", g("x", "t"), g("x", "t"))]);
  no("assume", [], slope("*", 3, g("x", "t")), [slope("+", g("x", "t"), g("x", "t"))]);
});

// ---- work

function within(seconds, b, accepted = false) {
  const text = JSON.stringify(b.certificate ?? b);
  assert.ok(text.length < 16e6);
  const began = performance.now();
  const result = checkNow(text);
  const took = (performance.now() - began) / 1000;
  assert.equal(result.accepted, accepted);
  assert.ok(!JSON.stringify(result).includes("error in the checker"));
  assert.ok(took < seconds, `${took} s`);
  return result;
}

const times = (n, make) => Array.from({ length: n }, (_, i) => make(i));
const applied = (b, n) => times(n, i => b.term(f(i)));
const theorem = (b, name, node, P) => b.theorems.push([name, node, b.term(P), []]);

test("8: 3/2 squared 40 times over, and many large rationals", () => {
  const b = new Builder();
  let t = b.term("3/2");
  for (let i = 0; i < 40; i += 1) t = b.row("*", t, t);
  for (let i = 0; i < 2000; i += 1) b.nodes.push(["algebra", [], b.row("=", t, b.term(i)), []]);
  for (let i = 0; i < 5000; i += 1) {
    b.node("algebra", [], eq(["*", ["^", `3/${2 * i + 5}`, 2000], ["+", "x", ["^", `${i + 3}/7`, 900]]], i));
  }
  within(30, b);
});

test("8: products and sums of thousands of different factors", () => {
  const b = new Builder();
  const fs = applied(b, 3000);
  for (let i = 0; i < 60; i += 1) {
    const [product, sum] = ["*", "+"].map(op => b.row(op, ...fs.slice(i)));
    b.nodes.push(["algebra", [], b.row("=", product, b.row("*", ...fs.slice(i).reverse())), []]);
    b.nodes.push(["assume", [], b.row(">=", sum, b.term(0)), []]);
    b.nodes.push(["algebra", [], b.row("=", b.row("^", sum, b.term("1/2")), b.row("log", sum)), []]);
  }
  within(60, b);
});

test("8: conv of 1,000 factors as each of 300 hypotheses of each node", () => {
  const b = new Builder();
  const fs = applied(b, 1000);
  const H = times(300, i => b.row("conv", b.row("*", ...fs, b.term(int("z", g("z", i))))));
  for (let i = 0; i < 1000; i += 1) b.nodes.push(["assume", [], b.term(conv(int("z", ["h:real", "z"]))), H]);
  within(30, b);
});

test("8: 100 premises with 300 hypotheses", () => {
  for (const shared of [true, false]) {
    const b = new Builder();
    const H = times(shared ? 300 : 30000, i => b.term(eq("x", i)));
    const of = i => (shared ? H : H.slice(300 * i, 300 * i + 300));
    for (let i = 0; i < 100; i += 1) b.nodes.push(["assume", [], of(i)[0], of(i)]);
    const premises = times(100, i => i);
    for (let i = 0; i < 4000; i += 1) b.nodes.push([["chain", "carry", "rewrite", "discharge"][i % 4], premises, H[0],
      H.slice(0, 300)]);
    within(30, b);
  }
});

test("8: 10,000 theorems that each rest on everything", () => {
  const b = new Builder();
  const P = b.term(eq("x", "x"));
  for (let i = 0; i < 100000; i += 1) b.nodes.push(i ? ["flip", [i - 1], P, []] : ["algebra", [], P, []]);
  for (let i = 0; i < 10000; i += 1) b.theorems.push([`t${i}`, 99999 - i, P, []]);
  const { theorems } = within(60, b, true);
  assert.equal(theorems[0].inferences, 100000);
  assert.equal(theorems[9999].inferences, 90001);
  b.theorems.push(["one too many", 0, P, []]);
  assert.ok(checkNow(b.certificate).malformed);
});

test("what a theorem rests on: counted, the first refused, notations and citations", () => {
  const b = new Builder();
  const P = eq("x", "x");
  const E = eq(["n", "E", [["z", "real"]], "z", "p"], ["n", "E", [["z", "real"]], "z", "p"]);
  b.node("algebra", [], P);
  b.node("algebra", [], E);
  b.node("algebra", [], eq(1, 2));
  b.node("cite", [], eq(int("z", ["exp", ["*", "-1/2", ["^", "z", 2]]]), ["^", ["*", 2, "pi"], "1/2"]), [], "gaussian");
  b.node("chain", [0, 0], P);
  b.node("rewrite", [1, 3, 4], P);
  b.node("rewrite", [5, 2], P);
  for (const i of [4, 5, 6, 0]) theorem(b, `t${i}`, i, P);
  const said = checkNow(b.certificate).theorems;
  assert.deepEqual(said.map(t => t.inferences), [2, 5, 7, 1]);
  assert.deepEqual(said.map(t => t.accepted), [true, true, false, true]);
  assert.deepEqual(said.map(t => t.restsOn.join()), ["", "E", "E", ""]);
  assert.deepEqual(said.map(t => t.cites.join()), ["", "gaussian", "gaussian", ""]);
  assert.equal(said[2].refusal.node, 2);
});

test("8: statements of 100,000 rows, long lists in extras, sets of free variables, one term through many paths", () => {
  const long = new Builder();
  const wide = long.row("+", ...times(100000, i => long.row("q", `${i}`)));
  const P = long.row("=", wide, wide);
  long.nodes.push(["assume", [], P, [P]]);
  for (let i = 0; i < 10000; i += 1) long.theorems.push([`t${i}`, 0, P, [P]]);
  within(30, long);

  const lists = new Builder();
  lists.node("algebra", [], eq("x", "x"));
  const vs = times(50000, i => lists.row("v", `y${i}`, "real"));
  const same = vs.map(v => [v, v]);
  for (let i = 0; i < 15; i += 1) lists.nodes.push(["substitute", [0], lists.term(eq("x", "x")), [], same]);
  within(30, lists);

  const free = new Builder();
  const sum = free.row("+", ...times(199, i => free.row("v", `x${i}`, "real")));
  for (let i = 0; i < 60000; i += 1) free.row("+", sum, free.row("v", `y${i}`, "real"));
  assert.match(within(30, free).malformed, /free variables/);

  const paths = new Builder();
  let [t, n] = [paths.term("x"), paths.term("n")];
  for (let i = 0; i < 150; i += 1) t = paths.row("*", t, t);
  for (let i = 0; i < 90; i += 1) {
    n = paths.row("*", paths.row("^", paths.term("n"), n), paths.row("^", paths.term("j"), n));
  }
  for (const u of [["^", t, paths.term("1/2")], ["log", t], ["abs", t], ["^", paths.term("x"), n]]) {
    paths.nodes.push(["algebra", [], paths.row("=", paths.row(...u), paths.term(1)), []]);
    paths.nodes.push(["assume", [], paths.row(">=", paths.row(...u), paths.term(0)), []]);
  }
  within(30, paths);
  paths.row("conv", paths.row("*", t, paths.term(int("z", "z"))));
  assert.match(within(30, paths).malformed, /more arithmetic/);
});

test("8: 300 seconds, whatever the steps cost", async () => {
  const { Budget } = await import("../../docs/assets/checker/rational.mjs");
  const spent = new Budget(1e9, 1e9, -1);
  assert.throws(() => times(1000, () => spent.spend()), /more time/);
});

// ---- names, and what is not accepted

test("9: names are printable ASCII", () => {
  for (const bad of ["\ud800", "\u001b[2K", "x\n", "х", "é", "\u007f", "\u202e", "𝑥", "#1", "!1", "?", "%", ""]) {
    for (const make of [
      c => { c.theorems[0][0] = bad; }, c => { c.terms.push(["v", bad, "real"]); },
      c => { c.terms.push(["v", "u", `@${bad}`]); }, c => { c.terms.push(["f", bad, "real", 0]); },
      ...(bad ? [c => { c.terms.push(["int", bad, "real", 0]); }] : []),
    ]) {
      const b = new Builder();
      theorem(b, "t", b.node("algebra", [], eq("x", "x")), eq("x", "x"));
      const c = structuredClone(b.certificate);
      make(c);
      assert.ok(checkNow(c).malformed, JSON.stringify(bad));
    }
  }
  const b = new Builder();
  theorem(b, "a name ~ with \"spaces\"", b.node("algebra", [], eq("x", "x")), eq("x", "x"));
  assert.ok(checkNow(b.certificate).accepted);
  b.node("\u001b[2K\ud800", [], eq("x", "x"));
  assert.ok(!/u001b|ud800/.test(JSON.stringify(checkNow(b.certificate))));
});

test("10: nothing proved is nothing accepted; any error at the last comparison is a refusal", () => {
  const b = new Builder();
  assert.equal(checkNow(b.certificate).accepted, false);
  const node = b.node("algebra", [], eq("x", "x"));
  assert.equal(checkNow(b.certificate).accepted, false);
  const giant = ["^", ["+", "x", "y", "p", "q", "a"], 50];
  theorem(b, "giant", node, eq(giant, giant));
  b.theorems.push(["given", node, b.term(eq("x", "x")), [b.term(eq(["^", "99/98", "99999999"], 0))]]);
  theorem(b, "fine", node, eq("x", "x"));
  const { accepted, theorems } = checkNow(b.certificate);
  assert.equal(accepted, false);
  assert.deepEqual(theorems.map(t => t.accepted), [false, true, true]);
  assert.equal(theorems[0].refusal.rule, "theorem");
});
