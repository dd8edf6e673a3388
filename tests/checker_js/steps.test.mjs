// False steps, one or more for every side condition, each beside a true neighbour.
import assert from "node:assert/strict";
import { test } from "node:test";
import { step } from "./builder.mjs";

const T = (...list) => b => (list.length === 1 ? b.term(list[0]) : list.map(t => b.term(t)));
const pairs = list => b => list.map(pair => pair.map(t => b.term(t)));

// A conclusion that says something else than one that follows.
function others(rule, P) {
  if (["all", "ae"].includes(P[0])) return others(rule, P.at(-1)).map(Q => [...P.slice(0, -1), Q]);
  if (["=", ">=", "<=", ">", "!="].includes(P[0])) return rule === "assume" ? [] : [[P[0], P[1],
    ["+", P[2], 1]], ["=", P[1], ["+", P[2], "y7"]]];
  if (P[0] === "slope") return [[...P.slice(0, -1), ["+", P.at(-1), 1]]];
  return P[0] === "conv" && rule !== "assume" ? [["conv", ["int", "z", "real", ["g9:real", "z"]]]] : [];
}

// rule(name, [[what, good, ...bad], ..]); a step is [premises, conclusion, hypotheses, extra]. Of each good step,
// what it must
// not do is derived too: lose a hypothesis of a premise, conclude something else, or something of another form.
function rule(name, cases) {
  for (const [what, good, ...bad] of cases) {
    test(`${name}: ${what}`, () => {
      if (good) {
        assert.equal(step(name, ...good), null);
        const [premises, conclusion, ...rest] = good;
        premises.forEach(([c, h], i) => {
          const more = premises.map((p, j) => (i === j ? [c, [...h, ["=", "y9", 5]]] : p));
          bad.push([more, conclusion, ...rest]);
        });
        for (const other of others(name, conclusion)) bad.push([premises, other, ...rest]);
        bad.push([premises, ["=", 0, 1], ...rest], [premises, ["conv", ["int", "z", "real", 1]], ...rest]);
      }
      for (const [i, args] of bad.entries()) {
        const reason = step(name, ...args);
        assert.ok(reason, `false step ${i} accepted`);
        assert.ok(!reason.includes("error in the checker"), reason);
      }
    });
  }
}

const eq = (a, b) => ["=", a, b];
const ge = (a, b) => [">=", a, b];
const f = (...args) => ["f:real", ...args];
const g = (...args) => ["g:real", ...args];
const h = (...args) => ["h:pos", ...args];
const int = body => ["int", "z", "real", body];
const prod = (lo, hi, t) => ["prod", "n", "nat", lo, hi, t];
const inf = ["-oo", "oo"];
const sum = (lo, hi, body) => ["sum", "n", "nat", lo, hi, body];

rule("assume", [
  ["in H", [[], eq("x", 1), [eq("x", 1)]], [[], eq("x", 1), []], [[], eq("x", 1), [eq("x", 2)]]],
  ["relations by their difference", [[], ["<=", 1, "x"], [ge(["*", 2, "x"], 2)]], [[], ge(1, "x"), [ge("x", 1)]],
    [[], [">", "x", 1], [ge("x", 1)]], [[], ge("x", 1), [ge(["*", -1, "x"], -1)]]],
  ["stronger", null, [[], [">", "x", 1], [ge("x", 1)]], [[], ["!=", "x", 1], [ge("x", 1)]]],
  ["by the sorts", [[], [">", "p", 0], []], [[], [">", "x", 0], []], [[], ge("p", 1), []]],
  ["a key with needs is no key", [[], eq(["/", "x", "x"], 1), [eq(["/", "x", "x"], 1)]],
    [[], eq(["/", "x", "x"], 1), [eq(1, 1)]],
    [[], eq("y", 1), [eq(["*", "y", ["/", "x", "x"]], 1)]]],
  ["x/x = 1 below for all", [[], ["all", "x", "pos", eq(["/", "x", "x"], 1)], []],
    [[], ["all", "x", "real", eq(["/", "x", "x"], 1)], []]],
  ["conv up to constants of known sign", [[], ["conv", int(f("z"))], [["conv", ["*", -2, "p", int(f("z"))]]]],
    [[], ["conv", int(f("z"))], [["conv", ["*", "x", int(f("z"))]]]],
      [[], ["conv", int(f("z"))], [["conv", int(["*", "x", f("z")])]]],
    [[], ["conv", int(f("z"))], [["conv", int(["*", "z", f("z")])]]]],
  ["conv does not pass between equal values", null, [[], ["conv", int(1)], [["conv", int(0)], eq(int(1), int(0))]]],
  ["conv of a finite sum", [[], ["conv", sum(1, "N", f("n"))], []], [[], ["conv", sum(1, "oo", f("n"))], []]],
  ["conv over other ranges", [[], ["conv", ["int", "z", "real", 0, 1, f("z")]],
    [["conv", ["int", "y", "real", 0, 1, f("y")]]]],
    [[], ["conv", ["int", "z", "real", 0, 2, f("z")]], [["conv", ["int", "z", "real", 0, 1, f("z")]]]]],
  ["dom: a factor that moves with t",
    [[], ["dom", "t", "real", int(f("t", "z"))], [["dom", "t", "real", ["*", "p", int(f("t", "z"))]]]],
    [[], ["dom", "t", "real", int(f("t", "z"))],
      [["dom", "t", "real", ["*", ["exp", ["*", -1, "t"]], int(f("t", "z"))]]]],
    [[], ["dom", "t", "pos", int(f("t", "z"))], [["dom", "t", "pos", ["*", "t", int(f("t", "z"))]]]]],
  ["joint is of the absolute value", [[], ["joint", int(["int", "y", "real", f("y", "z")])],
    [["joint", int(["int", "y", "real", ["*", -1, f("y", "z")]])]]],
      [[], ["joint", int(["int", "y", "real", f("y", "z")])],
    [["conv", int(["int", "y", "real", f("y", "z")])]]]],
  ["facts from part of a range", null, [[], eq(["/", f(5), f(5)], 1), [["all", "n", "nat", 1, 3, ["!=", f("n"), 0]]]]],
]);

rule("discharge", [
  ["hypotheses go and come", [[[eq("x", 1), [eq("y", 2), eq("a", 3)]], [eq("y", 2), [eq("c", 4)]]], eq("x", 1),
    [eq("a", 3), eq("c", 4)]],
    [[[eq("x", 1), [eq("y", 2), eq("a", 3)]], [eq("y", 2), [eq("c", 4)]]], eq("x", 1), [eq("c", 4)]],
    [[[eq("x", 1), [eq("y", 2), eq("a", 3)]], [eq("y", 2), [eq("c", 4)]]], eq("x", 1), [eq("a", 3)]]],
  ["one after another", null, [[[eq("x", 1), [eq("y", 2)]], [eq("c", 4), []], [eq("y", 2), [eq("c", 4)]]], eq("x", 1),
    []]],
]);

rule("for_all", [
  ["the variable is free", [[[ge(f("x"), 0), []]], ["all", "z", "real", ge(f("z"), 0)], [], T("x")],
    [[[ge(f("x"), 0), [ge("x", 1)]]], ["all", "z", "real", ge(f("z"), 0)], [ge("x", 1)], T("x")]],
  ["facts vanish", [[[ge(f("x"), 0), [ge("x", 0)]]], ["all", "z", "real", 0, "oo", ge(f("z"), 0)], [], T("x")],
    [[[ge(f("x"), 0), [ge("x", 1)]]], ["all", "z", "real", 0, "oo", ge(f("z"), 0)], [], T("x")],
    [[[ge(f("x"), 0), [ge("x", 0)]]], ["all", "z", "real", -1, "oo", ge(f("z"), 0)], [], T("x")]],
  ["ends do not depend on it", null,
    [[[ge(f("x"), 0), [ge("x", "x")]]], ["all", "z", "real", "x", "oo", ge(f("z"), 0)], [], T("x")]],
  ["its sort", [[[ge(f("p"), 0), []]], ["all", "z", "pos", ge(f("z"), 0)], [], T("p")],
    [[[ge(f("p"), 0), []]], ["all", "z", "real", ge(f("z"), 0)], [], T("p")]],
  ["others under for all", [[[ge(f("x"), 0), [ge(g("x"), 0)]]], ["all", "z", "real", ge(f("z"), 0)],
    [["all", "y", "real", ge(g("y"), 0)]], T("x")]],
  ["x already free below", null, [[[eq(f("x", "x"), 0), []]], ["all", "z", "real", eq(f("z", "x"), 0)], [], T("x")]],
  ["no dimension", null, [[[eq(f("w"), 0), []]], ["all", "n", "nat", eq(f("w"), 0)], [eq(f("w"), 0)], T("d")]],
]);

rule("each", [
  ["the sort", [[[["all", "z", "pos", ge(f("z"), 0)], []]], ge(f(["exp", "x"]), 0), [], T(["exp", "x"])],
    [[[["all", "z", "pos", ge(f("z"), 0)], []]], ge(f("x"), 0), [], T("x")],
    [[[["all", "n", "nat", ge(f("n"), 0)], []]], ge(f("k"), 0), [], T("k")],
    [[[["all", "n", "nat", ge(f("n"), 0)], []]], ge(f(["/", "n", 2]), 0), [], T(["/", "n", 2])],
    [[[["all", "n", "nat", ge(f("n"), 0)], []]], ge(f(["/", "n", "n"]), 0), [],
      T(["-", ["^", ["/", "k", "k"], 2], 1])]],
  ["the range", [[[["all", "n", "nat", 1, "N", ge(f("n"), 0)], []]], ge(f("j"), 0), [["<=", "j", "N"]], T("j")],
    [[[["all", "n", "nat", 1, "N", ge(f("n"), 0)], []]], ge(f("j"), 0), [], T("j")]],
  ["points", [[[["all", "u", "@u", eq(f("u"), 0)], []]], eq(f("u1"), 0), [], T("u1")],
    [[[["all", "u", "@u", eq(f("u"), 0)], []]], eq(f("v1"), 0), [], T("v1")]],
  ["hypotheses stay", null, [[[["all", "z", "real", ge(f("z"), 0)], [eq("x", 1)]]], ge(f("y"), 0), [], T("y")]],
]);

rule("chain", [
  ["links", [[[eq("x", "y"), []], [ge("y", "a"), []]], ge("x", "a"), []],
    [[[eq("x", "y"), []], [ge("a", "y"), []]], ge("x", "a"), []],
    [[[eq("x", "y"), []], [ge("y", "a"), []]], eq("x", "a"), []],
      [[[ge("x", "y"), []], [eq("a", "c"), []]], ge("x", "c"), []]],
  ["needs of links", null, [[[eq("x", ["/", "y", "y"]), []], [eq(1, "a"), []]], eq("x", "a"), []]],
  ["the premises' hypotheses", null, [[[eq("x", "y"), [eq("c", 1)]], [ge("y", "a"), []]], ge("x", "a"), []]],
  ["only = and >=", null, [[[["!=", "x", "y"], []], [["!=", "y", "a"], []]], ["!=", "x", "a"], []]],
]);

