// Errors beside fields: shown by the server or a script, and gone as soon as their field is corrected.

// Not the class alone: while htmx swaps, an element has that of its predecessor.
const WRONG = ":is(input, select, textarea):is(.is-invalid, [aria-invalid=true]), fieldset[aria-describedby*='error'] input";
const described = (element) => (element.getAttribute("aria-describedby") ?? "").split(/\s+/).filter(Boolean);

function describe(element, ids) {
  if (ids.length) element.setAttribute("aria-describedby", ids.join(" "));
  else element.removeAttribute("aria-describedby");
}

/** The first control at fault: what the keyboard goes to after a refusal. */
export function firstWrong(root) {
  const found = root.querySelector(WRONG);
  return found?.tomselect?.control_input ?? found;
}

/** Takes the error of a control, or of a group of them, away. */
export function unmark(element) {
  for (const each of [element, element.tomselect?.wrapper]) each?.classList.remove("is-invalid");
  element.removeAttribute("aria-invalid");
  const kept = described(element).filter((id) => {
    const box = document.getElementById(id);
    if (!box?.matches(".invalid-feedback")) return true;
    if ("kept" in box.dataset) { // a part that the server fills again
      box.replaceChildren();
      return true;
    }
    const around = box.parentElement;
    box.remove();
    if (!around.textContent.trim() && !around.querySelector("input, select, textarea, button")) around.remove();
    return false;
  });
  describe(element, kept);
}

/** Shows messages beside a control that lies in a ``.field``. */
export function mark(input, messages) {
  unmark(input);
  input.classList.add("is-invalid");
  input.setAttribute("aria-invalid", "true");
  const box = document.createElement("div");
  box.className = "invalid-feedback";
  box.id = `${input.id}_error`;
  box.append(...messages.map((text) => Object.assign(document.createElement("div"), { textContent: text })));
  input.closest(".field").append(box);
  describe(input, [...described(input), box.id]);
}

/** Which controls a change of this one corrects: of a group all, and with a country its number. */
function corrected(control) {
  const group = control.matches("[type=radio], [type=checkbox]") ? control.closest("fieldset")
    : control.matches("select") ? control.closest("[data-one-value]") : null;
  return group ? [group, ...group.querySelectorAll("input, select, textarea")] : [control];
}

function correct(event) {
  const control = event.target;
  if (!control.matches?.("input, select, textarea")) return;
  corrected(control).forEach(unmark);
  const form = control.form;
  if (!form || firstWrong(form)) return;
  for (const summary of form.querySelectorAll(".alert-danger[role=alert]:not([data-refusal])")) summary.remove();
}

// Before anybody else hears of it: who looks at the new value may find another error.
for (const name of ["input", "change"]) document.addEventListener(name, correct, true);
// The human check is an element of its own.
document.addEventListener("verified", (event) => {
  const group = event.target.closest?.(".captcha");
  if (group) unmark(group);
}, true);
