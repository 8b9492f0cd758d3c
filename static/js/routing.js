// The panel "Incoming calls". What is typed in one of its forms stays while another one is sent, and what is open stays
// open; a panel of Purchased Numbers opens below its row, and closes again.
import { settle } from "./focus.js";
import { differs } from "./typed.js";

let kept = null;

// The form that was sent comes back from the server as it has to be; the others as they stand here.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const panel = detail.target;
  if (!panel.matches?.("[data-routing]")) return;
  const sent = detail.requestConfig.elt;
  const fields = [...panel.querySelectorAll("input[id], select[id], textarea[id]")];
  kept = {
    fields: fields.filter((field) => field.form !== sent && differs(field))
      .map(({ id, value, checked }) => ({ id, value, checked })),
    open: [...panel.querySelectorAll("details[id][open]")].map(({ id }) => id),
  };
});

function giveBack() {
  if (!kept) return;
  for (const id of kept.open) document.getElementById(id)?.setAttribute("open", "");
  for (const { id, value, checked } of kept.fields) {
    const field = document.getElementById(id);
    if (!field) continue;
    if (field.type === "radio" || field.type === "checkbox") field.checked = checked;
    else field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    if (field.matches("select")) field.dispatchEvent(new Event("change", { bubbles: true })); // a picker stands for it
  }
  kept = null;
}
document.addEventListener("htmx:afterSettle", giveBack);

// -- Expand -----------------------------------------------------------------------------------------------------------

const rowOf = (link) => document.getElementById(link.getAttribute("aria-controls"));
const linkOf = (row) => document.querySelector(`[data-expand][aria-controls="${row.id}"]`);
const isOpen = (link) => Boolean(rowOf(link) && !rowOf(link).hidden);
const show = (link) => link.setAttribute("aria-expanded", String(isOpen(link)));

function close(row) {
  const typed = [...row.querySelectorAll("input, select, textarea")].some((field) => field.form && differs(field));
  if (typed) row.hidden = true; // opened again, it is as it was left
  else row.remove();
  const link = linkOf(row);
  if (!link) return;
  show(link);
  link.focus();
}

function enter(row) {
  show(linkOf(row));
  settle(row.querySelector("[data-head]"));
}

// htmx has its own listener on the link; this one comes first.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-expand]");
  if (!link) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey) return event.stopPropagation(); // in a tab of its own
  const row = rowOf(link);
  if (!row) return;
  event.preventDefault();
  event.stopPropagation();
  if (!row.hidden) return close(row);
  row.hidden = false;
  enter(row);
}, true);

document.addEventListener("click", (event) => {
  const row = event.target.closest?.("[data-expand-close]") && event.target.closest("tr");
  if (row) close(row);
});

document.addEventListener("htmx:afterSettle", (event) => {
  const link = event.detail.requestConfig?.elt;
  if (link?.matches("[data-expand]") && rowOf(link)) enter(rowOf(link));
});
