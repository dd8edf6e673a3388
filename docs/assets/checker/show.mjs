// For looking at polynomials while debugging, and for messages.
export function show(A, p) {
  if (!p.terms.length) return "0";
  return p.terms.map(([m, c]) => [`${c}`, ...m.factors.map(([a, e]) => showAtom(A, a) + (e === A.one ? "" : `^(${show(A, e)})`))]
    .filter((x, i, all) => x !== "1" || all.length === 1).join(" ")).join(" + ");
}
function showAtom(A, a) {
  const name = a.kind === "v" ? a.tag.split(":")[0].replaceAll('"', "") : a.kind === "f" ? a.tag.split(":")[0] : a.kind === "prime" ? a.tag : a.kind;
  return a.kids.length ? `${name}[${a.xs.map(x => showAtom(A, x))}](${a.kids.map(k => show(A, k)).join(", ")})` : name;
}
