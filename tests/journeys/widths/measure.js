// Returns what is wrong with the page at the width that the window has now, as sentences.
({ free }) => {
  const faults = new Set();
  const root = document.documentElement;
  const wide = root.clientWidth;
  const SLACK = 1; // pixels; rounding of fractions
  const SMALLEST = 24; // a target for a finger, CSS pixels (WCAG 2.5.8)
  const THEIRS = ".selector, .original, #toggle-nav-sidebar"; // of the admin site: text set aside by design, a widget of a fixed shape
  const ACTS = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const UNBROKEN = [
    /\+\d[\d ()-]{5,}\d/g, // a phone number
    /[+\-−]?\d[\d,]*(?:\.\d+)? (?!UTC)[A-Z]{3}\b/g, // an amount with its currency
    /[^\s@<>(),;:"]+@[^\s@<>(),;:"]+\.[a-z]{2,}/gi, // an e-mail address
  ];

  const styles = new Map();
  const style = (element) => {
    if (!styles.has(element)) styles.set(element, getComputedStyle(element));
    return styles.get(element);
  };
  const name = (element) => {
    const own = (each) => each.localName + (each.id && !/\d/.test(each.id) ? `#${each.id}` : "") +
      [...each.classList].slice(0, 2).map((part) => `.${part}`).join("");
    const above = element.parentElement?.closest("[class]");
    return (above && above !== document.body ? `${own(above)} ` : "") + own(element);
  };
  const clipped = new Map();
  const isClipped = (element) => { // it, or what it is in: for screen readers
    if (!element) return false;
    if (!clipped.has(element)) {
      const { clip, clipPath } = style(element);
      clipped.set(element, clipPath === "inset(50%)" || clip === "rect(0px, 0px, 0px, 0px)" || isClipped(element.parentElement));
    }
    return clipped.get(element);
  };
  const isVisible = (element) =>
    element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }) && !isClipped(element);
  // The box that cuts an element off sideways, and the one in which it can be scrolled to.
  const holders = (element) => {
    const found = { cuts: [], scrolls: [] };
    let positioned = style(element).position;
    for (let each = element.parentElement; each && each !== root && positioned !== "fixed"; each = each.parentElement) {
      const { overflowX, position } = style(each);
      const holds = positioned !== "absolute" || position !== "static";
      if (holds && each !== document.body) {
        if (/hidden|clip/.test(overflowX)) found.cuts.push(each);
        if (/auto|scroll/.test(overflowX)) found.scrolls.push(each);
      }
      if (holds) positioned = position;
    }
    return found;
  };
  const outside = (rect, box) => rect.right > box.right + SLACK || rect.left < box.left - SLACK;
  const mayScroll = (element) => element.matches("pre, pre *, textarea, input") || (free && !element.matches("main"));
  const lines = (range) => {
    let count = 0;
    let bottom = -Infinity;
    for (const rect of range.getClientRects()) {
      if (!rect.width) continue;
      if (rect.top >= bottom - rect.height / 2) count += 1;
      bottom = Math.max(bottom, rect.bottom);
    }
    return count;
  };

  if (root.scrollWidth > wide) faults.add("the page scrolls sideways");
  for (const element of document.body.querySelectorAll("*")) {
    if (element.closest("svg") && element.localName !== "svg") continue;
    if (/^(script|style|option|br|source|template)$/.test(element.localName) || !isVisible(element)) continue;
    const rect = element.getBoundingClientRect();
    if (rect.width < 2 || rect.height < 2) continue;
    const { overflowX } = style(element);
    if (/auto|scroll/.test(overflowX) && element.scrollWidth > element.clientWidth + SLACK && !mayScroll(element))
      faults.add(`${name(element)} scrolls sideways`);
    const isOut = outside(rect, { left: 0, right: wide });
    if (!isOut && !element.matches(ACTS)) continue;
    const { cuts, scrolls } = holders(element);
    if (isOut && !scrolls.length && !cuts.length) faults.add(`${name(element)} is outside the window`);
    if (!element.matches(ACTS)) continue;
    if (cuts.some((box) => outside(rect, box.getBoundingClientRect()))) faults.add(`${name(element)} is cut off`);
    const inline = style(element).display === "inline"; // within a sentence
    if (!free && !inline && (rect.width < SMALLEST || rect.height < SMALLEST) && !element.closest(`label, .ts-control, ${THEIRS}`)
        && !(element.labels?.length && element.matches("[type=checkbox], [type=radio]")))
      faults.add(`${name(element)} is too small a target`);
  }

  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (texts.nextNode()) {
    const text = texts.currentNode;
    const parent = text.parentElement;
    if (!text.data.trim() || /^(script|style|option|textarea|title)$/.test(parent.localName)) continue;
    if (!isVisible(parent) || parent.closest(`svg, pre, ${THEIRS}`)) continue;
    range.selectNodeContents(text);
    const box = parent.closest("td, th, .card, .btn, .badge, .menu-panel, dialog, .alert, .portal-toast, li, dd, main");
    const { cuts } = holders(text.parentElement);
    if (parent.closest(".ts-control")) continue; // the list below it shows the whole
    const ellipsis = [parent, ...cuts].some((each) =>
      /hidden|clip/.test(style(each).overflowX) && style(each).textOverflow === "ellipsis" &&
      (each.title || each.closest("[title]")));
    for (const rect of range.getClientRects()) {
      if (rect.width < 2 || ellipsis) continue;
      if (box && outside(rect, box.getBoundingClientRect())) faults.add(`the text of ${name(parent)} leaves its ${box.localName}`);
      if ([parent, ...cuts].some((each) => /hidden|clip/.test(style(each).overflowX) &&
          outside(rect, each.getBoundingClientRect())))
        faults.add(`the text of ${name(parent)} is cut off`);
    }
    for (const pattern of UNBROKEN) {
      for (const match of text.data.matchAll(pattern)) {
        range.setStart(text, match.index);
        range.setEnd(text, match.index + match[0].length);
        if (lines(range) > 1) faults.add(`“${match[0].slice(0, 40)}” is broken in ${name(parent)}`);
      }
    }
  }
  for (const whole of document.querySelectorAll(".phone-number, .money, .email")) {
    if (!isVisible(whole)) continue;
    range.selectNodeContents(whole);
    if (lines(range) > 1) faults.add(`${name(whole)} is broken`);
  }
  return [...faults];
}
