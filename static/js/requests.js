// How pages talk to the server: the CSRF token of htmx requests, refused requests, forms that are sent once.
import { toast } from "./toasts.js";

const token = document.querySelector('meta[name="csrf-token"]')?.content;

document.addEventListener("htmx:configRequest", (event) => {
  if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token;
});

// The server answers a refusal with a fragment that says where it goes (HX-Retarget); 422 is a form with its errors.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.status < 400) return;
  const fragment = xhr.status === 422 || xhr.getResponseHeader("HX-Retarget");
  event.detail.shouldSwap = Boolean(fragment);
  if (!fragment) toast("The server could not do this. Please try again.", "danger");
});
for (const name of ["htmx:sendError", "htmx:timeout"])
  document.addEventListener(name, () => toast("No answer from the server. Check your connection and try again.", "danger"));

for (const [name, add] of [["htmx:beforeRequest", true], ["htmx:afterRequest", false]])
  document.addEventListener(name, () => document.body.classList.toggle("is-loading", add));

// A second click on a submit button must not send the form twice. The server refuses the repetition too.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
  form.setAttribute("aria-busy", "true");
  event.submitter?.classList.add("btn-busy");
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
    for (const button of form.querySelectorAll(".btn-busy")) button.classList.remove("btn-busy");
  }
});

// After a refused form the first field at fault gets the focus.
const wrong = document.querySelector("main .is-invalid");
if (wrong) wrong.focus();
