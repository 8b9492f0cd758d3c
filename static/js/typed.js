// Whether somebody has typed or chosen something on the page that was not sent yet.
const differs = (field) => (field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked
  : field.matches("select") ? [...field.options].some((option) => option.selected !== option.defaultSelected)
    : field.type !== "hidden" && field.value !== field.defaultValue);

export const typed = () => [...document.querySelectorAll('form[method="post"]')].some((form) => [...form.elements]
  .some((field) => field.matches("input, select, textarea") && differs(field)));
