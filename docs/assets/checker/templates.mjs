// The eight notations: what each stands for. A template does not look at its arguments.
import { Q, refuse } from "./rational.mjs";

const MINUS_HALF = new Q(-1n, 2n);
const log = (T, a) => T.app("log", a);

// [least number of ranges, most, number of arguments, term of the arguments, which is integrated over the ranges]
const TEMPLATES = {
  Normal: [0, 0, 3, (T, z, m, v) => T.mul(
    T.app("exp", T.mul(T.q(MINUS_HALF), T.app("^", T.sub(z, m), T.q(2)), T.inv(v))),
    T.app("^", T.mul(T.q(2), T.app("pi"), v), T.q(MINUS_HALF)),
  )],
  Bernoulli: [0, 0, 2, (T, x, odds) => T.mul(T.app("^", odds, x), T.inv(T.add(T.one, odds)))],
  E: [1, Infinity, 2, (T, f, q) => T.mul(q, f)],
  Entropy: [1, Infinity, 1, (T, q) => T.mul(q, log(T, q)), true],
  CrossEntropy: [1, Infinity, 2, (T, q, p) => T.mul(q, log(T, p)), true],
  KL: [1, Infinity, 2, (T, q, p) => T.mul(q, log(T, T.mul(q, T.inv(p))))],
  ELBO: [1, Infinity, 2, (T, joint, q) => T.mul(q, log(T, T.mul(joint, T.inv(q))))],
  Information: [2, 2, 3, (T, w, c, m) => T.mul(c, log(T, T.mul(c, T.inv(m))))],
};

// An argument that stands under the innermost range without mentioning it, moved out of that range.
const lowered = (T, term) => T.rebuild(term, (t, d) => {
  if (t.loose.length <= d) return t;
  if (t.op !== "b") return undefined;
  return t.data === d ? refuse("w of Information mentions the inner variable") : T.index(t.data - 1);
});

export function expand(T, term) {
  if (!Object.hasOwn(TEMPLATES, term.data)) refuse("unknown notation");
  const [least, most, count, build, negative] = TEMPLATES[term.data];
  const ranges = term.sorts.length;
  const args = term.kids.slice(2 * ranges);
  if (ranges < least || ranges > most || args.length !== count) refuse("a notation with other arguments than its own");
  const over = (body, j) => T.binder(
    ["int", "nat"].includes(term.sorts[j].kind) ? "sum" : "int",
    term.hints[j], term.sorts[j], term.kids[2 * j], term.kids[2 * j + 1], body,
  );
  let body = build(T, ...args);
  if (term.data === "Information") return over(T.mul(lowered(T, args[0]), over(body, 0)), 1);
  for (let j = 0; j < ranges; j += 1) body = over(body, j);
  return negative ? T.neg(body) : body;
}
