// The list reloads itself when a mail has come; without the script a reload by hand does the same.
const seen = document.querySelector("[data-newest]").dataset.newest;
setInterval(async () => {
  const answer = await fetch("/newest").catch(() => null);
  if (answer && answer.ok && (await answer.text()) !== seen) location.reload();
}, 2000);
