// Goes on to the payment page as soon as its address is there, and leaves no step behind: "Back" leads to the credits.
const place = document.getElementById("checkout");
const [navigation] = performance.getEntriesByType("navigation");

function goOn() {
  const link = place.querySelector("a[data-forward]");
  if (link) location.replace(link.href);
}

// Who comes back to this page from the payment page is not sent forward again.
if (navigation?.type !== "back_forward") goOn();
place.addEventListener("htmx:afterSwap", goOn);

// It looks often: one look that fails is no news, and no progress bar.
for (const name of ["htmx:beforeRequest", "htmx:afterRequest", "htmx:sendError", "htmx:timeout"])
  place.addEventListener(name, (event) => event.stopPropagation());
place.addEventListener("htmx:beforeSwap", (event) => {
  event.stopPropagation();
  if (event.detail.xhr.status >= 400) event.detail.shouldSwap = false;
});