rule("flip", [["=", [[[eq("x", "y"), []]], eq("y", "x"), []], [[[ge("x", "y"), []]], ge("y", "x"), []]]]);

rule("antisymmetry", [
  ["each at least the other", [[[ge("x", "y"), []], [ge("y", "x"), []]], eq("x", "y"), []],
    [[[ge("x", "y"), []], [ge("x", "y"), []]], eq("x", "y"), []],
    [[[ge("x", "y"), []], [ge("y", "z"), []]], eq("x", "y"), []],
    [[[ge("x", "y"), []], [ge("z", "x"), []]], eq("x", "y"), []],
    [[[[">", "x", "y"], []], [ge("y", "x"), []]], eq("x", "y"), []],
    [[[ge("x", "y"), []]], eq("x", "y"), []]],
  ["equal, with a need", null, [[[ge("x", ["/", "y", "y"]), []], [ge(1, "x"), []]], eq("x", 1), []]],
]);

rule("rewrite", [
  ["below a binder", [[[eq(f("z"), g("z")), []]], eq(int(f("z")), int(g("z"))), []],
    [[[eq(f("z"), g("z")), [eq("z", 1)]]], eq(int(f("z")), int(g("z"))), [eq("z", 1)]],
    [[[eq(f("y"), g("y")), []]], eq(int(f("z")), int(g("z"))), []],
    [[[eq(f("z"), g("z")), []]], eq(["int", "z", "pos", f("z")], ["int", "z", "pos", g("z")]), []]],
  ["as it stands", [[[eq(f("a"), "c"), [eq("a", 1)]]], eq(int(["*", f("a"), g("z")]), ["*", "c", int(g("z"))]),
    [eq("a", 1)]]],
  ["no capture", null, [[[eq(f("x"), "z"), [eq("z", "z")]]], eq(int(f("x")), int("z")), []],
    [[[eq(f("z"), 1), [eq(f("z"), 1)]]], eq(int(f("z")), int(1)), [eq(f("z"), 1)]]],
  ["in a notation", [[[eq(f("z"), g("z")), []]],
    eq(["n", "E", [["z", "real"]], f("z"), h("z")], ["n", "E", [["z", "real"]], g("z"), h("z")]), []]],
  ["needs", null, [[[eq("x", "y"), []]], eq(["/", "x", "x"], 1), []]],
  ["no derivative below an integral", null,
    [[[eq(f("z"), ["D", "t", "real", "z", g("t")]), []]], eq(int(f("z")), int(f("z"))), []]],
]);

rule("carry", [
  ["in relations", [[[ge("y", 0), []], [eq("x", "y"), []]], ge("x", 0), []],
    [[[ge("y", 0), []], [eq("x", "a"), []]], ge("x", 0), []]],
  ["inside conv", [[[["conv", int(g("z"))], []], [eq(f("z"), g("z")), []]], ["conv", int(f("z"))], []],
    [[[["conv", int(g("z"))], []], [eq(f("z"), g("z")), [eq("z", 1)]]], ["conv", int(f("z"))], [eq("z", 1)]]],
  ["never at the integral", null, [[[["conv", int(g("z"))], []], [eq(int(f("z")), int(g("z"))), []]],
    ["conv", int(f("z"))], []],
    [[[["conv", ["*", "x", int(g("z"))]], []], [eq(["*", "x", int(f("z"))], ["*", "x", int(g("z"))]), []]],
      ["conv", ["*", "x", int(f("z"))]], []],
    [[[["joint", int(["int", "y", "real", g("y")])], []],
      [eq(["int", "y", "real", f("y")], ["int", "y", "real", g("y")]), []]],
      ["joint", int(["int", "y", "real", f("y")])], []],
    [[[["inf", sum(1, "oo", g("n"))], []], [eq(sum(1, "oo", f("n")), sum(1, "oo", g("n"))), []]],
      ["inf", sum(1, "oo", f("n"))], []],
    [[[["dom", "t", "real", int(g("z"))], []], [eq(int(f("z")), int(g("z"))), []]], ["dom", "t", "real", int(f("z"))],
      []]],
]);

rule("substitute", [
  ["the sort", [[[ge(f("p"), 0), []]], ge(f(["exp", "x"]), 0), [], pairs([["p", ["exp", "x"]]])],
    [[[ge(f("p"), 0), []]], ge(f("x"), 0), [], pairs([["p", "x"]])],
      [[[ge(f("n"), 0), []]], ge(f(0), 0), [], pairs([["n", 0]])],
    [[[ge(f("p"), 0), []]], ge(f(["^", "x", 2]), 0), [], pairs([["p", ["^", "x", 2]]])]],
  ["hypotheses too", [[[ge(f("x"), 0), [ge("x", 1)]]], ge(f(2), 0), [], pairs([["x", 2]])],
    [[[ge(f("x"), 0), [ge("x", 1)]]], ge(f(0), 0), [ge("x", 1)], pairs([["x", 0]])]],
  ["at once", [[[eq(f("x", "y"), 0), []]], eq(f("y", "x"), 0), [], pairs([["x", "y"], ["y", "x"]])],
    [[[eq(f("x", "y"), 0), []]], eq(f("x", "x"), 0), [], pairs([["x", "y"], ["y", "x"]])],
    [[[eq(f("x", "y"), 0), []]], eq(f(1, "y"), 0), [], pairs([["x", 1], ["x", 1]])]],
  ["no capture", [[[eq(int(f("z", "x")), 0), []]], eq(["int", "y", "real", f("y", "z")], 0), [], pairs([["x", "z"]])],
    [[[eq(int(f("z", "x")), 0), []]], eq(int(f("z", "z")), 0), [], pairs([["x", "z"]])]],
  ["points", [[[eq(f("u1"), 0), []]], eq(f("u2"), 0), [], pairs([["u1", "u2"]])],
    [[[eq(f("u1"), 0), []]], eq(f("v1"), 0), [], pairs([["u1", "v1"]])],
      [[[eq(f("u1"), 0), []]], eq(f("x"), 0), [], pairs([["u1", "x"]])]],
  ["dimensions", [[[eq(["int", "w", "^d", f("w")], "d"), []]], eq(["int", "w", "^3", f("w")], 3), [],
    pairs([["d", 3]])],
    [[[eq(["int", "w", "^d", f("w")], "d"), []]], eq(["int", "w", "^d", f("w")], 3), [], pairs([["d", 3]])],
    [[[eq(["int", "w", "^d", f("w")], "d"), []]], eq(["int", "w", "^d", f("w")], "x"), [],
      pairs([["d", ["+", "n", 1]]])]],
]);

const body = t => b => b.term(t, ["#0", "#1"]); // a row with dangling indices
rule("instantiate", [
  ["the value is in the sort", [[[[">", h("x"), 0], []]], [">", ["exp", "x"], 0], [],
    b => [["h", "pos", 1, body(["exp", "#0"])(b)]]],
    [[[[">", h("x"), 0], []]], [">", "x", 0], [], b => [["h", "pos", 1, body("#0")(b)]]],
    [[[[">", h("x"), 0], []]], [">", ["^", "x", 2], 0], [], b => [["h", "pos", 1, body(["^", "#0", 2])(b)]]]],
  ["for every bound value", [[[eq(["int", "z", "pos", h("z")], 1), []]], eq(["int", "z", "pos", "z"], 1), [],
    b => [["h", "pos", 1, body("#0")(b)]]],
    [[[eq(int(h("z")), 1), []]], eq(int("z"), 1), [], b => [["h", "pos", 1, body("#0")(b)]]],
    [[[eq(int(h("z")), 1), []]], eq(int(["/", "z", "z"]), 1), [], b => [["h", "pos", 1, body(["/", "#0", "#0"])(b)]]]],
  ["the last argument is index 0",
    [[[eq(f("x", "y"), 0), []]], eq(["-", "x", "y"], 0), [], b => [["f", "real", 2, body(["-", "#1", "#0"])(b)]]],
    [[[eq(f("x", "y"), 0), []]], eq(["-", "y", "x"], 1), [], b => [["f", "real", 2, body(["-", "#1", "#0"])(b)]]]],
  ["hypotheses too", null, [[[eq(f("x"), 0), [eq(f("y"), 0)]]], eq("x", 0), [eq(f("y"), 0)],
    b => [["f", "real", 1, body("#0")(b)]]]],
  ["this function only", null, [[[eq(["f:int", "x"], 0), []]], eq("x", 0), [], b => [["f", "real", 1, body("#0")(b)]]],
    [[[eq(f("x", "y"), 0), []]], eq("x", 0), [], b => [["f", "real", 1, body("#0")(b)]]]],
  ["no derivative", null, [[[eq(f("x"), f("x")), []]],
    eq(["D", "t", "real", "x", g("t")], ["D", "t", "real", "x", g("t")]), [],
    b => [["f", "real", 1, body(["D", "t", "real", "#0", g("t")])(b)]]]],
  ["no capture", null, [[[eq(int(f("z")), 0), []]], eq(int(["*", "z", "z"]), 0), [],
    b => [["f", "real", 1, body(["*", "#0", "z"])(b)]]]],
]);

const U = t => ["int", "u", "@u", t];
rule("on_space", [
  ["onto the line", [[[ge(U(f("u")), U(f("u"))), []]], ge(int(f("z")), int(f("z"))), [],
    b => [b.term("u1"), ["z", "real"]]]],
  ["a part of a space", null, [[[["all", "u", "@u", ge(1, 0)], []]], ["all", "n", "nat", 1, "N", ge(1, 0)], [],
    b => [b.term("u1"), ["n", "nat", b.term(1), b.term("N")]]]],
  ["an integral is no sum", null, [[[eq(U(f("u")), 1), []]], eq(["sum", "k", "int", f("k")], 1), [],
    b => [b.term("u1"), ["k", "int"]]]],
  ["an empty range", null,
    [[[ge(0, 1), [["all", "u", "@u", ge(0, 1)]]]], ge(0, 1), [["all", "n", "nat", 1, ["-", "N", 1], ge(0, 1)]],
      b => [b.term("u1"), ["n", "nat", b.term(1), b.term(["-", "N", 1])]]],
    [[[ge(0, 1), [["all", "u", "@u", ge(0, 1)]]]], ge(0, 1), [["all", "n", "nat", "-oo", "k", ge(0, 1)]],
      b => [b.term("u1"), ["n", "nat", b.term("-oo"), b.term("k")]]],
    [[[ge(0, 1), [["all", "u", "@u", ge(0, 1)]]]], ge(0, 1), [["all", "z", "pos", "-oo", "x", ge(0, 1)]],
      b => [b.term("u1"), ["z", "pos", b.term("-oo"), b.term("x")]]],
    [[[ge(0, 1), [["all", "u", "@u", ge(0, 1)]]]], ge(0, 1), [["all", "k", "int", "1/3", "1/2", ge(0, 1)]],
      b => [b.term("u1"), ["k", "int", b.term("1/3"), b.term("1/2")]]]],
  ["a free point and ends", null, [[[ge(f("u1"), 0), []]], ["all", "x", "real", ge(f("x"), 0)], [],
    b => [b.term("u1"), ["z", "real", b.term(0), b.term(1)]]]],
  ["hypotheses move too", null, [[[eq("x", 1), [eq(U(f("u")), 0)]]], eq("x", 1), [eq(U(f("u")), 0)],
    b => [b.term("u1"), ["z", "real"]]]],
  ["only abstract spaces", null, [[[eq(int(f("z")), 1), []]], eq(["int", "y", "pos", f("y")], 1), [],
    b => [b.term("x"), ["y", "pos"]]]],
]);

