// Buy a new Number: keeps the live search quiet and the form in step with the results.
import { pick } from "./pickers.js";

const form = document.getElementById("search");
const FIELDS = ["country", "city", "area", "pattern"];

// Typing in a picker's own search box is no search for numbers.
form.querySelector(".number-search-grid").addEventListener("input", (event) => {
  if (event.target.closest(".ts-wrapper")) event.stopPropagation();
});

// Places of one country mean nothing in another.
document.getElementById("country").addEventListener("change", () => {
  for (const id of ["city", "area"]) document.getElementById(id).value = "";
});

// A filter that is empty has no place in the address.
form.addEventListener("htmx:configRequest", (event) => {
  const { parameters } = event.detail;
  for (const [name, value] of Object.entries(parameters)) if (value === "") delete parameters[name];
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.id !== "results") return;
  // Only now: settling gives a swapped element back the classes that it came with.
  const region = document.querySelector("select#region[data-picker]");
  if (region) pick(region);
  for (const id of FIELDS) {
    const wrong = Boolean(document.getElementById(`error-${id}`)?.textContent.trim());
    const field = document.getElementById(id);
    field?.classList.toggle("is-invalid", wrong);
    if (wrong) field?.setAttribute("aria-invalid", "true");
    else field?.removeAttribute("aria-invalid");
  }
});
