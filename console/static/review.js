/* Keys for reviewers: j and k walk through the stories, a asks for approval, r opens the reason,
   ? shows the list of keys; c is in comments.js. Everything they do is a link or a button on the
   page as well. */
"use strict";
(() => {
  const keys = document.getElementById("keys");
  const list = document.getElementById("review-list");
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

  const walk = (step) => {
    if (!list) {
      const link = document.querySelector(`a[rel="${step > 0 ? "next" : "prev"}"]`);
      if (link) link.click();
      return;
    }
    const links = [...list.querySelectorAll(".story-what a")];
    const at = links.indexOf(document.activeElement);
    const to = at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + step));
    if (links[to]) links[to].focus();
  };

  const acts = {
    j: () => walk(1),
    k: () => walk(-1),
    a: () => { const link = document.getElementById("approve"); if (link) link.click(); },
    r: () => {
      const box = document.getElementById("return");
      if (!box) return;
      box.open = true;
      box.querySelector("textarea").focus();
    },
    "?": () => { if (keys && !keys.open) keys.showModal(); },
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  // On a phone the text comes first: what changed is named, and unfolds at a tap.
  if (matchMedia("(max-width: 960px)").matches) {
    for (const one of document.querySelectorAll(".slip details")) one.open = false;
  }

  const back = document.querySelector("#return textarea");
  if (back && document.querySelector(".problem")) back.focus();
})();