const kl = (q, p) => ["n", "KL", [["z", "real"]], q, p];
rule("unfold", [
  ["the template", [[], eq(kl(h("z"), ["r:pos", "z"]), int(["*", h("z"), ["log", ["/", h("z"), ["r:pos", "z"]]]])), []],
    [[], eq(kl(h("z"), ["r:pos", "z"]), int(["*", h("z"), ["log", ["/", ["r:pos", "z"], h("z")]]])), []],
    [[], eq(["n", "Normal", [], "x", "m", "s"],
      ["*", ["exp", ["*", "-1/2", ["^", ["-", "x", "m"], 2], ["^", "s", -1]]], ["^", ["*", 2, "pi", "s"], "1/2"]]),
      []]],
]);

rule("algebra", [
  ["needs", [[], eq(["/", "x", "x"], 1), [["!=", "x", 0]]], [[], eq(["/", "x", "x"], 1), []],
    [[], eq(["/", "x", "x"], 1), [["!=", "y", 0]]],
    [[], eq(int(["/", "z", "z"]), int(1)), [["!=", "z", 0]]],
      [[], eq(int(["/", "z", "z"]), int(1)), [["all", "z", "pos", ["!=", "z", 0]]]]],
  ["needs for every value", [[], eq(int(["/", f("z"), f("z")]), int(1)), [["all", "z", "real", ["!=", f("z"), 0]]]],
    [[], eq(int(["/", f("z"), f("z")]), int(1)), [["all", "z", "real", 0, 1, ["!=", f("z"), 0]]]],
    [[], eq(["int", "z", "real", 0, 1, ["/", f("z"), f("z")]], 1), [["all", "z", "real", 0, 1, ["!=", f("z"), 0]]]]],
  ["denominators", [[], eq(["+", ["/", "x", ["+", 1, "p"]], ["/", ["*", "p", "x"], ["+", 1, "p"]]], "x"), []],
    [[], eq(["+", ["/", "x", ["+", 1, "x"]], ["/", 1, ["+", 1, "x"]]], 1), []]],
  ["((1+x)/(1+x))^-1", null, [[], eq(["^", ["*", ["+", 1, "x"], ["^", ["+", 1, "x"], -1]], -1], 1), []]],
  ["roots", [[], eq(["^", ["^", "x", 2], "1/2"], ["abs", "x"]), []], [[], eq(["^", ["^", "x", 2], "1/2"], "x"), []],
    [[], eq(["*", ["^", "x", "1/2"], ["^", "x", "1/2"]], "x"), []],
      [[], eq(["^", ["*", "x", "y"], "1/2"], ["*", ["^", "x", "1/2"], ["^", "y", "1/2"]]), []]],
  ["logarithms", [[], eq(["log", ["*", "p", "q"]], ["+", ["log", "p"], ["log", "q"]]), []],
    [[], eq(["log", ["*", "x", "y"]], ["+", ["log", "x"], ["log", "y"]]), []],
    [[], eq(["log", ["^", "x", 2]], ["*", 2, ["log", "x"]]), []], [[], eq(["exp", ["log", "x"]], "x"), []],
      [[], eq(["log", ["*", -1, "p"]], ["log", "p"]), []]],
  ["log(1 + q/p)", [[], eq(["log", ["+", 1, ["/", "q", "p"]]], ["-", ["log", ["+", "p", "q"]], ["log", "p"]]), []],
    [[], eq(["log", ["+", 1, ["/", "x", "p"]]], ["-", ["log", ["+", "p", "x"]], ["log", "p"]]), []]],
  ["symbolic exponents", [[], eq(["^", "x", ["+", "n", 1]], ["*", "x", ["^", "x", "n"]]), []],
    [[], eq(["*", ["^", "x", "k"], ["^", "x", ["-", 1, "k"]]], "x"), []],
    [[], eq(["^", "x", ["+", "k", 1]], ["*", "x", ["^", "x", "k"]]), []],
      [[], eq(["*", ["^", "x", "y"], ["^", "x", "y"]], ["^", "x", ["*", 2, "y"]]), []],
    [[], eq(["^", -1, ["*", 2, "x"]], 1), []], [[], eq(["^", 0, "k"], 0), []]],
  ["a zero power", [[], eq(["^", 0, "n"], 0), []], [[], eq(["^", 0, ["-", "n", 1]], 0), []]],
  ["free of x, exponents too", [[], eq(int(["*", ["exp", "x"], f("z")]), ["*", ["exp", "x"], int(f("z"))]), []],
    [[], eq(int(["*", ["exp", ["^", "z", 2]], f("z")]), ["*", ["exp", ["^", "z", 2]], int(f("z"))]), []]],
  ["integrals do not split", [[], eq(sum(1, "N", ["+", f("n"), g("n")]),
    ["+", sum(1, "N", f("n")), sum(1, "N", g("n"))]), []],
    [[], eq(int(["+", f("z"), g("z")]), ["+", int(f("z")), int(g("z"))]), []]],
  ["binders of one name", [[], eq(int(["int", "z", "real", f("z")]),
    ["int", "y", "real", ["int", "x", "real", f("x")]]), []],
    [[], eq(int(["int", "y", "real", f("z", "y")]), int(["int", "y", "real", f("y", "z")])), []]],
  ["other ranges", null, [[], eq(["int", "z", "real", 0, "oo", f("z")], int(f("z"))), []],
    [[], eq(["int", "z", "pos", f("z")], int(f("z"))), []],
    [[], eq(["sum", "n", "int", 1, "N", f("n")], sum(1, ["+", "N", 1], f("n"))), []]],
  ["x/x = 1 from 1 = 1", null, [[], eq(["/", "x", "x"], 1), [eq(1, 1)]]],
]);

rule("rearrange", [
  ["=", [[[eq("x", "y"), []]], eq(["*", 2, "x"], ["*", 2, "y"]), [], T(2)],
    [[[eq("x", "y"), []]], eq(["*", 2, "x"], "y"), [], T(2)]],
  [">=", [[[ge("x", "y"), []]], ge(["*", "p", "x"], ["*", "p", "y"]), [], T("p")],
    [[[ge("x", "y"), []]], ge(["*", "a", "x"], ["*", "a", "y"]), [], T("a")],
    [[[ge("x", "y"), []]], ge("y", "x"), [], T(-1)], [[[ge("x", "y"), []]], eq("x", "y"), [], T(1)],
      [[[ge("x", "y"), []]], [">", "x", "y"], [], T(1)]],
  ["t of sign in H", [[[ge("x", "y"), []]], ge(["*", "a", "x"], ["*", "a", "y"]), [ge("a", 0)], T("a")]],
]);

rule("unlog", [["positive", [[[eq(["log", "p"], ["log", "q"]), []]], eq("p", "q"), []],
  [[[eq(["log", "x"], ["log", "q"]), []]], eq("x", "q"), []],
  [[[eq(["log", "p"], ["log", "y"]), []]], eq("p", "y"), []]]]);

rule("assume", [
  ["by sorts", [[], ge(["+", ["^", "x", 2], "p"], 0), []], [[], ge("x", 0), []], [[], ge(["-", "p", 1], 0), []],
    [[], ge("p", 1), []]],
  ["naturals", [[], ge(["-", "n", 1], 0), []], [[], ge(["-", "n", 2], 0), []], [[], ge("k", 0), []]],
  ["discriminant", null,
    [[], ge(["+", ["^", "x", 2], ["*", 3, "x"], 1], 0), []]],
  ["logarithms", [[], ge(["log", ["+", 1, ["^", "x", 2]]], 0), []], [[], ge(["log", "p"], 0), []],
    [[], ge(["log", ["+", 1, "x"]], 0), []]],
  ["integrals", [[], ge(int(h("z")), 0), []], [[], ge(int(f("z")), 0), []], [[], ge(["*", -1, int(h("z"))], 0), []]],
  ["empty sums and products", [[], ge(["log", ["+", 1, sum(1, "N", 1)]], 0), []],
    [[], ge(["-", prod(1, "k", 0), 0], 1), []],
    [[], ge(["-", ["^", 0, sum(1, "k", 1)], 1], 0), []]],
  ["closed numbers", [[], ge(["-", ["log", 2], "2/3"], 0), []], [[], ge(["-", ["log", 2], "7/10"], 0), []]],
]);

rule("assume", [["enclosures", [[], ["!=", ["log", 2], "7/10"], []], [[], ["!=", ["exp", 1], ["exp", 1]], []],
  [[], ["!=", "x", 1], []], [[], ["!=", ["^", 4, "1/2"], 2], []]]]);

rule("carry", [["what differs", [[[["!=", 3, 2], []], [eq("x", 3), []], [eq("y", 2), []]], ["!=", "x", "y"], []],
  [[[["!=", "a", 2], []], [eq("x", 3), []], [eq("y", 2), []]], ["!=", "x", "y"], []],
    [[[["!=", 3, 2], []], [eq("x", 3), []], [eq("y", 2), []]], ["!=", "x", "x"], []]]]);

const convs = list => list.map(t => ["conv", t]);
rule("linearity", [
  ["conv of each part", [[], eq(int(["+", f("z"), g("z")]), ["+", int(f("z")), int(g("z"))]),
    convs([int(f("z")), int(g("z"))]), pairs([[1, int(f("z"))], [1, int(g("z"))]])],
    [[], eq(int(["+", f("z"), g("z")]), ["+", int(f("z")), int(g("z"))]), convs([int(f("z"))]),
      pairs([[1, int(f("z"))], [1, int(g("z"))]])],
    [[], eq(int(["+", f("z"), g("z")]), ["+", int(f("z")), ["*", 2, int(g("z"))]]), convs([int(f("z")), int(g("z"))]),
      pairs([[1, int(f("z"))], [2, int(g("z"))]])]],
  ["one part", [[], eq(int(["*", "x", f("z")]), ["*", "x", int(f("z"))]), [], pairs([["x", int(f("z"))]])]],
  ["no constant that moves", null,
    [[], eq(int(["*", "z", f("z")]), ["*", "z", int(f("z"))]), [], pairs([["z", int(f("z"))]])]],
  ["one range", null, [[], eq(int(f("z")), ["int", "z", "real", 0, 1, f("z")]), [],
    pairs([[1, ["int", "z", "real", 0, 1, f("z")]]])]],
  ["needs", null, [[], eq(int(["/", f("z"), f("z")]), int(1)), [], pairs([[1, int(1)]])]],
]);

