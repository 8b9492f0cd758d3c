// The renewal order can also be dragged; the buttons do the same without.
const box = document.getElementById("renewal-list");
const rowAt = (event) => event.target.closest?.(".renewal-row");
const behind = (event, row) => event.clientY > row.getBoundingClientRect().top + row.offsetHeight / 2;
let dragged = null;

function prepare() {
  for (const row of box.querySelectorAll(".renewal-row")) row.draggable = row.querySelector(".renewal-moves") !== null;
}

function unmark() {
  for (const row of box.querySelectorAll(".is-before, .is-after")) row.classList.remove("is-before", "is-after");
}

box?.addEventListener("dragstart", (event) => {
  dragged = rowAt(event) ?? null;
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.querySelector(".phone-number").textContent);
  dragged.classList.add("is-dragged");
});

box?.addEventListener("dragover", (event) => {
  const row = rowAt(event);
  if (!dragged || !row) return;
  event.preventDefault();
  unmark();
  if (row !== dragged) row.classList.add(behind(event, row) ? "is-after" : "is-before");
});

box?.addEventListener("drop", (event) => {
  const row = rowAt(event);
  if (!dragged || !row || row === dragged) return;
  event.preventDefault();
  const from = Number(dragged.dataset.place);
  const gap = Number(row.dataset.place) + (behind(event, row) ? 1 : 0);
  const place = gap > from ? gap - 1 : gap;
  const form = dragged.querySelector(".renewal-moves");
  if (place !== from)
    window.htmx.ajax("POST", form.action, {
      target: "#renewal-list",
      values: { place, csrfmiddlewaretoken: form.querySelector("[name=csrfmiddlewaretoken]").value },
    });
});

box?.addEventListener("dragend", () => {
  dragged?.classList.remove("is-dragged");
  unmark();
  dragged = null;
});

box?.addEventListener("htmx:afterSwap", prepare);
if (box) prepare();
