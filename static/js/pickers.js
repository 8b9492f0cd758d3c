// Searchable pickers: <select data-picker>. An <option> may carry data-flag (address of a picture) and data-note.
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

export function pick(select) {
  if (select.tomselect || !window.TomSelect) return;
  new window.TomSelect(select, {
    maxOptions: 400,
    allowEmptyOption: true,
    placeholder: select.dataset.placeholder ?? "Search",
    hidePlaceholder: false,
    refreshThrottle: 0, // whoever types fast and presses Enter gets what was typed
    closeAfterSelect: true,
    searchField: ["text", "value"],
    controlInput: '<input type="text" autocomplete="off">',
    render: {
      option: (data) => row(data, "option", true),
      item: (data) => row(data, "item", false),
    },
    onInitialize() {
      const label = document.querySelector(`label[for="${select.id}"], label[for="${select.id}-ts-control"]`);
      if (label) this.control_input.setAttribute("aria-label", label.textContent.trim());
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