rule("constant", [
  ["the number of terms", [[], eq(sum(1, "N", "x"), ["*", "N", "x"]), []],
    [[], eq(sum(1, "k", "x"), ["*", "k", "x"]), []], [[], eq(sum(1, "p", "x"), ["*", "p", "x"]), []],
    [[], eq(sum(0, "N", "x"), ["*", ["+", "N", 1], "x"]), []],
      [[], eq(["sum", "k", "int", "1/2", "3/2", "x"], ["*", 2, "x"]), []],
      [[], eq(sum(1, "N", "n"), ["*", "N", "n"]), []]],
]);

rule("write_out", [
  ["whole ends in the sort", [[], eq(sum(1, 3, f("n")), ["+", f(1), f(2), f(3)]), []],
    [[], eq(sum(0, 2, f("n")), ["+", f(0), f(1), f(2)]), []],
    [[], eq(sum(1, 3, f("n")), ["+", f(1), f(2)]), []],
      [[], eq(["sum", "k", "int", "1/2", 2, f("k")], ["+", f("1/2"), f("3/2")]), []],
    [[], eq(sum(1, 2000, 1), 2000), []], [[], eq(["int", "z", "real", 1, 2, f("z")], ["+", f(1), f(2)]), []]],
]);

rule("log_product", [["positive factors", [[], eq(["log", prod(1, "N", h("n"))], sum(1, "N", ["log", h("n")])), []],
  [[], eq(["log", prod(1, "N", f("n"))], sum(1, "N", ["log", f("n")])), []],
    [[], eq(["log", prod(1, "N", f("n"))], sum(1, "N", ["log", f("n")])),
    [["all", "n", "nat", 1, 2, [">", f("n"), 0]]]]]]);

const Y = t => ["int", "y", "real", t];
rule("swap", [
  ["jointly", [[], eq(int(Y(f("y", "z"))), Y(int(f("y", "z")))), [["joint", int(Y(f("y", "z")))]]],
    [[], eq(int(Y(f("y", "z"))), Y(int(f("y", "z")))), []],
    [[], eq(int(Y(f("y", "z"))), Y(int(f("y", "z")))),
      [["all", "z", "real", ["conv", Y(f("y", "z"))]], ["conv", int(Y(f("y", "z")))]]],
    [[], eq(int(Y(f("y", "z"))), Y(int(f("y", "z")))), [["conv", int(Y(["abs", f("y", "z")]))]]]],
  ["with absolute values", [[], eq(int(Y(f("y", "z"))), Y(int(f("y", "z")))),
    [["all", "z", "real", ["conv", Y(f("y", "z"))]], ["conv", int(Y(["abs", f("y", "z")]))]]]],
  ["a finite sum", [[], eq(int(sum(1, "N", f("n", "z"))), sum(1, "N", int(f("n", "z")))),
    [["all", "n", "nat", 1, "N", ["conv", int(f("n", "z"))]]]],
    [[], eq(int(sum(1, "N", f("n", "z"))), sum(1, "N", int(f("n", "z")))),
      [["all", "n", "nat", 1, 2, ["conv", int(f("n", "z"))]]]],
    [[], eq(int(sum(1, "oo", f("n", "z"))), sum(1, "oo", int(f("n", "z")))),
      [["all", "n", "nat", 1, "oo", ["conv", int(f("n", "z"))]]]]],
  ["ends that depend", null, [[], eq(int(["int", "y", "real", 0, "z", f("y", "z")]),
    ["int", "y", "real", 0, "z", int(f("y", "z"))]), [["joint", int(["int", "y", "real", 0, "z", f("y", "z")])]]]],
]);

rule("monotone", [
  ["=", [[[eq(f("x"), g("x")), []]], eq(int(f("z")), int(g("z"))), [], T("x")],
    [[[eq(f("x"), g("x")), [eq("x", 1)]]], eq(int(f("z")), int(g("z"))), [eq("x", 1)], T("x")],
    [[[eq(f("x"), g("x")), []]], eq(int(f("z")), ["int", "z", "pos", g("z")]), [], T("x")]],
  [">=", [[[ge(f("x"), g("x")), []]], ge(int(f("z")), int(g("z"))), convs([int(f("z")), int(g("z"))]), T("x")],
    [[[ge(f("x"), g("x")), []]], ge(int(f("z")), int(g("z"))), convs([int(f("z"))]), T("x")],
    [[[ge(f("x"), g("x")), []]], ge(int(f("z")), int(g("z"))), convs([int(g("z"))]), T("x")]],
  [">= 0", [[[ge(f("x"), 0), []]], ge(int(f("z")), 0), [], T("x")],
    [[[ge(f("x"), -1), []]], ge(int(f("z")), int(-1)), convs([int(f("z"))]), T("x")]],
  ["a parameter that is free", null, [[[eq(f("x", "x"), 0), []]], eq(int(f("z", "x")), int(0)), [], T("x")]],
  ["facts", [[[ge(f("x"), 0), [ge("x", 0), ["<=", "x", 1]]]], ge(["int", "z", "real", 0, 1, f("z")], 0), [], T("x")],
    [[[ge(f("x"), 0), [ge("x", 0), ["<=", "x", 1]]]], ge(["int", "z", "real", 0, 2, f("z")], 0), [], T("x")]],
]);

const squeezed = [[ge(g("x"), f("x")), []], [ge(f("x"), h("x")), []]];
rule("between", [
  ["both bounds converge", [squeezed, ["conv", int(f("z"))], convs([int(g("z")), int(h("z"))]), T("x")],
    [squeezed, ["conv", int(f("z"))], convs([int(g("z"))]), T("x")],
    [squeezed, ["conv", int(f("z"))], convs([int(h("z"))]), T("x")],
    [squeezed, ge(int(g("z")), int(f("z"))), convs([int(g("z")), int(h("z"))]), T("x")],
    [[squeezed[0], [ge(g("x"), h("x")), []]], ["conv", int(f("z"))], convs([int(g("z")), int(h("z"))]), T("x")],
    [[squeezed[0], squeezed[0]], ["conv", int(f("z"))], convs([int(g("z"))]), T("x")],
    [[[ge(g("x"), f("x")), [eq("x", 1)]], squeezed[1]], ["conv", int(f("z"))],
      [...convs([int(g("z")), int(h("z"))]), eq("x", 1)], T("x")],
    [squeezed, ["conv", ["int", "z", "pos", f("z")]], convs([int(g("z")), int(h("z"))]), T("x")]],
  ["one function", null, [[[ge(g("x"), ["/", "x", "x"]), []], [ge(1, 0), []]], ["conv", int(["/", "z", "z"])],
    convs([int(g("z"))]), T("x")]],
]);

rule("term_of_sum", [
  ["a summand", [[], ge(sum(1, "N", h("n")), h("j")), [["<=", "j", "N"]], T("j")],
    [[], ge(sum(1, "N", h("n")), h("j")), [], T("j")],
    [[], ge(sum(1, "N", f("n")), f("j")), [["<=", "j", "N"]], T("j")],
    [[], ge(sum(1, "oo", h("n")), h("j")), [], T("j")],
      [[], ge(sum(1, "N", h("n")), h("p")), [["<=", "p", "N"], ge("p", 1)], T("p")]],
  ["an infinite sum", [[], ge(sum(1, "oo", h("n")), h("j")), convs([sum(1, "oo", h("n"))]), T("j")]],
]);

rule("vanish", [
  ["conv", [[[ge(f("x"), 0), []], [eq(int(f("z")), 0), []]], ["ae", "z", "real", eq(f("z"), 0)], convs([int(f("z"))]),
    T("x")], [[[ge(f("x"), 0), []], [eq(int(f("z")), 0), []]], ["ae", "z", "real", eq(f("z"), 0)], [], T("x")],
    [[[ge(f("x"), 0), [ge("x", 0)]], [eq(int(f("z")), 0), []]], ["ae", "z", "real", eq(f("z"), 0)],
      [...convs([int(f("z"))]), ge("x", 0)], T("x")],
    [[[ge(f("x"), 0), []], [eq(int(f("z")), 0), []]], ["all", "z", "real", eq(f("z"), 0)], convs([int(f("z"))]),
      T("x")],
    [[[ge(f("x"), -1), []], [eq(int(f("z")), 0), []]], ["ae", "z", "real", eq(f("z"), 0)], convs([int(f("z"))]),
      T("x")]],
]);

const ae = P => ["ae", "z", "real", P];
rule("almost_equal", [["the integrals", [[[ae(eq(f("z"), g("z"))), []]], eq(int(f("z")), int(g("z"))), []],
  [[[ae(ge(f("z"), g("z"))), []]], ge(int(f("z")), int(g("z"))), []],
  [[[ae(eq(f("z"), g("z"))), []]], eq(["int", "z", "pos", f("z")], ["int", "z", "pos", g("z")]), []]]]);

rule("almost_all", [
  ["the variable", [[[ae(eq(f("z"), 0)), []], [eq(g("x"), 0), [eq(f("x"), 0)]]], ae(eq(g("z"), 0)), [], T("x")],
    [[[ae(eq(f("z"), 0)), []], [eq(g("x"), 0), [eq(f("x"), 0), eq(h("x"), 1)]]], ae(eq(g("z"), 0)), [eq(h("x"), 1)],
    T("x")],
    [[[ae(eq(f("z", "x"), 0)), []], [eq(g("x"), 0), [eq(f("x", "x"), 0)]]], ae(eq(g("z"), 0)), [], T("x")],
      [[[ae(eq(f("z"), 0)), []], [eq(g("p"), 0), [eq(f("p"), 0)]]], ae(eq(g("z"), 0)), [], T("p")]],
]);

rule("integrable", [["a value that is not 0", [[[eq(int(f("z")), "p"), []]], ["conv", int(f("z"))], []],
  [[[eq(int(f("z")), "x"), []]], ["conv", int(f("z"))], []], [[[eq(int(f("z")), 1), []]], eq(int(f("z")), 1), []],
  [[[eq(int(f("z")), 1), []]], ["conv", int(g("z"))], []]],
    ["in H", [[[eq(int(f("z")), "x"), []]], ["conv", int(f("z"))], [["!=", "x", 0]]]]]);

rule("dominated", [["at t", [[[["dom", "t", "pos", int(f("t", "z"))], []]], ["conv", int(f("p", "z"))], [], T("p")],
  [[[["dom", "t", "pos", int(f("t", "z"))], []]], ["conv", int(f("x", "z"))], [], T("x")]]]);

rule("combine", [["conv of each",
  [[], ["conv", int(["+", f("z"), ["*", "x", g("z")]])], convs([int(f("z")), int(g("z"))]),
  pairs([[1, int(f("z"))], ["x", int(g("z"))]])],
  [[], ["conv", int(["+", f("z"), g("z")])], convs([int(f("z"))]), pairs([[1, int(f("z"))], [1, int(g("z"))]])],
    [[], ["conv", int(["*", "z", f("z")])], convs([int(f("z"))]), pairs([["z", int(f("z"))]])],
  [[], eq(int(f("z")), int(f("z"))), convs([int(f("z"))]), pairs([[1, int(f("z"))]])]],
["a constant that may be 0", null,
  [[], ["conv", int(f("z"))], [["conv", int(["*", "x", f("z")])]], pairs([[1, int(["*", "x", f("z")])]])]]]);

