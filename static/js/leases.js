// Purchased Numbers and Overview: show the row just bought, and a month as soon as it is chosen.
document.querySelector(".row-new")?.scrollIntoView({ block: "center" });

for (const form of document.querySelectorAll("[data-submit-on-change]")) {
  form.querySelector("[data-without-script]")?.remove();
  form.addEventListener("change", () => form.requestSubmit());
}

// A filter that is empty has no place in the address.
for (const form of document.querySelectorAll("[data-list-filter]"))
  form.addEventListener("htmx:configRequest", (event) => {
    const { parameters } = event.detail;
    for (const [name, value] of Object.entries(parameters)) if (value === "") delete parameters[name];
  });
