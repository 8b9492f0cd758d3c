// Scrolls to each thing that can be pressed and returns those that nobody can press: outside the window, or below another.
(within) => {
  const found = new Set();
  const acts = "a[href], button:not(:disabled), input:not([type=hidden]):not(:disabled), select, textarea, summary";
  for (const element of document.querySelector(within).querySelectorAll(acts)) {
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: false }) || element.closest(".visually-hidden")) continue;
    const hidden = (each) => each && (getComputedStyle(each).clipPath === "inset(50%)" || hidden(each.parentElement));
    if (hidden(element) || element.matches(".skip-to-content-link") || element.getBoundingClientRect().width < 2) continue;
    element.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
    const [rect] = element.getClientRects(); // of a link over two lines, the first
    const x = rect.left + rect.width / 2;
    const y = rect.top + rect.height / 2;
    const there = document.elementFromPoint(x, y);
    const same = there && (element.contains(there) || there.contains(element) || there.closest("label")?.control === element
      || [...(element.labels ?? [])].some((label) => label.contains(there)) || there.closest(".ts-wrapper, .drop"));
    const words = (element.getAttribute("aria-label") || element.textContent || element.name || "").trim().slice(0, 40);
    if (!same) found.add(`${element.localName} “${words}” cannot be reached`);
  }
  return [...found];
}
