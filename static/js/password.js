// Password fields: a show/hide button beside each, and feedback on a new one. The server's validators decide.

const LABELS = ["Too short", "Weak", "Fair", "Good", "Strong"];
const COMMON = /password|passwort|qwert|asdf|12345|letmein|welcome|admin|iloveyou|portal/i;

function variety(password) {
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password)).length;
  const distinct = new Set(password).size;
  return Math.min(kinds / 2, 1.5) * Math.log2(distinct + 1);
}

/** 0 (too short) to 4 (strong): length counts most, repetition and well-known words count against it. */
export function strength(password, minimum = 12) {
  if (password.length < minimum) return 0;
  let points = password.length * 0.18 * variety(password);
  if (COMMON.test(password)) points *= 0.5;
  if (/^(.)\1+$|^(..?.?)\2+$/.test(password)) points = 0;
  return points < 6 ? 1 : points < 10 ? 2 : points < 14 ? 3 : 4;
}

function addToggle(input) {
  const group = document.createElement("div");
  group.className = "password-group";
  input.replaceWith(group);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "password-toggle";
  button.textContent = "Show";
  button.setAttribute("aria-pressed", "false");
  button.setAttribute("aria-label", "Show the password");
  button.addEventListener("click", () => {
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.textContent = shown ? "Show" : "Hide";
    button.setAttribute("aria-pressed", String(!shown));
    input.focus();
  });
  group.append(input, button);
  input.form?.addEventListener("submit", () => { input.type = "password"; });
  return group;
}

function addFeedback(input, group) {
  const bar = document.createElement("div");
  bar.className = "password-bar";
  bar.setAttribute("aria-hidden", "true");
  bar.append(...Array.from({ length: 4 }, () => document.createElement("span")));
  const note = document.createElement("div");
  note.className = "password-note";
  note.setAttribute("role", "status");
  group.after(bar, note);
  const update = () => {
    const score = strength(input.value);
    bar.dataset.score = input.value ? String(score) : "";
    const missing = 12 - input.value.length;
    note.textContent = !input.value ? "" : score === 0 ? `${missing} more character${missing === 1 ? "" : "s"}` : LABELS[score];
  };
  input.addEventListener("input", update);
  update();
}

for (const input of document.querySelectorAll("input[type=password][data-password]")) {
  const hadFocus = document.activeElement === input;
  const group = addToggle(input);
  if (input.dataset.password === "new") addFeedback(input, group);
  if (hadFocus) input.focus();
}
