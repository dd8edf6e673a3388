// Malformed, truncated, cyclic, huge and hostile certificates: one line, in bounded time, never "accepted".
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { check, checkNow } from "../../docs/assets/checker/replay.mjs";
import { Builder } from "./builder.mjs";

const cli = new URL("../../docs/assets/checker/cli.mjs", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "checker-"));

function run(text, ...args) {
  const file = join(folder, "c.json");
  writeFileSync(file, text);
  return spawnSync(process.execPath, [cli, file, ...args], { encoding: "utf8", timeout: 60000 });
}

function good() {
  const b = new Builder();
  const statement = ["=", ["+", "x", "x"], ["*", 2, "x"]];
  const node = b.node("algebra", [], statement);
  b.theorems.push(["twice", node, b.term(statement), []]);
  return b.certificate;
}

const withRows = (...rows) => ({ terms: rows, nodes: [], theorems: [] });
const change = edit => {
  const c = structuredClone(good());
  edit(c);
  return c;
};

test("the good one is accepted, by the command and by the page's call", async () => {
  assert.equal(run(JSON.stringify(good())).status, 0);
  assert.equal((await check(good())).accepted, true);
  let calls = 0;
  await check(good(), { slice: -1, onProgress: () => { calls += 1; } });
  assert.ok(calls > 0);
  const lines = run(JSON.stringify(good()), "--json").stdout.trim().split("\n").map(l => JSON.parse(l));
  assert.deepEqual(lines[0], { node: 0, rule: "algebra", accepted: true, reason: "" });
  assert.equal(lines[1].theorem, "twice");
  assert.equal(run(JSON.stringify(good()), "--theorem", "twice").status, 0);
  assert.notEqual(run(JSON.stringify(good()), "--theorem", "thrice").status, 0);
});

const malformed = {
  "empty": "", "null": "null", "a list": "[]", "truncated": JSON.stringify(good()).slice(0, -5), "no object": "3",
  "a key too many": JSON.stringify({ ...good(), more: [] }), "a key too few": '{"terms":[],"nodes":[]}',
  "a key twice": '{"terms":[],"nodes":[],"theorems":[],"terms":[]}',
    "a byte order mark": `\ufeff${JSON.stringify(good())}`,
  "an escaped key twice": '{"terms":[],"nodes":[],"theorems":[],"\\u0074erms":[]}',
  "__proto__": '{"terms":[],"nodes":[],"theorems":[],"__proto__":[]}',
    "a float": '{"terms":[["b",0.0]],"nodes":[],"theorems":[]}',
  "an exponent": '{"terms":[["b",1e0]],"nodes":[],"theorems":[]}',
    "minus zero": '{"terms":[["b",-0]],"nodes":[],"theorems":[]}',
  "true": '{"terms":[["b",true]],"nodes":[],"theorems":[]}',
    "a long number": '{"terms":[["b",100000000000000000000]],"nodes":[],"theorems":[]}',
  "deep nesting": `{"terms":${"[".repeat(100000)}${"]".repeat(100000)},"nodes":[],"theorems":[]}`,
    "NaN": '{"terms":[["b",NaN]],"nodes":[],"theorems":[]}',
};
for (const [what, text] of Object.entries(malformed)) {
  test(`malformed: ${what}`, () => {
    const result = run(text);
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /^refused: [^\n]*\n$/);
    assert.equal(result.stdout, "");
  });
}

test("bytes that are no UTF-8, a folder, no file", () => {
  assert.match(run(Buffer.from([0x7b, 0xff, 0x7d])).stderr, /^refused: [^\n]*\n$/);
  for (const path of [folder, join(folder, "none")]) {
    const result = spawnSync(process.execPath, [cli, path], { encoding: "utf8" });
    assert.notEqual(result.status, 0);
    assert.match(result.stderr, /^refused: [^\n]*\n$/);
  }
});

