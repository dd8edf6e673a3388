// A box that scrolls sideways fades where it goes on, and can be reached from the keyboard; one that does not would only
// be in the way there.
const boxes = ".formula, .graph, details li, .about li, .says, .mistakes li, .facts dd, .md-typeset__scrollwrap, td, .highlight code";
const fade = box => {
  const hidden = box.scrollWidth - box.clientWidth;
  box.classList.toggle("goes-left", box.scrollLeft > 1);
  box.classList.toggle("goes-right", hidden - box.scrollLeft > 1);
};
const look = box => {
  fade(box);
  if (box.scrollWidth <= box.clientWidth) return box.removeAttribute("tabindex");
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

const watcher = new ResizeObserver(entries => entries.forEach(({ target }) => look(target)));
document$.subscribe(() => document.querySelectorAll(boxes).forEach(box => {
  watcher.observe(box);
  box.addEventListener("scroll", () => fade(box), { passive: true });
  box.addEventListener("contentvisibilityautostatechange", () => look(box)); // laid out only when it comes near
}));
