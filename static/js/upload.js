// Upload document: the type's hint and expiry date, drag and drop, a look at the chosen file, and the way there with its
// progress. Without this file the form is sent by the browser; the server decides everything either way.
import { firstWrong, mark, unmark } from "./fields.js";

const form = document.querySelector("[data-upload]");
const part = (name) => form.querySelector(`[data-upload-${name}]`);
const [type, file] = [form.elements.namedItem("type"), form.elements.namedItem("file")];
const [drop, face, chosen, thumb] = ["drop", "face", "chosen", "thumb"].map(part);
const [progress, buttons, status] = ["progress", "buttons", "status"].map(part);
const bar = progress.querySelector("progress");
const plain = thumb.firstElementChild;
const HEAD = 1032; // bytes in which a PDF begins
const [EVERY, TURNS] = [700, 30]; // milliseconds between questions what came of the check, and how many
const cancel = part("cancel");
const CANCEL = cancel.textContent;
let running = null; // the request on its way
let leave = null; // while the file is checked: goes on without waiting for it

const inWords = (bytes) =>
  bytes < 1024 ? `${bytes} bytes` : bytes < 1048576 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1048576).toFixed(1)} MB`;

// -- type and expiry date

function showType() {
  const option = type.selectedOptions[0];
  part("hint").textContent = option?.dataset.hint ?? "";
  const expiry = part("expiry");
  const expires = Boolean(option?.dataset.expires) || Boolean(expiry.querySelector(".is-invalid"));
  expiry.hidden = !expires;
  for (const input of expiry.querySelectorAll("input")) input.disabled = !expires; // what is not seen is not sent
}

// -- errors beside their fields

function showError(name, messages) {
  const input = document.getElementById(`id_${name}`);
  if (!input?.closest(".field")) return false;
  mark(input, messages);
  return true;
}

function showProblem(text) {
  const alert = document.createElement("div");
  alert.className = "alert alert-danger";
  alert.setAttribute("role", "alert");
  alert.textContent = text;
  part("problems").append(alert);
}

function showErrors(errors) {
  for (const [name, messages] of Object.entries(errors))
    if (!showError(name, messages)) messages.forEach(showProblem);
  showType();
  const first = firstWrong(form);
  if (first) first.focus();
  else part("problems").scrollIntoView({ block: "center" });
}

// -- the file

// By its first bytes, as the server does: its name and what the system calls it may be wrong.
async function objection(found) {
  if (found.size === 0) return "The file is empty. Choose the file again.";
  const most = Number(form.dataset.maxBytes);
  if (found.size > most) return `The file has ${inWords(found.size)}; at most ${inWords(most)} are possible.`;
  const head = String.fromCharCode(...new Uint8Array(await found.slice(0, HEAD).arrayBuffer()));
  if (/^(\xff\xd8\xff|\x89PNG)|%PDF-/.test(head)) return "";
  if (/^....ftyp(hei|hev|mif1|msf1)/s.test(head) || /\.hei[cf]$/i.test(found.name))
    return "This is a HEIC photo. Save or send it as JPEG and choose that.";
  return "Choose a PDF, JPEG or PNG file.";
}

async function showThumb(found) {
  thumb.replaceChildren(plain);
  if (!found.type.startsWith("image/")) return;
  try {
    const picture = await createImageBitmap(found, { resizeHeight: 112, resizeQuality: "medium" });
    if (file.files[0] !== found) return;
    const canvas = document.createElement("canvas");
    const side = Math.min(picture.width, picture.height);
    canvas.width = canvas.height = 112;
    canvas.getContext("2d").drawImage(
      picture, (picture.width - side) / 2, (picture.height - side) / 2, side, side, 0, 0, 112, 112);
    thumb.replaceChildren(canvas);
  } catch {
    // no picture, or a damaged one: the server says which
  }
}

async function showFile() {
  const found = file.files[0];
  unmark(file);
  part("again")?.remove();
  face.hidden = Boolean(found);
  chosen.hidden = !found;
  drop.classList.toggle("has-file", Boolean(found));
  if (!found) return;
  part("name").textContent = found.name;
  part("size").textContent = inWords(found.size);
  showThumb(found);
  const wrong = await objection(found).catch(() => ""); // unreadable by now: sending it will say so
  if (wrong && file.files[0] === found) showError("file", [wrong]);
}

function take(files) {
  if (files.length > 1) return showError("file", ["One file at a time, please. Put several pages into one PDF."]);
  if (!files.length) return;
  file.files = files;
  showFile();
}

file.addEventListener("change", showFile);
part("remove").addEventListener("click", () => {
  file.value = "";
  showFile();
  file.focus();
});
let inside = 0; // entering a child comes before leaving its parent
drop.addEventListener("dragenter", () => drop.classList.toggle("is-over", ++inside > 0));
drop.addEventListener("dragleave", () => drop.classList.toggle("is-over", --inside > 0));
drop.addEventListener("drop", (event) => {
  inside = 0;
  drop.classList.remove("is-over");
  if (!running && !leave) take(event.dataTransfer.files);
});
// A file that is dropped beside the box must not replace the page.
for (const name of ["dragover", "drop"]) document.addEventListener(name, (event) => event.preventDefault());

// -- sending

function busy(request) {
  running = request;
  leave = null;
  cancel.textContent = CANCEL;
  progress.hidden = !request;
  buttons.hidden = Boolean(request);
  form.toggleAttribute("data-busy", Boolean(request));
  if (request) form.setAttribute("aria-busy", "true");
  else form.removeAttribute("aria-busy");
}

function showProgress(words, percent) {
  if (status.textContent !== words) status.textContent = words;
  if (percent === undefined) bar.removeAttribute("value");
  else bar.value = percent;
}

function answered() {
  const request = running;
  let answer = null;
  try {
    answer = JSON.parse(request.responseText);
  } catch {
    // a page, not an answer: most likely the sign-in
  }
  if (request.status === 401 && answer?.location) return goTo(answer.location); // the session has ended
  if (request.status === 200 && answer?.location) {
    return answer.check ? check(answer) : goTo(answer.location);
  }
  busy(null);
  if (answer?.errors) return showErrors(answer.errors);
  if (request.status === 200) return location.assign(request.responseURL);
  showProblem(answer?.message ?? "The server could not take the file. Please try again.");
}

function goTo(address) {
  running = leave = null;
  location.assign(address);
}

// The file has arrived and is checked by a worker. Who does not want to wait, or waits for long, sees it in the list.
async function check({ location: address, check: question }) {
  running = null;
  let going = true;
  leave = () => {
    going = false;
    goTo(address);
  };
  showProgress("Checking the file…");
  cancel.textContent = "Go on without waiting";
  for (let turn = 0; going && turn < TURNS; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, EVERY));
    let found = null;
    try {
      const answer = await fetch(question, { headers: { Accept: "application/json" }, cache: "no-store" });
      found = answer.ok && !answer.redirected ? await answer.json() : null;
    } catch {
      // the connection is away for a moment
    }
    if (!going) return;
    if (found?.state === "refused" || found?.state === "failed") {
      busy(null);
      return showErrors({ file: [found.message] });
    }
    if (found?.state === "passed") break;
  }
  if (going) leave();
}

function send() {
  for (const input of form.querySelectorAll(".is-invalid")) unmark(input);
  part("problems").replaceChildren();
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "application/json");
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) showProgress("Uploading…", Math.round((100 * event.loaded) / event.total));
  });
  request.upload.addEventListener("load", () => showProgress("Almost there…"));
  request.addEventListener("load", answered);
  request.addEventListener("error", () => {
    busy(null);
    showProblem("The connection broke. Your file is still chosen here: please try again.");
  });
  request.addEventListener("abort", () => busy(null));
  const data = new FormData(form);
  busy(request);
  showProgress("Uploading…", 0);
  progress.querySelector("button").focus();
  request.send(data);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (running || leave) return;
  const wrong = file.files[0] && (await objection(file.files[0]).catch(() => ""));
  if (running || leave) return;
  if (wrong) showErrors({ file: [wrong] });
  else send();
});
cancel.addEventListener("click", () => {
  if (leave) return leave();
  running?.abort();
  buttons.querySelector("[type=submit]").focus();
});
addEventListener("beforeunload", (event) => {
  if (running) event.preventDefault();
});

type.addEventListener("change", showType);
showType();
showFile();
