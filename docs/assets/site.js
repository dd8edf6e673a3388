// A box that scrolls sideways fades where it goes on, and can be reached from the keyboard; one that does not would only
// be in the way there.
const boxes = ".formula, .graph, details li, .side li, .says, .mistakes li, .facts dd, .md-typeset__scrollwrap, td, .highlight code";
const fade = box => {
  const hidden = box.scrollWidth - box.clientWidth;
  box.classList.toggle("goes-left", box.scrollLeft > 1);
  box.classList.toggle("goes-right", hidden - box.scrollLeft > 1);
};
const watcher = new ResizeObserver(entries => {
  for (const { target } of entries) {
    fade(target);
    if (target.scrollWidth <= target.clientWidth) {
      target.removeAttribute("tabindex");
      continue;
    }
    target.tabIndex = 0;
    if (target.matches("div:not([role])")) {
      target.setAttribute("role", "group");
      target.setAttribute("aria-label", `${target.matches(".formula") ? "A formula" : "A box"} that scrolls sideways`);
    }
  }
});
document$.subscribe(() => document.querySelectorAll(boxes).forEach(box => {
  watcher.observe(box);
  box.addEventListener("scroll", () => fade(box), { passive: true });
}));
