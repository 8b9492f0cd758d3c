// Buy a new Number: numbers that are taken while the page is open turn to "just taken" without a reload.
const results = document.getElementById("results");
const news = document.getElementById("live-news");
const EVERY = 1200;
const SLOWEST = 30000;
const REMEMBERED = 12000; // the server tells a number for 15 s; whoever did not ask for so long may have missed one

let timer;
let busy = false;
let wait = EVERY;
let etag = "";
let heard = Date.now();

const rows = () => [...results.querySelectorAll("tr[data-number]:not(.is-taken)")];

function mark(row, own) {
  row.classList.add("is-taken");
  row.classList.toggle("is-yours", own);
  const words = own ? "Yours" : "Just taken";
  const button = row.querySelector(".nt-buy a");
  if (!button) { // who may not buy has room for it
    const badge = document.createElement("span");
    badge.className = `badge ${own ? "bg-green-lt" : "bg-red-lt"}`;
    badge.textContent = words;
    row.querySelector(".nt-number").append(badge);
    return;
  }
  // It stays in its place, so that the focus does not jump; what it did is taken away.
  for (const name of ["href", "hx-get", "hx-target", "hx-push-url"]) button.removeAttribute(name);
  button.setAttribute("role", "link");
  button.setAttribute("aria-disabled", "true");
  button.tabIndex = 0;
  button.firstChild.textContent = words;
}

function announce(taken) {
  const first = taken[0]?.querySelector(".phone-number").textContent;
  if (taken.length === 1) news.textContent = `${first} has just been taken.`;
  if (taken.length > 1) news.textContent = `${taken.length} numbers of this page have just been taken.`;
}

function tell({ taken, yours }) {
  const theirs = new Set(taken);
  const own = new Set(yours);
  const lost = [];
  for (const row of rows()) {
    const number = row.dataset.number;
    if (own.has(number)) mark(row, true);
    else if (theirs.has(number)) {
      mark(row, false);
      lost.push(row);
    }
  }
  announce(lost);
}

// What was missed is not asked for: the results are read anew.
function refresh() {
  window.htmx.ajax("GET", results.dataset.resultsUrl + location.search, { target: "#results", headers: { "X-Refresh": "1" } });
}

async function ask() {
  if (document.hidden || busy || !rows().length) return; // what ends this calls plan() again
  busy = true;
  const missed = Date.now() - heard > REMEMBERED; // hidden, asleep or without an answer
  try {
    const headers = { "X-Live-Token": results.dataset.liveToken };
    if (etag) headers["If-None-Match"] = etag;
    const answer = await fetch(results.dataset.liveUrl, {
      headers, cache: "no-store", credentials: "same-origin", signal: AbortSignal.timeout(5000),
    });
    if (answer.status === 403) { // signed out, or no longer a member: the answer to this leads on
      stop();
      return refresh();
    }
    if (!answer.ok && answer.status !== 304) throw new Error(answer.statusText);
    wait = EVERY;
    heard = Date.now();
    if (missed) refresh();
    else if (answer.status === 200) {
      etag = answer.headers.get("ETag") ?? "";
      tell(await answer.json());
    }
  } catch {
    wait = Math.min(wait * 2, SLOWEST);
  } finally {
    busy = false;
  }
  plan();
}

function plan() {
  clearTimeout(timer);
  timer = setTimeout(ask, wait);
}

function stop() {
  document.removeEventListener("visibilitychange", again);
  document.removeEventListener("htmx:afterSettle", settled);
}

function again() {
  if (document.hidden) return;
  wait = EVERY;
  clearTimeout(timer);
  ask();
}

function settled(event) {
  if (event.detail.target?.id !== "results") return;
  etag = ""; // new rows: what was told before may concern them
  heard = Date.now();
  plan();
}

// htmx has its own listener on the button; this one comes first.
results.addEventListener("click", (event) => {
  if (!event.target.closest('[aria-disabled="true"]')) return;
  event.preventDefault();
  event.stopPropagation();
}, true);

document.addEventListener("visibilitychange", again);
document.addEventListener("htmx:afterSettle", settled);
plan();
