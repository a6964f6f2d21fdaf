/* What every page does beside its own: everything works without it. */
"use strict";
(() => {
  // The key / goes to the search field, as on most pages people know.
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const at = event.target;
    if (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName)) return;
    const field = document.querySelector("#search");
    if (!field || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    field.focus();
    field.select();
  });

  // On a narrow phone the row of places scrolls: the one a person is in is brought into sight.
  const here = document.querySelector(".places [aria-current]");
  if (here) here.closest(".places").scrollLeft = here.offsetLeft + here.offsetWidth / 2 - innerWidth / 2;

  // What was refused is said above its form; on a phone that may be far below the top.
  const refused = document.querySelector("main .problem");
  if (refused && refused.getBoundingClientRect().bottom > innerHeight) refused.scrollIntoView({ block: "center" });

  /* A form goes once: the second click of a double click would be answered with "it has moved on",
     although the first one did what was wanted. */
  const ONCE_MS = 10000;
  const gone = new Set();
  addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (gone.has(form)) event.preventDefault();
    else {
      gone.add(form);
      setTimeout(() => gone.delete(form), ONCE_MS); // a console that did not answer is asked again
    }
  });

  // Whoever comes back to Today finds the day as it is now: no countdown of an hour ago.
  const OLD_MS = 60000;
  const begun = Date.now();
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || Date.now() - begun < OLD_MS || !document.querySelector("main .day")) return;
    fetch("/healthz").then(() => location.reload(), () => {}); // without a connection it stays as it is
  });

  // Back to a page the browser kept as it was: its figures, its notices and its token may be old.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    gone.clear();
    if (!document.getElementById("compose")) location.reload();
  });
})();
