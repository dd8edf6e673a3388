// A box that scrolls sideways fades where it goes on, and can be reached from the keyboard; one that does not would only
// be in the way there.
const boxes = ".formula, .graph, details li, .about li, .says, .mistakes li, .facts dd, .md-typeset__scrollwrap, td, .highlight code";
const measured = box => [box, box.scrollWidth - box.clientWidth, box.scrollLeft];
const fade = ([box, hidden, left]) => {
  box.classList.toggle("goes-left", left > 1);
  box.classList.toggle("goes-right", hidden - left > 1);
  return hidden > 0;
};
const look = state => {
  const [box] = state;
  if (!fade(state)) return box.removeAttribute("tabindex");
  box.tabIndex = 0;
  if (box.matches("div:not([role])")) {
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", `${box.matches(".formula") ? "A formula" : "A box"} that scrolls sideways`);
  }
};
// The drawer of a narrow screen is out of sight while it is closed, and so out of the keyboard's way.
const drawer = document.getElementById("__drawer"), narrow = matchMedia("(max-width: 76.234375em)");
const shut = () => {
  const side = document.querySelector(".md-sidebar--primary");
  if (side) side.inert = narrow.matches && !drawer.checked;
};
for (const cause of [drawer, narrow]) cause?.addEventListener("change", shut);
document$.subscribe(shut);

// All are measured before one is looked at: what a look changes would have the page laid out anew for the next.
const watcher = new ResizeObserver(entries => entries.map(({ target }) => measured(target)).forEach(look));
document$.subscribe(() => document.querySelectorAll(boxes).forEach(box => {
  const watch = () => { watcher.unobserve(box); watcher.observe(box); };
  watch();
  box.addEventListener("scroll", () => fade(measured(box)), { passive: true });
  box.addEventListener("contentvisibilityautostatechange", watch); // laid out only when it comes near
}));