rule("finite_sum", [["for all n",
  [[], ["conv", int(sum(1, "N", f("n", "z")))], [["all", "n", "nat", 1, "N", ["conv", int(f("n", "z"))]]]],
  [[], ["conv", int(sum(1, "N", f("n", "z")))], []],
  [[], ["conv", int(sum(1, "oo", f("n", "z")))], [["all", "n", "nat", 1, "oo", ["conv", int(f("n", "z"))]]]],
    [[], ["conv", int(["sum", "n", "nat", 1, "z", f("n", "z")])], [["all", "n", "nat", ["conv", int(f("n", "z"))]]]]]]);

rule("diverges", [["a bound > 0", [[[ge(f("n"), "p"), []]], ["inf", sum(1, "oo", f("n"))], [], T("n")],
  [[[ge(f("n"), 0), []]], ["inf", sum(1, "oo", f("n"))], [], T("n")],
  [[[ge(f("n"), ["/", 1, "n"]), []]], ["inf", sum(1, "oo", f("n"))], [], T("n")],
    [[[ge(f("n"), 1), [eq("n", 1)]]], ["inf", sum(1, "oo", f("n"))], [eq("n", 1)], T("n")],
  [[[ge(f("n", "n"), 1), []]], ["inf", sum(1, "oo", f("n", "j"))], [], T("n")]]]);

const q = ["prod", "i", "nat", 1, "d", ["h:pos", "i", ["at", "w", "i"]]];
const ones = ["all", "i", "nat", 1, "d", eq(int(["h:pos", "i", "z"]), 1)];
const line = int(["*", ["h:pos", "j", "z"], f("z")]);
const plane = ["int", "w", "^d", ["*", q, f(["at", "w", "j"])]];
const extra = (qq, jj = "j", gg = f("#0")) => b => [b.term("w"), b.term(qq), b.term(jj), b.term(gg, ["#0"])];
const H = [ones, ["<=", "j", "d"], ["conv", line]];
rule("coordinate", [
  ["all conditions", [[], eq(plane, line), H, extra(q)],
    ...H.map((_, i) => [[], eq(plane, line), H.filter((h2, j) => j !== i), extra(q)])],
  ["conv", [[], ["conv", plane], H, extra(q)], [[], ["conv", plane], H.slice(0, 2), extra(q)]],
  ["the product runs over 1..d", null, ...[[1, "n"], [2, "d"]].map(([lo, hi]) => {
    const q2 = ["prod", "i", "nat", lo, hi, ["h:pos", "i", ["at", "w", "i"]]];
    return [[], eq(["int", "w", "^d", ["*", q2, f(["at", "w", "j"])]], line),
      [...H, ["all", "i", "nat", lo, hi, eq(int(["h:pos", "i", "z"]), 1)]], extra(q2)];
  })],
  ["factors of their own coordinate", null, (() => {
    const q2 = ["prod", "i", "nat", 1, "d", ["h:pos", "i", ["at", "w", 1]]];
    return [[], eq(["int", "w", "^d", ["*", q2, f(["at", "w", "j"])]], line), H, extra(q2)];
  })()],
  ["factors > 0", null, (() => {
    const q2 = ["prod", "i", "nat", 1, "d", f("i", ["at", "w", "i"])];
    const l2 = int(["*", f("j", "z"), f("z")]);
    return [[], eq(["int", "w", "^d", ["*", q2, f(["at", "w", "j"])]], l2),
      [["all", "i", "nat", 1, "d", eq(int(f("i", "z")), 1)], ["<=", "j", "d"], ["conv", l2]], extra(q2)];
  })()],
  ["g knows one coordinate", null, [[], eq(plane, line), H, extra(q, "j", ["*", f("#0"), g("w")])]],
  ["no hypothesis about u", null, [[], eq(plane, line), [...H, eq(g("w"), 0)], extra(q)]],
]);

const slope = (at, t, value, sort = "real") => ["slope", "t", sort, at, t, value];
rule("differentiate", [
  ["elementary", [[], slope("x", ["^", "t", 3], ["*", 3, ["^", "x", 2]]), []],
    [[], slope("x", ["^", "t", 3], ["*", 2, ["^", "x", 2]]), []]],
  ["a pole", [[], slope("x", ["^", "t", -1], ["*", -1, ["^", "x", -2]]), [["!=", "x", 0]]],
    [[], slope("x", ["^", "t", -1], ["*", -1, ["^", "x", -2]]), []]],
  ["a logarithm", [[], slope("p", ["log", "t"], ["/", 1, "p"], "pos"), []],
    [[], slope("x", ["log", "t"], ["/", 1, "x"]), []], [[], slope("x", ["log", "t"], ["/", 1, "x"]), [["!=", "x", 0]]]],
  ["a root", [[], slope("x", ["^", "t", "1/2"], ["*", "1/2", ["^", "x", "-1/2"]]), [[">", "x", 0]]],
    [[], slope("x", ["^", "t", "1/2"], ["*", "1/2", ["^", "x", "-1/2"]]), [ge("x", 0)]]],
  ["|t| has none at 0", null, [[], slope("x", ["abs", "t"], ["/", ["abs", "x"], "x"]), []],
    [[], slope("x", ["^", ["^", "t", 2], "1/2"], 1), []]],
  ["x free in the body", [[], slope("x", ["*", "t", "x"], "x"), []],
    [[], slope("x", ["*", "t", "x"], ["*", 2, "x"]), []]],
  ["abstract functions", [[[["slope", "s", "real", "y", f("s"), g("y")], []]],
    slope("x", f(["^", "t", 2]), ["*", 2, "x", g(["^", "x", 2])]), []],
    [[[["slope", "s", "real", "y", f("s"), g("y")], [ge("y", 0)]]],
      slope("x", f(["^", "t", 2]), ["*", 2, "x", g(["^", "x", 2])]), [ge("y", 0)]],
    [[[["slope", "s", "pos", "p", f("s"), g("p")], []]], slope("x", f("t"), g("x")), []],
      [[], slope("x", f("t"), g("x")), []],
    [[[["slope", "s", "real", 3, f("s"), g(3)], []]], slope("x", f("t"), g(3)), []],
      [[[["slope", "s", "real", "y", f("s", "y"), g("y")], []]], slope("x", f("t", "x"), g("x")), []]],
  ["other arguments", [[[["slope", "s", "real", "y", f("a", "s"), g("a", "y")], []]],
    slope("x", f("c", "t"), g("c", "x")), []],
    [[[["slope", "s", "real", "y", f("a", "s"), g("a", "y")], []]], slope("x", f("t", "t"), g("x", "x")), []],
    [[[["slope", "s", "real", "y", f("a", "s"), g("a", "y")], [eq("a", 1)]]], slope("x", f("c", "t"), g("c", "x")),
      [eq("a", 1)]]],
  ["t a variable", null, [[], slope(2, ["^", "t", 2], 4), []]],
  ["below an integral", null, [[], slope("x", int(f("t", "z")), 0), []]],
  ["D is no slope", null, [[[eq(["D", "s", "real", "y", f("s")], g("y")), []]], slope("x", f("t"), g("x")), []]],
]);

rule("slope_value", [["never back",
  [[[slope("x", f("t"), g("x")), []]], eq(["D", "t", "real", "x", f("t")], g("x")), []],
  [[[eq(["D", "t", "real", "x", f("t")], g("x")), []]], slope("x", f("t"), g("x")), []],
  [[[slope("x", f("t"), g("x")), []]], eq(["D", "t", "real", "y", f("t")], g("x")), []]]]);

const moved = int(["*", ["exp", ["*", "t", f("z")]], h("z")]);
const dmoved = at => int(["*", f("z"), ["exp", ["*", at, f("z")]], h("z")]);
const L = [["conv", int(["*", ["exp", ["*", "x", f("z")]], h("z")])], ["dom", "t", "real", dmoved("t")]];
rule("leibniz", [
  ["conv and dom", [[], slope("x", moved, dmoved("x")), L], [[], slope("x", moved, dmoved("x")), L.slice(1)],
    [[], slope("x", moved, dmoved("x")), L.slice(0, 1)],
    [[], slope("x", moved, dmoved("y")), L],
      [[], slope("x", ["int", "z", "real", 0, "t", f("z")], 0),
      [["conv", ["int", "z", "real", 0, "x", f("z")]], ["dom", "t", "real", ["int", "z", "real", 0, "t", 0]]]]],
  ["conditions for all values", null,
    [[], slope("x", int(["*", ["^", ["+", "t", "z"], -1], h("z")]), int(["*", -1, ["^", ["+", "x", "z"], -2], h("z")])),
    [["conv", int(["*", ["^", ["+", "x", "z"], -1], h("z")])],
      ["dom", "t", "real", int(["*", -1, ["^", ["+", "t", "z"], -2], h("z")])]]]],
]);

const N = (t, hi = "N") => sum(1, hi, t);
rule("derivative_of_sum", [["finite",
  [[[slope("x", f("t", "n"), g("x", "n")), []]], slope("x", N(f("t", "n")), N(g("x", "n"))), [], T("n")],
  [[[slope("x", f("t", "n"), g("x", "n")), []]], slope("x", N(f("t", "n"), "oo"), N(g("x", "n"), "oo")), [], T("n")],
  [[[slope("x", f("t", "n"), g("x", "n")), [eq("n", 1)]]], slope("x", N(f("t", "n")), N(g("x", "n"))), [eq("n", 1)],
    T("n")]]]);

