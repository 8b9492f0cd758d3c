// A phone number, an amount and an e-mail address stay on one line, wherever they stand in a text. What has its own
// class (phone-number, money) is whole without this file; here the rest is wrapped: messages, activity, reasons.
const PHONE = String.raw`\+\d[\d ()-]{5,}\d`;
const AMOUNT = String.raw`[+\-−]?\d[\d,]*(?:\.\d+)? (?!UTC)[A-Z]{3}\b`;
const EMAIL = String.raw`[^\s@<>(),;:"“”]+@[^\s@<>(),;:"“”]+\.[a-z]{2,}`;
const WHOLE = new RegExp(`${PHONE}|${AMOUNT}|${EMAIL}`, "gi");
const LEAVE = ".btn, .phone-number, .money, .email, .whole, script, style, textarea, select, title, pre, svg";

function wrapped(text) {
  const span = document.createElement("span");
  span.className = "whole";
  if (text.includes("@")) {
    // may be longer than its box: cut with an ellipsis, the whole of it in the title
    span.className = "email";
    span.title = text;
    const inner = span.appendChild(document.createElement("span"));
    inner.textContent = text;
  } else {
    span.textContent = text;
  }
  return span;
}

function keepWhole(text) {
  if (!text.parentElement || text.parentElement.closest(LEAVE)) return;
  const parts = [];
  let done = 0;
  for (const match of text.data.matchAll(WHOLE)) {
    parts.push(text.data.slice(done, match.index), wrapped(match[0]));
    done = match.index + match[0].length;
  }
  if (parts.length) text.replaceWith(...parts, text.data.slice(done));
}

function walk(root) {
  const texts = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (/[+@]|\d [A-Z]/.test(walker.currentNode.data)) texts.push(walker.currentNode);
  texts.forEach(keepWhole);
}

walk(document.body);
new MutationObserver((changes) => {
  for (const { addedNodes } of changes)
    for (const node of addedNodes) node.nodeType === Node.TEXT_NODE ? keepWhole(node) : walk(node);
}).observe(document.body, { childList: true, subtree: true });
