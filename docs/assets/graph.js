// The graph: a chapter that is pointed to opens, and a theorem is found by a part of its title or of its name.
document$.subscribe(() => {
  const form = document.querySelector("form.find");
  if (!form) return;
  const open = () => {
    const chapter = document.getElementById(location.hash.slice(1));
    if (chapter?.matches("details.chapter")) chapter.open = true;
  };
  window.addEventListener("hashchange", open);
  open();
  // On paper all chapters are open, on the screen one at a time.
  const chapters = [...document.querySelectorAll("details.chapter")];
  window.addEventListener("beforeprint", () => {
    for (const chapter of chapters) chapter.removeAttribute("name");
    for (const chapter of chapters) chapter.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const chapter of chapters) Object.assign(chapter, { open: false, name: "chapter" });
    open();
  });
  for (const node of document.querySelectorAll(".chapters a"))
    node.addEventListener("click", () => setTimeout(open)); // also where the address stays the same
  const rows = [...document.querySelectorAll(".uses > li")].map(row => {
    const link = row.querySelector("a");
    return { row, link, words: `${link.textContent} ${link.hash.slice(1)}`.toLowerCase() };
  });
  const input = form.querySelector("input"), list = form.querySelector("ul");
  input.addEventListener("input", () => {
    const asked = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = asked.length ? rows.filter(({ words }) => asked.every(word => words.includes(word))) : [];
    list.replaceChildren(...found.slice(0, 8).map(({ row, link }) => {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: link.textContent });
      button.addEventListener("click", () => show(row, link));
      const item = document.createElement("li");
      item.append(button);
      return item;
    }));
    if (asked.length && !found.length) list.textContent = "no theorem of this name";
  });
  const show = (row, link) => {
    const chapter = row.closest("details");
    chapter.open = true;
    for (const old of document.querySelectorAll(".found")) old.classList.remove("found");
    const box = [...chapter.querySelectorAll(".graph a")].find(a => a.getAttribute("href") === link.getAttribute("href"));
    for (const each of [box, row]) each?.classList.add("found");
    const shown = box?.checkVisibility() ? box : row;
    shown.scrollIntoView({ block: "center", inline: "center" });
    (shown === box ? box : link).focus({ preventScroll: true });
  };
  form.addEventListener("submit", event => {
    event.preventDefault();
    list.querySelector("button")?.click();
  });
  form.hidden = false;
});