const far = ["abs", ["-", "t", "x"]];
const moves = (L, d = far) => ge(["*", L, d], ["abs", ["-", h("t", "z"), h("x", "z")]]);
const kink = [["ae", "z", "real", slope("x", h("t", "z"), g("x", "z"))], []];
const steepAt = (P, ...range) => [["all", "t", "real", ...range, P], []];
const weighted = slope("x", int(["*", ["q:pos", "z"], h("t", "z")]), int(["*", ["q:pos", "z"], g("x", "z")]));
const [whole, bounded] = [h("x", "z"), f("z")].map(t => ["conv", int(["*", ["q:pos", "z"], t])]);
const told = T("z", f("z"), ["q:pos", "z"]);
rule("lipschitz", [
  ["a weight and a bound", [[kink, steepAt(moves(f("z")))], weighted, [whole, bounded], told],
    [[kink, steepAt(moves(f("z")))], weighted, [whole], told],
    [[kink, steepAt(moves(f("z")))], weighted, [bounded], told],
    [[kink, steepAt(moves(f("z")))], weighted, [whole, ["conv", int(f("z"))]], told],
    [[kink, steepAt(moves(f("z")))], weighted, [whole, bounded], T("z", f("z"), 1)],
    [[kink, steepAt(moves(f("z")))], weighted, [whole, bounded], T("z", g("z"), ["q:pos", "z"])],
    [[kink, steepAt(moves(f("z")))], weighted, [whole, bounded], T("p", f("z"), ["q:pos", "z"])],
    [[kink, steepAt(moves(f("z"), 1))], weighted, [whole, bounded], told],
    [[kink, steepAt(moves(f("z"), ["abs", ["-", "t", "y"]]))], weighted, [whole, bounded], told],
    [[kink, steepAt(ge(["*", f("z"), far], ["abs", ["-", g("t", "z"), g("x", "z")]]))], weighted, [whole, bounded], told],
    [[kink, steepAt([">", ...moves(f("z")).slice(1)])], weighted, [whole, bounded], told],
    [[kink, [["ae", "t", "real", moves(f("z"))], []]], weighted, [whole, bounded], told],
    [[kink, [steepAt(moves(f("z")))[0], [eq(f("z"), 1)]]], weighted, [whole, bounded, eq(f("z"), 1)], told],
    [[[["all", "z", "real", kink[0].at(-1)], []], steepAt(moves(f("z")))], weighted, [whole, bounded], told],
    [[[["ae", "z", "real", slope("y", h("t", "z"), g("x", "z"))], []], steepAt(moves(f("z")))], weighted,
      [whole, bounded], told],
    [[[["ae", "z", "real", slope("x", g("t", "z"), g("x", "z"))], []], steepAt(moves(f("z")))], weighted,
      [whole, bounded], told],
    [[[["ae", "z", "real", slope("x", h("t", "z"), f("x", "z"))], []], steepAt(moves(f("z")))], weighted,
      [whole, bounded], told],
    [[[["ae", "z", "pos", kink[0].at(-1)], []], steepAt(moves(f("z")))], weighted, [whole, bounded], told]],
  ["on an interval", [[kink, steepAt(moves(f("z")), ["-", "x", "p"], ["+", "x", 1])], weighted, [whole, bounded], told],
    [[kink, steepAt(moves(f("z")), "x", ["+", "x", 1])], weighted, [whole, bounded], told],
    [[kink, steepAt(moves(f("z")), ["-", "x", 1], "x")], weighted, [whole, bounded], told],
    [[kink, steepAt(moves(f("z")), ["-", "x", 1], ["+", "x", "y"])], weighted, [whole, bounded], told],
    [[kink, steepAt(moves(f("z")), ["-", "x", ["r:pos", "z"]], ["+", "x", 1])], weighted, [whole, bounded], told]],
  ["one range", null, ...[[["t", 1], [0, 1]], [[0, 1], [0, 2]], [[0, 2], [0, 2]]].map(([at, is]) =>
    [[[["ae", "z", "real", 0, 1, kink[0].at(-1)], []], steepAt(moves(1))],
      slope("x", ["int", "z", "real", ...at, h("t", "z")], ["int", "z", "real", ...is, g("x", "z")]),
      [0, "x"].flatMap(lo => [1, 2].flatMap(hi => [h("x", "z"), 1].map(t => ["conv", ["int", "z", "real", lo, hi, t]]))),
      T("z", 1, 1)])],
  ["in the sort", null, [[[["ae", "z", "real", ["slope", "s", "pos", "x", h("s", "z"), g("x", "z")]], []],
    [["all", "s", "pos", ge(["abs", ["-", "s", "x"]], ["abs", ["-", h("s", "z"), h("x", "z")]])], []]],
    ["slope", "s", "pos", "x", int(h("s", "z")), int(g("x", "z"))], [["conv", int(h("x", "z"))], ["conv", int(1)]],
    T("z", 1, 1)]],
]);

const concave = [[ge(["^", "p", -2], 0), []]]; // of log p
const tan = (F, A, B) => ge(["+", A, ["*", B, ["-", "p", "q"]]], F);
rule("tangent", [
  ["concave", [concave, tan(["log", "p"], ["log", "q"], ["/", 1, "q"]), [], T(["log", "p"], "p", "q")],
    [concave, tan(["exp", "p"], ["exp", "q"], ["exp", "q"]), [], T(["exp", "p"], "p", "q")],
    [[], tan(["log", "p"], ["log", "q"], ["/", 1, "q"]), [], T(["log", "p"], "p", "q")],
    [concave, ge(["log", "p"], ["+", ["log", "q"], ["*", ["/", 1, "q"], ["-", "p", "q"]]]), [],
      T(["log", "p"], "p", "q")],
    [[[ge(["^", "y", -2], 0), []]], ge(["+", ["log", "x"], ["*", ["/", 1, "x"], ["-", "y", "x"]]], ["log", "y"]), [],
      T(["log", "y"], "y", "x")],
    [concave, tan(["*", "x", ["log", "p"]], ["*", "x", ["log", "q"]], ["/", "x", "q"]), [],
      T(["*", "x", ["log", "p"]], "p", "q")]],
  ["of this function", null, [concave, tan(["*", "r", ["log", "p"]], ["*", "r", ["log", "q"]], ["/", "r", "q"]), [],
    T(["*", "r", ["log", "p"]], "p", "q")]],
]);
rule("tangent", [["a theorem for every t",
  [[[ge(["/", "r", ["^", "p", 2]], 0), []]], tan(["*", "r", ["log", "p"]], ["*", "r", ["log", "q"]], ["/", "r", "q"]),
  [], T(["*", "r", ["log", "p"]], "p", "q")],
  [[[ge(["/", "x", ["^", "p", 2]], 0), [eq("p", 1)]]],
    tan(["*", "x", ["log", "p"]], ["*", "x", ["log", "q"]], ["/", "x", "q"]), [eq("p", 1)],
    T(["*", "x", ["log", "p"]], "p", "q")],
  [[[ge(["/", "x", "p"], 0), []]], tan(["*", "x", ["log", "p"]], ["*", "x", ["log", "q"]], ["/", "x", "q"]), [],
    T(["*", "x", ["log", "p"]], "p", "q")]]]);
const touch = eq(["+", ["log", "q"], ["*", ["/", 1, "q"], ["-", "p", "q"]]], ["log", "p"]);
rule("touches_once", [["the equation in H", [[], eq("p", "q"), [touch], T(["log", "p"], "p", "q")],
  [[], eq("p", "q"), [], T(["log", "p"], "p", "q")],
  [[], eq("p", "q"), [eq(["+", "q", ["-", "p", "q"]], "p")], T("p", "p", "q")]]]);

const steep = c => [[ge(c, c), []]];
rule("change_of_variables", [
  ["affine, increasing", [steep("p"),
    eq(int(f("z")), ["int", "y", "real", ["*", "p", f(["+", "m", ["*", "p", "y"]])]]), [],
    T(["+", "m", ["*", "p", "y"]], "y")],
    [steep(-1), eq(int(f("z")), ["int", "y", "real", ["*", -1, f(["*", -1, "y"])]]), [], T(["*", -1, "y"], "y")],
      [steep("x"), eq(int(f("z")), ["int", "y", "real", ["*", "x", f(["*", "x", "y"])]]), [], T(["*", "x", "y"], "y")],
    [steep(1), eq(["int", "z", "real", 0, "oo", f("z")], ["int", "y", "real", 0, "oo", f(["+", 1, "y"])]), [],
      T(["+", 1, "y"], "y")]],
  ["y not free", null, [steep(1), eq(int(f("z", "y")), ["int", "y", "real", f(["+", 1, "y"], "y")]), [],
    T(["+", 1, "y"], "y")]],
]);
const cubic = ["+", "y", ["^", "y", 3]];
rule("change_of_variables", [["a bound",
  [[[ge(["+", 1, ["*", 3, ["^", "y", 2]]], 1), []]],
  eq(int(f("z")), ["int", "y", "real", ["*", ["+", 1, ["*", 3, ["^", "y", 2]]], f(cubic)]]), [], T(cubic, "y")],
  [[[ge(["exp", "y"], 0), []]], eq(int(f("z")), ["int", "y", "real", ["*", ["exp", "y"], f(["exp", "y"])]]), [],
    T(["exp", "y"], "y")],
  [[[ge(["exp", "y"], "p"), [ge("y", 0)]]],
    eq(int(f("z")), ["int", "y", "real", ["*", ["exp", "y"], f(["exp", "y"])]]), [ge("y", 0)], T(["exp", "y"], "y")],
  [[[ge(["exp", "y"], ["exp", "y"]), []]], eq(int(f("z")), ["int", "y", "real", ["*", ["exp", "y"], f(["exp", "y"])]]),
    [], T(["exp", "y"], "y")]]]);

const on = (lo, hi, t, sort = "real") => ["int", "z", sort, lo, hi, t];
rule("antiderivative", [
  ["a closed range", [[], eq(on(0, 1, ["*", 2, "z"]), 1), [], T(["^", "z", 2], "z")],
    [[], eq(on(0, 1, ["*", 2, "z"]), 2), [], T(["^", "z", 2], "z")]],
  ["a pole", [[], eq(on(1, 2, ["^", "z", -2], "pos"), "1/2"), [], T(["*", -1, ["^", "s", -1]], "s")],
    [[], eq(on(-1, 1, ["^", "z", -2]), -2), [], T(["*", -1, ["^", "z", -1]], "z")],
    [[], eq(on(0, 1, ["^", "z", -2], "pos"), -1), [], T(["*", -1, ["^", "s", -1]], "s")]],
  ["backwards", null, [[], eq(on(1, 0, ["*", 2, "z"]), -1), [], T(["^", "z", 2], "z")],
    [[], eq(on("x", "y", 1), ["-", "y", "x"]), [], T("z", "z")]],
  ["in H", [[], eq(on("x", "y", 1), ["-", "y", "x"]), [["<=", "x", "y"]], T("z", "z")]],
  ["needs that mention z", null, [[], eq(on(0, 1, ["/", "z", "z"]), 1), [], T("z", "z")]],
  ["infinite ends", [[], eq(on(...inf, ["*", "z", ["exp", ["*", -1, ["^", "z", 2]]]]), 0), [],
    T(["*", "-1/2", ["exp", ["*", -1, ["^", "z", 2]]]], "z")],
    [[], eq(on(0, "oo", ["exp", "z"]), -1), [], T(["exp", "z"], "z")], [[], eq(on(0, "oo", 0), -1), [], T(1, "z")],
      [[], eq(["int", "s", "pos", ["*", "s", ["exp", ["*", -1, ["^", "s", 2]]]]], 0), [],
      T(["*", "-1/2", ["exp", ["*", -1, ["^", "s", 2]]]], "s")]],
  ["an end in the sort", null, [[], eq(on(-1, 1, 1, "pos"), 2), [], T("s", "s")],
    [[], eq(on("x", 1, 1, "pos"), ["-", 1, "x"]), [["<=", "x", 1]], T("s", "s")]],
  ["from 0, in pos", [[], eq(on(0, 1, ["log", "z"], "pos"), -1), [],
    T(["+", ["*", "s", ["log", "s"]], ["*", -1, "s"]], "s")],
    [[], eq(on(0, 1, ["/", 1, "z"], "pos"), ["*", -1, ["log", 0]]), [], T(["log", "s"], "s")],
    [[], eq(on(0, 1, ["^", "z", "-1/2"], "pos"), 2), [], T(["*", 2, ["^", "s", "1/2"]], "s")]],
  ["conv", [[], ["conv", on(0, 1, ["*", 2, "z"])], [], T(["^", "z", 2], "z")],
    [[], ["conv", on(-1, 1, ["^", "z", -2])], [], T(["*", -1, ["^", "z", -1]], "z")]],
]);

