// A box that scrolls sideways fades where it goes on, and can be reached from the keyboard; one that does not would only
// be in the way there.
const boxes = ".formula, .graph, details li, .about li, .says, .mistakes li, .facts dd, .md-typeset__scrollwrap, td, .highlight code";
const measured = box => ({ box, hidden: box.scrollWidth - box.clientWidth, left: box.scrollLeft });
const fade = ({ box, hidden, left }) => {
  box.classList.toggle("goes-left", left > 1);
  box.classList.toggle("goes-right", hidden - left > 1);
};
const mark = state => {
  const { box, hidden } = state;
  fade(state);
  if (hidden <= 0) return box.removeAttribute("tabindex");
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

// All are measured before one is marked: a mark between would have the page laid out anew for each.
const watcher = new ResizeObserver(entries => entries.map(({ target }) => measured(target)).forEach(mark));
const watch = box => { watcher.unobserve(box); watcher.observe(box); }; // which measures it now
document$.subscribe(() => document.querySelectorAll(boxes).forEach(box => {
  watch(box);
  box.addEventListener("scroll", () => fade(measured(box)), { passive: true });
  box.addEventListener("contentvisibilityautostatechange", () => watch(box)); // laid out only when it comes near
}));
