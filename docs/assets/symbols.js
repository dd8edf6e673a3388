// What a symbol of a statement means: point at it, tap it, or reach its words by the keyboard. The words stand under the
// formula; here each is tied to its places in it.
document$.subscribe(() => {
  for (const verdict of document.querySelectorAll(".verdict")) {
    const formula = verdict.querySelector(".statement");
    const said = new Map([...verdict.querySelectorAll(".legend dt")].map(dt => [dt.dataset.s, dt]));
    if (!formula || verdict.querySelector(".meaning")) continue;
    const bubble = document.createElement("span");
    bubble.className = "meaning";
    bubble.setAttribute("aria-hidden", "true"); // the words are read where they stand
    bubble.hidden = true;
    formula.append(bubble);
    const light = (key, at) => {
      for (const place of formula.querySelectorAll("[data-s]")) place.classList.toggle("lit", place.dataset.s === key);
      for (const [k, dt] of said) dt.classList.toggle("lit", k === key);
      bubble.hidden = !at;
      if (!at) return;
      bubble.textContent = said.get(key).nextElementSibling.textContent;
      const box = formula.getBoundingClientRect(), place = at.getBoundingClientRect();
      const room = Math.max(0, box.width - bubble.offsetWidth);
      bubble.style.left = `${Math.min(room, Math.max(0, place.left - box.left))}px`;
      bubble.style.top = `${place.bottom - box.top + 4}px`;
    };
    const over = event => {
      const place = event.target.closest("[data-s]");
      light(place?.dataset.s, place);
    };
    formula.addEventListener("pointerover", over);
    formula.addEventListener("pointerleave", () => light());
    formula.addEventListener("click", over);
    for (const [key, dt] of said) {
      dt.tabIndex = 0;
      for (const begin of ["pointerenter", "focus", "click"]) dt.addEventListener(begin, () => light(key));
      for (const end of ["pointerleave", "blur"]) dt.addEventListener(end, () => light());
    }
  }
});