const half = n => ["^", "1/2", n];
rule("telescope", [
  ["geometric", [[], eq(sum(1, "oo", half("n")), 1), [], T(["*", 2, half("n")], "n")],
    [[], eq(sum(1, "oo", half("n")), 2), [], T(["*", 2, half("n")], "n")], [[], eq(sum(1, "oo", 0), 1), [], T(1, "n")],
    [[], eq(sum(1, "oo", ["*", -1, ["^", 2, "n"]]), 2), [], T(["^", 2, "n"], "n")],
      [[], eq(sum(0, "oo", half("n")), 2), [], T(["*", 2, half("n")], "n")],
      [[], eq(sum(1, "N", half("n")), 1), [], T(["*", 2, half("n")], "n")]],
]);

rule("cite", [["the table", [[], eq(int(["exp", ["*", "-1/2", ["^", "z", 2]]]), ["^", ["*", 2, "pi"], "1/2"]), [],
  () => "gaussian"], [[], eq(int(["exp", ["*", "-1/2", ["^", "z", 2]]]), ["*", 2, "pi"]), [], () => "gaussian"],
  [[], eq(int(["exp", ["*", "-1/2", ["^", "z", 2]]]), ["^", ["*", 2, "pi"], "1/2"]), [], () => "euler"],
    [[], eq(on(0, "oo", ["exp", ["*", "-1/2", ["^", "z", 2]]]), ["^", ["*", 2, "pi"], "1/2"]), [], () => "gaussian"]]]);

const gauss = (...more) => ["exp", ["+", ["*", -1, "p", ["^", "z", 2]], ...more]];
rule("gaussian_tail", [["the shape", [[], ["conv", int(["*", ["^", "z", 4], gauss(["*", "x", "z"])])], []],
  [[], ["conv", int(["*", ["^", "z", 4], ["exp", ["*", "x", ["^", "z", 2]]]])], []],
  [[], ["conv", int(gauss(["exp", "z"]))], []],
  [[], ["conv", int(["*", gauss("x"), ["exp", ["exp", "z"]]])], []],
    [[], ["conv", int(["*", ["^", "z", -1], gauss("x")])], []], [[], ["conv", int(["+", 1, gauss("x")])], []],
    [[], ["conv", int(["*", f("z"), gauss("x")])], []],
  [[], ["conv", int(gauss(["^", "z", 4]))], []], [[], eq(int(gauss("x")), int(gauss("x"))), []]]]);
rule("gaussian_bound", [["smooth in t",
  [[], ["dom", "t", "real", int(["*", "t", ["exp", ["*", -1, ["^", ["-", "z", "t"], 2]]]])], []],
  [[], ["dom", "t", "real", int(["*", ["/", 1, "t"], ["exp", ["*", -1, ["^", "z", 2]]]])], []],
  [[], ["dom", "t", "real", int(["*", f("t"), ["exp", ["*", -1, ["^", "z", 2]]]])], []],
    [[], ["dom", "t", "real", int(["exp", ["*", -1, "t", ["^", "z", 2]]])], []],
    [[], ["dom", "t", "real", ["*", f("t"), int(["exp", ["*", -1, ["^", "z", 2]]])]], []]]]);

// What "delete the condition, the list must notice" did not notice at first.
rule("each", [["not from almost everywhere", null,
  [[[["ae", "z", "real", ge(f("z"), 0)], []]], ge(f("x"), 0), [], T("x")]]]);
rule("unfold", [["a function with the name of a notation", null,
  [[], eq(["Bernoulli:real", "x", "p", "x", "p"], ["*", ["^", "p", "x"], ["^", ["+", 1, "p"], -1]]), []],
  [[], eq(["Entropy:real", "x", "y", "p"], ["sum", "n", "nat", ["*", -1, "p", ["log", "p"]]]), []]]]);
rule("on_space", [["a free point that keeps its name",
  [[[ge(f("u1"), 0), []]], ge(f(["v", "u1", "real"]), 0), [], b => [b.term("u1"), ["z", "real"]]],
  [[[ge(f("u1"), 0), []]], ge(f(["v", "u1", "real"]), 0), [],
    b => [b.term("u1"), ["z", "real", b.term(0), b.term(1)]]]],
["hypotheses on a range from a number", null,
  [[[eq("y", 1), [["all", "u", "@u", ge(0, 1)]]]], eq("y", 1), [["all", "z", "real", 2, "p", ge(0, 1)]],
  b => [b.term("u1"), ["z", "real", b.term(2), b.term("p")]]]]]);
rule("term_of_sum", [["no integral", null, [[], ge(["int", "z", "real", 0, 2, h("z")], h(1)), [], T(1)]]]);
const vanishing = (P, value, C, H2, x = "x") => [[[P, []], [value, []]], C, H2, T(x)];
rule("vanish", [["this integral, this sort", null,
  vanishing(ge(f("x"), 0), eq(int(g("z")), 0), ["ae", "z", "real", eq(f("z"), 0)], convs([int(f("z"))])),
  vanishing(ge(f("x"), 0), eq(int(f("z")), 1), ["ae", "z", "real", eq(f("z"), 0)], convs([int(f("z"))])),
  vanishing(ge(f("p"), 0), eq(["int", "z", "pos", f("z")], 0), ["ae", "z", "real", eq(f("z"), 0)],
    convs([["int", "z", "pos", f("z")]]), "p"),
  vanishing(ge(f("x"), 0), eq(["int", "z", "real", 0, 1, f("z")], 0), ["ae", "z", "real", eq(f("z"), 0)],
    convs([["int", "z", "real", 0, 1, f("z")]]))]]);
rule("almost_all", [["one range", null,
  [[[["ae", "z", "real", 0, 1, eq(f("z"), 0)], []], [eq(g("x"), 0), [eq(f("x"), 0)]]], ae(eq(g("z"), 0)), [],
  T("x")]]]);
const overAll = (head, t, hi = "d") => [head, "i", "nat", 1, hi, t];
const [gs, cs] = [f("i", ["at", "w", "i"]), ["c:pos", "i"]].map(t => overAll("prod", t));
const all1 = overAll("all", eq(int(f("i", "z")), ["c:pos", "i"]));
const inSpace = t => ["int", "w", "^d", t];
rule("coordinates", [
  ["the value", [[], eq(inSpace(gs), cs), [all1], T("w", gs, cs)],
    [[], eq(inSpace(gs), cs), [], T("w", gs, cs)],
    [[], eq(inSpace(gs), cs), [overAll("all", all1.at(-1), 3)], T("w", gs, cs)],
    [[], eq(inSpace(gs), overAll("prod", ["b:pos", "i"])), [all1], T("w", gs, cs)],
    [[], eq(inSpace(overAll("prod", g("i", ["at", "w", "i"]))), cs), [all1], T("w", gs, cs)],
    [[], eq(inSpace(gs), overAll("prod", cs.at(-1), "N")), [all1], T("w", gs, overAll("prod", cs.at(-1), "N"))],
    [[], eq(inSpace(gs), overAll("sum", cs.at(-1))), [all1], T("w", gs, overAll("sum", cs.at(-1)))],
    [[], eq(inSpace(overAll("sum", gs.at(-1))), cs), [all1], T("w", overAll("sum", gs.at(-1)), cs)],
    [[], eq(inSpace(overAll("prod", gs.at(-1), "N")), overAll("prod", cs.at(-1), "N")),
      [overAll("all", all1.at(-1), "N")], T("w", overAll("prod", gs.at(-1), "N"), overAll("prod", cs.at(-1), "N"))],
    [[], eq(inSpace(gs), cs), [all1], T("u", gs, cs)]],
  ["a value that may be 0", null, [[], eq(inSpace(gs), overAll("prod", ["c:real", "i"])),
    [overAll("all", eq(int(f("i", "z")), ["c:real", "i"]))], T("w", gs, overAll("prod", ["c:real", "i"]))]],
  ["its own coordinate", null, ...[["at", "w", 1], "w"].map(at =>
    [[], eq(inSpace(overAll("prod", f("i", at))), cs), [all1], T("w", overAll("prod", f("i", at)), cs)])],
  ["conv", [[], ["conv", inSpace(gs)], [all1], T("w", gs, cs)], [[], ["conv", inSpace(gs)], [], T("w", gs, cs)]],
]);
const [law, addend] = [h("i", ["at", "w", "i"]), f("i", ["at", "w", "i"])];
const [density, summed] = [overAll("prod", law), overAll("sum", addend)];
const weigh = t => int(["*", h("i", "z"), t]);
const [laws, centred, squared] = [eq(int(h("i", "z")), 1), eq(weigh(f("i", "z")), 0),
  ["conv", weigh(["^", f("i", "z"), 2])]].map(t => overAll("all", t));
const spreadOf = (q, t) => inSpace(["*", q, ["^", t, 2]]);
const variances = overAll("sum", weigh(["^", f("i", "z"), 2]));
const about = (C, H, q = density, t = summed, u = "w") => [[], C, H, T(u, q, t)];
const [spread, independent] = [spreadOf(density, summed), [laws, centred, squared]];
rule("variance_of_sum", [
  ["the value", about(eq(spread, variances), independent), ...[0, 1, 2].map(j =>
    about(eq(spread, variances), independent.filter((_, n) => n !== j))),
  about(eq(spread, overAll("sum", weigh(f("i", "z")))), independent),
  about(eq(spreadOf(density, overAll("sum", g("i", ["at", "w", "i"]))), variances), independent),
  about(eq(spreadOf(density, overAll("sum", addend, "N")), variances), independent, density, overAll("sum", addend, "N")),
  about(eq(spreadOf(density, overAll("prod", addend)), variances), independent, density, overAll("prod", addend)),
  about(eq(spreadOf(overAll("sum", law), summed), variances), independent, overAll("sum", law)),
  about(eq(spreadOf(density, overAll("sum", f("i", "w"))), variances), independent, density, overAll("sum", f("i", "w"))),
  about(eq(spread, variances), independent, density, summed, "u")],
  ["factors that may be negative", null,
    about(eq(spreadOf(overAll("prod", addend), summed), overAll("sum", int(["^", f("i", "z"), 3]))),
      [overAll("all", eq(int(f("i", "z")), 1)), overAll("all", eq(int(["^", f("i", "z"), 2]), 0)),
        overAll("all", ["conv", int(["^", f("i", "z"), 3])])], overAll("prod", addend))],
  ["conv", about(["conv", spread], independent), about(["conv", spread], []),
    about(["conv", inSpace(["*", density, ["^", summed, 4]])], independent)],
]);

const K = ["v", "k", "nat"];
const [shift, row, scale] = [["a:real", "n"], ["b:real", "n", K], ["c:pos", "n"]];
const where = (j, n = "k") => ["+", ["a:real", j],
  ["sum", n, "nat", 1, ["-", j, 1], ["*", ["b:real", j, n], ["at", "w", n]]], ["*", ["c:pos", j], ["at", "w", j]]];
