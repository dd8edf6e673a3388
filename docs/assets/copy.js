// Copy a statement as TeX, or its citation as BibTeX. The TeX is read off the formula's MathML twin.
const entry = verdict => {
  const name = verdict.querySelector(".bar code").textContent;
  const heading = document.getElementById(name);
  const words = heading ? heading.firstChild.textContent.trim() : name;
  const year = new Date(document.lastModified).getFullYear();
  return [
    `@misc{elbo_ref_${name},`, `  title  = {${words}},`, "  author = {{The elbo-ref developers}},",
    `  year   = {${year}},`, `  note   = {elbo-ref, ${name}},`,
    `  url    = {${location.origin}${location.pathname}#${name}},`, "}",
  ].join("\n");
};
const statement = verdict => verdict.querySelector(".statement annotation").textContent.trim();

document$.subscribe(() => {
  for (const verdict of document.querySelectorAll(".verdict")) {
    const bar = verdict.querySelector(".bar");
    if (!navigator.clipboard || bar.querySelector("button.copy")) continue;
    for (const [words, text] of [["TeX", statement], ["BibTeX", entry]]) {
      const button = document.createElement("button");
      button.className = "copy";
      button.textContent = words;
      button.title = `Copy as ${words}`;
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(text(verdict));
        button.textContent = "copied";
        setTimeout(() => { button.textContent = words; }, 1500);
      });
      bar.append(button);
    }
  }
});
