// Whether somebody has typed or chosen something on the page that was not sent yet.
const chosen = (select) => {
  const options = [...select.options];
  if (!select.multiple && !options.some((option) => option.defaultSelected)) return select.selectedIndex > 0; // the first one
  return options.some((option) => option.selected !== option.defaultSelected);
};
export const differs = (field) => (field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked
  : field.matches("select") ? chosen(field)
    : field.type !== "hidden" && field.value !== field.defaultValue);

export const typed = () => [...document.querySelectorAll('form[method="post"]')].some((form) => [...form.elements]
  .some((field) => field.matches("input, select, textarea") && differs(field)));