const stretch = ["prod", "n", "nat", 1, "d", scale];
const carried = (F, j, more = stretch) => eq(inSpace(F(["at", "w", j])), inSpace(["*", F(where(j)), more]));
const lower = T("n", K, shift, row, scale);
const every = (hi = "d", lo = 1, sort = "nat") => t => f(["sum", "m", sort, lo, hi, g("m", t)]);
const image = F => ["*", F(where("m")), stretch];
rule("triangular", [
  ["every coordinate", [[], carried(every(), "m"), [], lower], [[], carried(every("N"), "m"), [], lower],
    [[], carried(every("oo"), "m"), [], lower], [[], carried(every("d", 0, "int"), "m"), [], lower],
    [[], carried(every(), "m", 1), [], lower], [[], carried(every(), ["+", "m", 1]), [], lower],
    [[], eq(inSpace(every()(["at", "w", "m"])), inSpace(image(t => every()(["+", t, 1])))), [], lower],
    [[], eq(inSpace(every()(["at", "w", "m"])), ["int", "w", "^N", image(every())]), [], lower]],
  ["one coordinate", [[], carried(f, "j"), [["<=", "j", "d"]], lower], [[], carried(f, "j"), [], lower],
    [[], carried(f, "x"), [["<=", "x", "d"]], lower], [[], carried(f, 2), [], lower]],
  ["the first", [[], carried(f, 1), [], lower], [[], carried(f, 0), [], lower]],
  ["called like an index of the map", [[], eq(inSpace(f(["at", "w", K])), inSpace(["*", f(where(K, "m")), stretch])),
    [["<=", K, "d"]], lower]],
  ["up to an index", [[], carried(t => f(["sum", "j", "nat", 1, "d", ["sum", "m", "nat", 1, "j", g("m", t)]]), "m"), [],
    lower],
  ...["N", "d"].map(hi => [[], carried(t => f(["sum", "j", "nat", 1, hi,
    ["sum", "m", "nat", 1, hi === "N" ? "j" : ["+", "j", 1], g("m", t)]]), "m"), [], lower])],
  ["the point itself", null, [[], eq(inSpace(f("w")), inSpace(["*", f("w"), stretch])), [], lower],
    [[], carried(t => ["*", f(t), f("w")], 1), [], lower]],
  ["turned around", null, [[], eq(inSpace(f(["at", "w", 1])), inSpace(["*", f(["*", ["c:real", 1], ["at", "w", 1]]),
    ["prod", "n", "nat", 1, "d", ["c:real", "n"]]])), [], T("n", "k", 0, 0, ["c:real", "n"])]],
  ["on the line", null, [[], eq(int(f(1)), int(["*", f(1), stretch])), [], lower]],
  ["conv", [[], ["conv", inSpace(every()(["at", "w", "m"]))], [["conv", inSpace(image(every()))]], lower],
    [[], ["conv", inSpace(every()(["at", "w", "m"]))], [], lower]],
]);
const addends = ["sum", "i", "nat", 1, "d", ["h:pos", "i", ["at", "w", "i"]]];
rule("coordinate", [["a product, a coordinate in nat", null,
  [[], eq(["int", "w", "^d", ["*", addends, f(["at", "w", "j"])]], line), H, extra(addends)],
  [[], ["conv", ["int", "w", "^d", ["*", q, f(["at", "w", "k"])]]],
    [ones, ["<=", "k", "d"], ["conv", int(["*", ["h:pos", "k", "z"], f("z")])]], extra(q, "k")]]]);
rule("tangent", [["one sort, smooth", null,
  [concave, ge(["+", ["log", "x"], ["*", ["/", 1, "x"], ["-", "p", "x"]]], ["log", "p"]), [], T(["log", "p"], "p", "x")],
  [[[ge(["+", ["*", 2, ["^", "x", -2]], 2], 0), []]], ge(["+", ["-", ["log", ["^", "y", 2]], ["^", "y", 2]],
    ["*", ["-", ["/", 2, "y"], ["*", 2, "y"]], ["-", "x", "y"]]], ["-", ["log", ["^", "x", 2]], ["^", "x", 2]]), [],
    T(["-", ["log", ["^", "x", 2]], ["^", "x", 2]], "x", "y")]]]);
rule("change_of_variables", [["over the reals", null,
  [steep(1), eq(["int", "z", "pos", f("z")], ["int", "y", "pos", f(["+", 1, "y"])]), [], T(["+", 1, "y"], "y")],
  [steep(1), eq(["int", "z", "pos", f("z")], ["int", "y", "pos", f(["+", 1, "y"])]), [], T(["+", 1, "s"], "s")]]]);
const twoToOne = ["-", "y", ["^", "y", -1]];
rule("change_of_variables", [["smooth everywhere", null,
  [[[ge(["+", 1, ["^", "y", -2]], 1), []]],
  eq(int(f("z")), ["int", "y", "real", ["*", ["+", 1, ["^", "y", -2]], f(twoToOne)]]), [], T(twoToOne, "y")]]]);
rule("derivative_of_sum", [["this sum, this point", null,
  [[[slope("y", f("t", "n"), g("x", "n")), []]], slope("x", N(f("t", "n")), N(g("x", "n"))), [], T("n")],
  [[[slope("x", g("t", "n"), g("x", "n")), []]], slope("x", N(f("t", "n")), N(g("x", "n"))), [], T("n")]]]);
const [rlog, rtan] = [["*", "x", ["log", "p"]],
  tan(["*", "x", ["log", "p"]], ["*", "x", ["log", "q"]], ["/", "x", "q"])];
rule("tangent", [["-f'' >= 0", [[[ge(["/", "x", ["^", "p", 2]], 0), []]], rtan, [], T(rlog, "p", "q")],
  [[[ge(["/", "x", ["^", "p", 2]], -5), []]], rtan, [], T(rlog, "p", "q")]]]);
rule("change_of_variables", [["a factor 2 for a cubic", null,
  [steep(2), eq(int(f("z")), ["int", "y", "real", ["*", 2, f(cubic)]]), [], T(cubic, "y")]]]);
rule("change_of_variables", [["the slope of g", null,
  [[[ge(2, 1), []]], eq(int(f("z")), ["int", "y", "real", ["*", ["exp", "y"], f(["exp", "y"])]]), [],
  T(["exp", "y"], "y")]]]);
rule("telescope", [["the difference", null, [[], eq(sum(1, "oo", half("n")), 2), [], T(["*", 4, half("n")], "n")]],
  ["a rate that decreases", null, [[], eq(sum(1, "oo", ["*", ["^", "p", "n"], ["-", 1, "p"]]), "p"), [],
    T(["^", "p", "n"], "n")], [[], eq(sum(1, "oo",
    ["-", ["exp", ["*", "x", "n"]], ["exp", ["*", "x", ["+", "n", 1]]]]), ["exp", "x"]), [],
    T(["exp", ["*", "x", "n"]], "n")]]]);
const on01 = t => ["int", "y", "real", 0, 1, t];
rule("swap", [["a bounded range of reals is not finite", null,
  [[], eq(int(on01(f("y", "z"))), on01(int(f("y", "z")))), [["all", "y", "real", 0, 1, ["conv", int(f("y", "z"))]]]],
  [[], eq(on01(int(f("y", "z"))), int(on01(f("y", "z")))), [["all", "y", "real", 0, 1, ["conv", int(f("y", "z"))]]]]]]);
rule("finite_sum", [["nor here", null,
  [[], ["conv", int(on01(f("y", "z")))], [["all", "y", "real", 0, 1, ["conv", int(f("y", "z"))]]]]]]);
rule("assume", [["conv of a bounded range", null, [[], ["conv", on01(f("y"))], []]]]);
rule("linearity", [["both ends", null,
  ...[[0, 2], [1, 1]].map(([lo, hi]) => [[],
  eq(["int", "z", "real", 0, 1, f("z")], ["int", "z", "real", lo, hi, f("z")]), [],
  pairs([[1, ["int", "z", "real", lo, hi, f("z")]]])])]]);
rule("differentiate", [["t^t", null, [[], slope("x", ["^", "t", "t"], 0), [[">", "x", 0]]],
  [[], slope("x", ["^", "t", "t"], ["*", ["^", "x", "x"], ["+", ["log", "x"], 1]]), [["!=", "x", 0]]]]]);

const Z = [["z", "real"]];
const [hz, pz] = [h("z"), ["r:pos", "z"]];
const log = t => ["log", t];
const ZY = [["z", "real"], ["y", "pos"]]; // the first range is the innermost
const both = t => ["int", "y", "pos", ["int", "z", "real", t]];
const upTo = ["n", "E", [["n", "nat", 1, "k"], ["k", "nat", 1, "N"]], f("n", "k"), 1]; // ends know the outer ranges
rule("unfold", [["each template", null], ...[
  ["E", [f("z"), hz], int(["*", hz, f("z")]), int(f("z"))],
  ["Entropy", [hz], ["*", -1, int(["*", hz, log(hz)])], int(["*", hz, log(hz)])],
  ["CrossEntropy", [hz, pz], ["*", -1, int(["*", hz, log(pz)])], ["*", -1, int(["*", pz, log(hz)])]],
  ["KL", [hz, pz], int(["*", hz, log(["/", hz, pz])]), int(["*", pz, log(["/", pz, hz])])],
  ["ELBO", [pz, hz], int(["*", hz, log(["/", pz, hz])]), int(["*", hz, log(["/", hz, pz])])],
].map(([head, args, right, wrong]) => [head, [[], eq(["n", head, Z, ...args], right), []],
  [[], eq(["n", head, Z, ...args], wrong), []]]),
["Normal", [[], eq(["n", "Normal", [], "x", "m", "s"],
  ["*", ["exp", ["*", "-1/2", ["^", ["-", "x", "m"], 2], ["^", "s", -1]]], ["^", ["*", 2, "pi", "s"], "-1/2"]]), []]],
["Bernoulli", [[], eq(["n", "Bernoulli", [], "n", "p"], ["*", ["^", "p", "n"], ["^", ["+", 1, "p"], -1]]), []]],
["Information", [[], eq(["n", "Information", ZY, ["r:pos", "y"], h("z", "y"), h("z")],
  ["int", "y", "pos", ["*", ["r:pos", "y"], int(["*", h("z", "y"), log(["/", h("z", "y"), h("z")])])]]), []]],
["two ranges", [[], eq(["n", "E", ZY, f("z", "y"), 1], both(f("z", "y"))), []],
  [[], eq(["n", "E", ZY, f("z", "y"), 1], ["int", "z", "real", ["int", "y", "pos", f("z", "y")]]), []]],
["ends", [[], eq(upTo, ["sum", "k", "nat", 1, "N", ["sum", "n", "nat", 1, "k", f("n", "k")]]), []],
  [[], eq(upTo, ["sum", "k", "nat", 1, "N", ["sum", "n", "nat", 1, "N", f("n", "k")]]), []]]]);