const q = n => ["q", n];
const rows = {
  "a forward row": withRows(["exp", 0]), "a row -1": withRows(q("1"), ["exp", -1]),
    "a row as text": withRows(q("1"), ["exp", "0"]),
  "an unknown row": withRows(["sin", 0]), "a prototype's row": withRows(["constructor", 0]),
    "no list": withRows({ 0: "q" }),
  "1/0": withRows(q("1/0")), "a decimal": withRows(q("1.5")), "an Arabic digit": withRows(q("\u0661")),
    "spaces": withRows(q(" 1")), "+1": withRows(q("+1")),
  "301 digits": withRows(q("1".repeat(301))), "a literal number": withRows(["q", 1]),
    "a reserved name": withRows(["v", "#0", "real"]),
  "another": withRows(["v", "!1", "real"]), "in a hint": withRows(q("1"), ["int", "!1", "real", 0]),
    "a reserved space": withRows(["v", "u", "@?"]),
  "an empty name": withRows(["v", "", "real"]), "a long name": withRows(["v", "x".repeat(101), "real"]),
    "no sort": withRows(["v", "x", "constructor"]),
  "^ without d": withRows(["v", "u", "^"]), "R^0": withRows(q("0"), ["v", "u", ["^", 0]]),
    "R^(1/2)": withRows(q("1/2"), ["v", "u", ["^", 0]]),
  "R^x": withRows(["v", "x", "real"], ["v", "u", ["^", 0]]), "oo as a number": withRows(["oo"], ["exp", 0]),
    "an integral of a point": withRows(["v", "u", "@u"], ["int", "z", "real", 0]),
  "a sum over reals": withRows(q("1"), ["sum", "n", "real", 0]),
    "an integral over naturals": withRows(q("1"), ["int", "n", "nat", 0]),
    "a product without ends": withRows(q("1"), ["prod", "n", "nat", 0]),
  "an infinite product": withRows(q("1"), ["oo"], ["prod", "n", "nat", 0, 1, 0]),
    "ends of a space": withRows(q("1"), ["int", "u", "@u", 0, 0, 0]),
    "oo below": withRows(q("1"), ["oo"], ["int", "z", "real", 1, 1, 0]),
  "a point as a number": withRows(["b", 0], ["exp", 0], ["int", "u", "@u", 1]),
    "coordinates of @u": withRows(["b", 0], q("1"), ["at", 0, 1], ["int", "u", "@u", 2]),
  "a point plus 1": withRows(["v", "u", "@u"], q("1"), ["+", 0, 1]), "a sum of one": withRows(q("1"), ["+", 0]),
    "a proposition as a number": withRows(q("1"), ["=", 0, 0], ["exp", 1]),
  "conv of no integral": withRows(q("1"), ["conv", 0]),
    "conv of a product of two": withRows(q("1"), ["int", "z", "real", 0], ["*", 1, 1], ["conv", 2]),
  "joint of one integral": withRows(q("1"), ["int", "z", "real", 0], ["joint", 1]),
    "inf of a finite sum": withRows(q("1"), ["sum", "n", "nat", 0, 0, 0], ["inf", 1]),
  "D below an integral": withRows(q("1"), ["b", 0], ["D", "t", "real", 0, 1], ["int", "z", "real", 2]),
    "D in E": withRows(q("1"), ["b", 0], ["D", "t", "real", 0, 1], ["n", "E", [["z", "real"]], 2, 0]),
  "D over whole numbers": withRows(q("1"), ["D", "t", "nat", 0, 0]),
    "an unknown notation": withRows(q("1"), ["n", "toString", [], 0]),
    "Normal with a range": withRows(q("1"), ["n", "Normal", [["z", "real"]], 0, 0, 0]),
  "KL of one": withRows(q("1"), ["n", "KL", [["z", "real"]], 0]),
    "w of Information mentions c's variable": withRows(["b", 0],
    ["n", "Information", [["z", "real"], ["y", "real"]], 0, 0, 0]),
  "an index of 10^9": withRows(["b", 1000000000]),
    "too deep": withRows(q("1"), ...Array.from({ length: 500 }, (_, i) => ["exp", i])),
  "a value of sort @u": withRows(q("1"), ["f", "f", "@u", 0]), "a function of nothing": withRows(["f", "f", "real"]),
  "300 free variables": withRows(...Array.from({ length: 300 }, (_, i) => ["v", `x${i}`, "real"]),
    ["+", ...Array(300).keys()]),
  "a premise -1": change(c => { c.nodes[0][1] = [-1]; }), "itself as a premise": change(c => { c.nodes[0][1] = [0]; }),
    "a premise that is a list": change(c => { c.nodes[0][1] = [[0]]; }),
  "a conclusion that is a number": change(c => { c.nodes[0][2] = 0; }),
    "a hypothesis with a dangling index": change(c => {
    c.terms.push(["b", 0], ["=", c.terms.length, c.terms.length]);
    c.nodes[0][3] = [c.terms.length - 1];
  }),
  "a theorem twice": change(c => { c.theorems.push(c.theorems[0]); }),
    "a theorem's node": change(c => { c.theorems[0][1] = 1; }),
    "a theorem named 3": change(c => { c.theorems[0][0] = 3; }),
};
for (const [what, certificate] of Object.entries(rows)) {
  test(`refused whole: ${what}`, () => {
    const { accepted, malformed: reason } = checkNow(certificate);
    assert.equal(accepted, false);
    assert.ok(reason && !reason.includes("error in the checker"), reason);
  });
}

