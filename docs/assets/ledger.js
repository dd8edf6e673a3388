// The filters of the ledger. They live in the address too, so that a filtered ledger can be linked to.
document$.subscribe(() => {
  const form = document.querySelector("form.filters");
  if (!form) return;
  const rows = [...document.querySelectorAll(".claim")];
  const apply = () => {
    const { document: doc, verdict, derivation } = Object.fromEntries(new FormData(form));
    for (const row of rows)
      row.hidden = (doc && row.closest("section").dataset.document !== doc)
        || (verdict && row.dataset.verdict !== verdict)
        || (derivation && !row.dataset.derivation.split(" ").includes(derivation));
    for (const section of document.querySelectorAll("section.document")) {
      section.hidden = !section.querySelector(".claim:not([hidden])");
      let heading; // a heading stands as long as one of its claims does
      for (const e of section.children)
        if (e.matches(".section")) (heading = e).hidden = true;
        else if (heading && e.matches(".claim:not([hidden])")) heading.hidden = false;
    }
    const shown = rows.filter(row => !row.hidden).length;
    form.querySelector("output").textContent = `${shown} of ${rows.length} claims`;
  };
  for (const [name, value] of new URLSearchParams(location.search))
    if (form.elements[name]) form.elements[name].value = value;
  form.addEventListener("change", () => {
    apply();
    const chosen = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
    history.replaceState(null, "", chosen.size ? `?${chosen}` : location.pathname);
  });
  form.hidden = false;
  apply();
});
