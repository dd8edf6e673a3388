// The finder: what is chosen leaves the rows that fit. A row for any density fits every law.
document$.subscribe(() => {
  const form = document.querySelector("form.choose");
  if (!form) return;
  const rows = [...document.querySelectorAll("table.finder tbody tr")];
  const fits = (row, [field, wanted]) =>
    !wanted || row.dataset[field] === wanted || ("qp".includes(field) && row.dataset[field] === "any density");
  const apply = () => {
    const chosen = [...new FormData(form)];
    for (const row of rows) row.hidden = !chosen.every(choice => fits(row, choice));
    for (const select of form.elements) {
      if (select.localName !== "select") continue;
      const others = chosen.filter(([field]) => field !== select.name);
      for (const option of select.options)
        option.disabled = option.value !== "" && !rows.some(row => [...others, [select.name, option.value]].every(choice => fits(row, choice)));
    }
    const shown = rows.filter(row => !row.hidden).length;
    form.querySelector("output").textContent = shown === 1 ? "1 formula" : `${shown} formulas`;
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
