// Menus are <details>, so they open without this file; here they close again, and the side navigation opens on a phone.
const menus = () => document.querySelectorAll("details.menu[open]");

document.addEventListener("click", (event) => {
  for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
  if (document.body.classList.contains("side-open")) toggleSide(false);
});

document.addEventListener(
  "toggle",
  (event) => {
    if (event.target.matches?.("details.menu[open]")) event.target.querySelector('input[type="search"]')?.focus();
  },
  true,
);

// arrow keys move within an open menu
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.menu[open]");
  if (!menu || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  const items = [...menu.querySelectorAll(".menu-item")].filter((item) => item.offsetParent);
  const next = items.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
  event.preventDefault();
  items[(next + items.length) % items.length]?.focus();
});

document.addEventListener("input", (event) => {
  const list = document.getElementById(event.target.dataset?.filterList ?? "");
  if (!list) return;
  const wanted = event.target.value.trim().toLowerCase();
  let shown = 0;
  for (const row of list.children) {
    row.hidden = !row.dataset.filterText?.includes(wanted);
    shown += !row.hidden;
  }
  const none = list.parentElement.querySelector("[data-filter-none]");
  if (none) none.hidden = shown > 0;
});

const opener = document.querySelector(".side-opener");

function toggleSide(open) {
  document.body.classList.toggle("side-open", open);
  opener.setAttribute("aria-expanded", String(open));
  (open ? document.querySelector("#side-nav a") : opener).focus();
}

if (opener) {
  opener.addEventListener("click", () => toggleSide(!document.body.classList.contains("side-open")));
  document.querySelector(".side-closer").addEventListener("click", () => toggleSide(false));
  document.querySelector(".console-main")?.addEventListener("click", () => {
    if (document.body.classList.contains("side-open")) toggleSide(false);
  });
}