const steps = {
  "an unknown rule": change(c => { c.nodes[0][0] = "trust_me"; }),
    "a prototype's rule": change(c => { c.nodes[0][0] = "__proto__"; }),
  "a premise too many": change(c => { c.nodes.push(["algebra", [0], c.nodes[0][2], []]); }),
  "an extra of the wrong form": change(c => { c.nodes.push(["substitute", [0], c.nodes[0][2], [],
    [[99999, 0], [0, 'x'], 7]]); }), "no extra": change(c => { c.nodes.push(["substitute", [0], c.nodes[0][2], []]); }),
  "a statement that is another": change(c => { c.terms.push(["=", 0,
    0]); c.theorems[0][2] = c.terms.length - 1; c.terms.push(["v", "y", "real"],
    ["=", 0, c.terms.length]); c.theorems[0][2] = c.terms.length - 1; }),
};
for (const [what, certificate] of Object.entries(steps)) {
  test(`refused in part: ${what}`, () => {
    const result = checkNow(certificate);
    assert.equal(result.malformed, undefined);
    assert.equal(result.accepted, false);
    assert.ok(!JSON.stringify(result).includes("error in the checker"), JSON.stringify(result));
  });
}

function theorem(conclusion, hypotheses, statement, given) {
  const b = new Builder();
  b.node("assume", [], conclusion, hypotheses);
  b.theorems.push(["t", 0, b.term(statement), given.map(p => b.term(p))]);
  return checkNow(b.certificate).theorems[0].accepted;
}

test("theorems: hypotheses are given, one name is one symbol", () => {
  const P = ["=", "x", 1];
  assert.ok(theorem(P, [P], P, [P]));
  assert.ok(!theorem(P, [P], P, []));
  assert.ok(!theorem(P, [P], ["=", "x", 2], [P]));
  assert.ok(!theorem(["=", ["f:real", "x"], ["f:pos", "x"]], [["=", ["f:real", "x"], ["f:pos", "x"]]],
    ["=", ["f:real", "x"], ["f:pos", "x"]], [["=", ["f:real", "x"], ["f:pos", "x"]]]));
  assert.ok(!theorem(["=", ["x:real", "x"], 1], [["=", ["x:real", "x"], 1]], ["=", ["x:real", "x"], 1],
    [["=", ["x:real", "x"], 1]]));
});

test("a refused premise spoils the theorem, not the node", () => {
  const b = new Builder();
  const P = ["=", "x", "y"];
  const bad = b.node("algebra", [], P);
  const top = b.node("flip", [bad], ["=", "y", "x"]);
  b.theorems.push(["t", top, b.term(["=", "y", "x"]), []]);
  const { nodes, theorems } = checkNow(b.certificate);
  assert.deepEqual(nodes.map(n => n.accepted), [false, true]);
  assert.equal(theorems[0].accepted, false);
  assert.equal(theorems[0].refusal.node, bad);
});

const tower = n => (n ? ["^", tower(n - 1), 9] : ["+", "x", "y", "p", "q", "a", "c", 1]);
const heavy = {
  "giant exponents": ["^", 7, "999999999999999999999"],
    "a tower of literals": ["^", ["^", ["^", 9, 9], 9], ["^", 9, 9]], "a tower": tower(6),
  "a symbolic giant": ["^", ["+", "x", 1], "99999999"], "2^-huge": ["^", 2, "-99999999999"],
    "roots of giants": ["^", "9".repeat(290), "1/7"],
  "exp of giants": ["-", ["exp", ["exp", ["exp", ["exp", 9]]]], 1],
    "an exponent 10^300": ["exp", ["*", `1${"0".repeat(290)}`, ["log", 3]]],
};
for (const [what, term] of Object.entries(heavy)) {
  test(`heavy: ${what}`, () => {
    const b = new Builder();
    for (const op of ["=", ">=", "!="]) b.node(op === "=" ? "algebra" : "assume", [], [op, term, ["+", "x", 5]]);
    const began = performance.now();
    const result = checkNow(b.certificate);
    assert.equal(result.accepted, false);
    assert.ok(performance.now() - began < 20000);
  });
}

test("heavy: shared terms, 2^200 written out", () => {
  const b = new Builder();
  let t = b.row("+", b.row("v", "x", "real"), b.row("q", "1"));
  for (let i = 0; i < 190; i += 1) t = b.row(["+", "*"][i % 2], t, t);
  for (const hint of ["z", ""]) {
    const u = b.row("int", hint, "real", t);
    const P = b.row("=", u, b.row("q", "0"));
    b.nodes.push(["algebra", [], P, []], ["assume", [], P, [P]], ["rewrite", [1], b.row("=", u, t), []],
      ["for_all", [1], b.row("all", "z", "real", P), [], 0]);
  }
  const began = performance.now();
  const result = checkNow(b.certificate);
  assert.equal(result.malformed, undefined);
  assert.equal(result.accepted, false);
  assert.ok(performance.now() - began < 20000);
});

test("heavy: many nodes at the limit end in the limit of the file", () => {
  const b = new Builder();
  for (let i = 0; i < 3000; i += 1) b.node("algebra", [], ["=", ["^", ["+", "x", "y", "p", "q", "a", `${i}`], 9], i]);
  const began = performance.now();
  assert.equal(checkNow(b.certificate).accepted, false);
  assert.ok(performance.now() - began < 60000, `${performance.now() - began}`);
});
