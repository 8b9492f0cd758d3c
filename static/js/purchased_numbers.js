// Purchased Numbers: what is selected in the list, and what can be done with it; suggestions for tags.
const boxes = () => [...document.querySelectorAll("[data-select]")];

function show() {
  const bar = document.querySelector("[data-bulk]");
  if (!bar) return;
  const all = boxes();
  const chosen = all.filter((box) => box.checked).length;
  const every = bar.querySelector("[data-select-all]");
  every.checked = chosen > 0 && chosen === all.length;
  every.indeterminate = chosen > 0 && chosen < all.length;
  bar.querySelector("[data-selected]").textContent = chosen ? `${chosen} selected` : "";
  bar.querySelector("[data-bulk-actions]").hidden = chosen === 0;
  for (const box of all) box.closest("tr").classList.toggle("is-selected", box.checked);
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-select-all]")) for (const box of boxes()) box.checked = event.target.checked;
  if (event.target.matches("[data-select], [data-select-all]")) show();
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.id === "purchased-list") show();
});
addEventListener("pageshow", show); // the browser may have kept what was ticked
show();

// How many of the filters behind "More filters" are in use.
document.querySelector(".more-filters")?.addEventListener("change", (event) => {
  const used = [...event.currentTarget.querySelectorAll("select")].filter((select) => select.value).length;
  const count = event.currentTarget.querySelector("[data-filter-count]");
  count.textContent = used;
  count.hidden = used === 0;
});

// A known tag is added to the field with one press.
document.addEventListener("click", (event) => {
  const tag = event.target.closest("[data-add-tag]");
  if (!tag) return;
  const field = document.getElementById(tag.dataset.for);
  const tags = field.value.split(",").map((each) => each.trim()).filter(Boolean);
  if (!tags.includes(tag.dataset.addTag)) tags.push(tag.dataset.addTag);
  field.value = tags.join(", ");
  field.dispatchEvent(new Event("input", { bubbles: true })); // an error beside it goes
  tag.remove();
  field.focus();
});
