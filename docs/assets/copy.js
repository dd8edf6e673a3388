// Buttons over a statement: copy it with its hypotheses as TeX, or its entry as BibTeX. The texts stand under "Cite this".
const cited = (verdict, kind) => {
  for (let next = verdict.nextElementSibling; next && !next.matches("h2, .verdict"); next = next.nextElementSibling)
    if (next.matches("details.cite")) return next.querySelector(`.${kind}`).textContent;
};

document$.subscribe(() => {
  for (const verdict of document.querySelectorAll(".verdict")) {
    const bar = verdict.querySelector(".bar");
    if (!navigator.clipboard || bar.querySelector("button.copy")) continue;
    for (const [words, kind] of [["TeX", "tex"], ["BibTeX", "bibtex"]]) {
      const text = cited(verdict, kind);
      if (!text) continue; // a statement on a page that is not its own
      const button = document.createElement("button");
      button.className = "copy";
      button.textContent = words;
      button.title = `Copy as ${words}`;
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(text);
        button.textContent = "copied";
        setTimeout(() => { button.textContent = words; }, 1500);
      });
      bar.append(button);
    }
  }
});
