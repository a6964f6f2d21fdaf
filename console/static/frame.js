// The key / goes to the search field, as on most pages people know. Everything works without it.
addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const at = event.target;
  if (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName)) return;
  const field = document.querySelector("#search");
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
});
