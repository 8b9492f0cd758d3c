// How pages talk to the server: the CSRF token of htmx requests, refused requests, forms that are sent once.
import { firstWrong } from "./fields.js";
import { toast } from "./toasts.js";
import { typed } from "./typed.js";

const PATIENCE = 20_000; // milliseconds, as htmx has it

const token = document.querySelector('meta[name="csrf-token"]')?.content;

document.addEventListener("htmx:configRequest", (event) => {
  if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token;
});

// A redirect has led to another page, which is no part of this one: to go on with a fresh code, for example.
const elsewhere = (xhr, { finalRequestPath }) =>
  xhr.status < 400 && new URL(xhr.responseURL).pathname !== new URL(finalRequestPath, location.href).pathname &&
  /^\s*<!doctype/i.test(xhr.responseText);

// The server answers a refusal with a fragment that says where it goes (HX-Retarget); 422 is a form with its errors.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, pathInfo } = event.detail;
  if (elsewhere(xhr, pathInfo)) {
    event.detail.shouldSwap = false;
    location.assign(xhr.responseURL);
  }
  if (xhr.status < 400) return;
  if (xhr.status === 422) event.detail.isError = false; // an answer like any other: htmx need not log it
  const fragment = xhr.status === 422 || xhr.getResponseHeader("HX-Retarget");
  event.detail.shouldSwap = Boolean(fragment);
  if (!fragment) toast("The server could not do this. Please try again.", "danger");
});
// The session has ended. A look for news takes nothing away that somebody is typing: sending it leads to the sign-in too.
let said = false;
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (!xhr.getResponseHeader("HX-Redirect")?.startsWith("/accounts/login/")) return;
  if (requestConfig.triggeringEvent?.isTrusted || !typed()) return;
  event.preventDefault();
  if (!said) toast("Your session has ended. What you type here is kept: send it, sign in, and it is here again.", "warning");
  said = true;
});
for (const name of ["htmx:sendError", "htmx:timeout"])
  document.addEventListener(name, () => toast("No answer from the server. Check your connection and try again.", "danger"));

for (const [name, add] of [["htmx:beforeRequest", true], ["htmx:afterRequest", false]])
  document.addEventListener(name, () => document.body.classList.toggle("is-loading", add));

// A second click on a submit button must not send the form twice. The server refuses the repetition too.
const busy = (form) => "sent" in form.dataset;

function hold(form, submitter) {
  form.dataset.sent = "";
  form.setAttribute("aria-busy", "true");
  submitter?.classList.add("btn-busy");
}

function release(form) {
  delete form.dataset.sent;
  form.removeAttribute("aria-busy");
  for (const button of form.querySelectorAll(".btn-busy")) button.classList.remove("btn-busy");
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (busy(form)) return event.preventDefault();
  if (!navigator.onLine) {
    event.preventDefault(); // the browser's own page would take what was typed away
    return toast("You are offline. What you typed stays here: send it again when you are connected.", "danger");
  }
  hold(form, event.submitter);
  setTimeout(release, PATIENCE, form); // the page is still there: a download, or the visitor pressed Stop
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));

// The same for forms that htmx sends.
const sends = ({ elt, verb }) => verb !== "get" && elt.matches("form");
document.addEventListener("htmx:confirm", (event) => {
  if (sends(event.detail) && busy(event.detail.elt)) event.preventDefault();
});
document.addEventListener("htmx:beforeRequest", (event) => {
  const { requestConfig } = event.detail;
  if (sends(requestConfig)) hold(requestConfig.elt, requestConfig.triggeringEvent?.submitter);
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (sends(event.detail.requestConfig)) release(event.detail.requestConfig.elt);
});

// After a refused form the first field at fault gets the focus; by then a picker stands for its select.
document.addEventListener("DOMContentLoaded", () => {
  const main = document.querySelector("main");
  if (main) firstWrong(main)?.focus();
});
