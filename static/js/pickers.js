// Searchable pickers: <select data-picker>. An <option> may carry data-flag (address of a picture), data-note, and for
// countries data-code (calling code), data-names (other names, parted by ;) and data-main (the code's first country).
// Needs vendor/tom-select; without JavaScript the plain select stays. Loaded by {% block scripts %} of a page.

const flagOf = (data) => {
  if (!data.flag) return null;
  const picture = document.createElement("img");
  picture.className = "flag-img";
  picture.src = data.flag;
  picture.alt = "";
  picture.loading = "lazy";
  picture.width = 20;
  picture.height = 15;
  return picture;
};

function row(data, className, withNote) {
  const line = document.createElement("div");
  line.className = className;
  const picture = flagOf(data);
  if (picture) line.append(picture);
  line.append(Object.assign(document.createElement("span"), { textContent: data.text }));
  if (withNote && data.note)
    line.append(Object.assign(document.createElement("span"), { className: "ts-option-note", textContent: data.note }));
  return line;
}

// Lower case without accents, points and apostrophes: "Côte d’Ivoire" is "cote divoire".
const fold = (text) =>
  text.normalize("NFKD").replace(/[\u0300-\u036f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff.'’‘`]/g, "").toLowerCase()
    .replace(/[^\p{L}\p{N}+]+/gu, " ").trim();

// The exact name or calling code first, then beginnings, then words within; "+44", "0044" and "44" are one.
function scoring(typed) {
  const wanted = fold(typed);
  const words = wanted.split(" ");
  const digits = /^(\+|00)?\s?(\d+)$/.exec(wanted)?.[2];
  return (option) => {
    if (!wanted) return 1;
    const names = (option.folded ??= [option.text, option.value, ...(option.names ?? "").split(";")].map(fold));
    const first = option.main === undefined ? 0 : 0.5;
    if (digits && option.code) {
      if (option.code === digits) return 6 + first;
      return option.code.startsWith(digits) ? 2 + first : digits.startsWith(option.code) ? 1 + first : 0;
    }
    if (names.includes(wanted)) return 6;
    if (names.some((name) => name.startsWith(wanted))) return 4;
    if (names.some((name) => words.every((word) => ` ${name}`.includes(` ${word}`)))) return 2;
    return names.some((name) => name.includes(wanted)) ? 1 : 0;
  };
}

// A page that the browser's or htmx's history kept holds the control of a picker that is no more.
function clear(select) {
  if (!select.classList.contains("tomselected")) return;
  select.nextElementSibling?.matches(".ts-wrapper") && select.nextElementSibling.remove();
  select.classList.remove("tomselected", "ts-hidden-accessible");
}

export function pick(select) {
  if (select.tomselect || !window.TomSelect) return;
  clear(select);
  new window.TomSelect(select, {
    maxOptions: 400,
    allowEmptyOption: true,
    placeholder: select.dataset.placeholder ?? "Search",
    hidePlaceholder: false,
    refreshThrottle: 0, // whoever types fast and presses Enter gets what was typed
    closeAfterSelect: true,
    searchField: ["text", "value"],
    score: scoring,
    controlInput: '<input type="text" autocomplete="off">',
    render: {
      option: (data) => row(data, "option", true),
      item: (data) => row(data, "item", false),
    },
    onType(typed) { // Enter takes the best, not what was chosen before and fits as well
      const best = this.dropdown_content.querySelector("[data-selectable]");
      if (typed && best) this.setActiveOption(best);
    },
    onInitialize() {
      const label = document.querySelector(`label[for="${select.id}"], label[for="${select.id}-ts-control"]`);
      if (label) this.control_input.setAttribute("aria-label", label.textContent.trim());
      for (const name of ["aria-describedby", "aria-invalid", "aria-required"])
        if (select.hasAttribute(name)) this.control_input.setAttribute(name, select.getAttribute(name));
      // What the browser fills in or restores by itself shows in the control, too.
      select.addEventListener("change", () => {
        this.control_input.removeAttribute("aria-invalid");
        const chosen = [...select.selectedOptions].map((option) => option.value);
        if (String([this.getValue()].flat().sort()) !== String([...chosen].sort())) this.setValue(chosen, true);
      });
      select.addEventListener("focus", () => this.focus()); // a script leads to the field that is wrong
      // Who types and goes on with Tab has chosen, as in a plain select.
      this.control_input.addEventListener("keydown", (event) => {
        if (event.key === "Tab" && this.inputValue() && this.activeOption) this.addItem(this.activeOption.dataset.value);
      }, true);
      select.setAttribute("aria-hidden", "true"); // the control stands for it
      select.tabIndex = -1;
    },
  });
}

function pickAll(root) {
  if (root.matches?.("select[data-picker]")) pick(root);
  root.querySelectorAll?.("select[data-picker]").forEach(pick);
}

pickAll(document);
document.addEventListener("htmx:afterSwap", (event) => pickAll(event.detail.target));
// Settling gives a swapped element back the classes it came with, and a target that was replaced is no more.
document.addEventListener("htmx:afterSettle", () => pickAll(document));
