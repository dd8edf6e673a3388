// A box that scrolls sideways must be reachable from the keyboard; one that does not would only be in the way.
const boxes = ".formula, .graph, details li, .side li, .says, .mistakes li, .facts dd, .md-typeset__scrollwrap, .highlight code";
const watcher = new ResizeObserver(entries => {
  for (const { target } of entries)
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
});
document$.subscribe(() => document.querySelectorAll(boxes).forEach(box => watcher.observe(box)));
