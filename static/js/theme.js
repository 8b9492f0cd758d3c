// Loaded before the first paint, so that a page never flashes in the wrong theme. Choices: light, dark, auto.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const stored = () => {
    try {
      return localStorage.getItem("theme") || "auto";
    } catch {
      return "auto"; // storage is switched off
    }
  };

  function apply() {
    const choice = stored();
    root.dataset.bsTheme = choice === "light" || choice === "dark" ? choice : dark.matches ? "dark" : "light";
    for (const button of document.querySelectorAll("[data-theme-choice]"))
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
    document.dispatchEvent(new CustomEvent("portal:theme"));
  }

  root.classList.add("js");
  apply();
  dark.addEventListener("change", apply);
  addEventListener("storage", apply);
  document.addEventListener("DOMContentLoaded", apply);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (!button) return;
    try {
      localStorage.setItem("theme", button.dataset.themeChoice);
    } catch {
      root.dataset.bsTheme = button.dataset.themeChoice;
      return;
    }
    apply();
  });
})();
