/* Comments at their place: marked in the text, written on what is selected, sent without leaving
   the page. Works on top of forms that do without. No dependencies. */
"use strict";
(() => {
  const section = () => document.getElementById("comments");
  if (!section()) return;
  document.documentElement.classList.add("scripted");
  const here = document.getElementById("comment-here");
  const box = document.getElementById("comment-box");
  const marks = typeof Highlight === "function" && CSS.highlights;
  const BLANK = /\s/;
  const REST_MS = 200;
  const PLACES = {
    title: ".wx-headline, .edition b",
    text: ".weibo-text",
    summary: ".edition span",
    body: ".wx-article",
    author: ".wx-by span:not(.wx-account)",
    link: ".wx-more .small",
  };
  const EDITOR = { body: ".editor-text" };
  let ranges = new Map();

  // --- where words stand: blanks do not count, as in the room ---

  const bare = (text) => text.replace(/\s+/g, "");

  const read = (root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    let text = "";
    const at = [];
    while (walker.nextNode()) {
      const node = walker.currentNode;
      for (let n = 0; n < node.data.length; n += 1) {
        if (BLANK.test(node.data[n])) continue;
        text += node.data[n];
        at.push([node, n]);
      }
    }
    return { text, at };
  };

  const roots = (account, field) => {
    const post = document.querySelector(`[data-account="${CSS.escape(account)}"]`);
    const css = post ? PLACES[field] : EDITOR[field];
    return css ? [...(post || document).querySelectorAll(css)] : [];
  };

  const between = (found, start, length) => {
    const range = document.createRange();
    const [first, last] = [found.at[start], found.at[start + length - 1]];
    range.setStart(first[0], first[1]);
    range.setEnd(last[0], last[1] + 1);
    return range;
  };

  /* Find the nth of these words; where there are fewer by now, the last. */
  const find = ({ on, field, quote, nth }) => {
    const words = bare(quote);
    for (const root of roots(on, field)) {
      const found = read(root);
      let start = found.text.indexOf(words);
      if (start < 0) continue;
      for (let n = 1; n < Number(nth); n += 1) {
        const next = found.text.indexOf(words, start + 1);
        if (next < 0) break;
        start = next;
      }
      return between(found, start, words.length);
    }
    return null;
  };

  const mark = () => {
    if (!marks) return;
    ranges = new Map();
    const open = new Highlight();
    for (const item of section().querySelectorAll("li[data-quote]")) {
      const range = find(item.dataset);
      if (!range) continue;
      ranges.set(item.id, range);
      if (!item.classList.contains("settled")) open.add(range);
    }
    CSS.highlights.set("comment", open);
  };

  /* What was put in since the version seen last, marked in the text where it stands there so. */
  const markChanges = () => {
    const come = new Highlight();
    for (const one of document.querySelectorAll("[data-on] [data-field] ins[data-at]")) {
      const { field } = one.closest("[data-field]").dataset;
      const words = bare(one.lastChild.textContent);
      const start = Number(one.dataset.at);
      for (const root of roots(one.closest("[data-on]").dataset.on, field)) {
        const found = read(root);
        if (words && found.text.startsWith(words, start)) come.add(between(found, start, words.length));
      }
    }
    CSS.highlights.set("put-in", come);
    const told = document.querySelector(".in-text");
    if (told) told.hidden = !come.size;
  };

  // --- from the list to the text and back ---

  const show = (item) => {
    for (const one of document.querySelectorAll(".comment-list .here")) one.classList.remove("here");
    item.classList.add("here");
    if (marks) CSS.highlights.set("comment-here", new Highlight(...[ranges.get(item.id)].filter(Boolean)));
  };

  document.addEventListener("click", (event) => {
    const item = event.target.closest(".comment-list .quote a") && event.target.closest("li");
    if (item) {
      const range = ranges.get(item.id);
      show(item);
      if (!range) return;
      event.preventDefault();
      range.startContainer.parentElement.scrollIntoView({ block: "center" });
      return;
    }
    const post = event.target.closest("[data-account]");
    if (!post || !getSelection().isCollapsed || event.target.closest("a")) return;
    const point = document.caretPositionFromPoint && document.caretPositionFromPoint(event.clientX, event.clientY);
    if (!point) return;
    for (const [id, range] of ranges) {
      if (!range.isPointInRange(point.offsetNode, point.offset)) continue;
      const found = document.getElementById(id);
      show(found);
      found.scrollIntoView({ block: "nearest" });
    }
  });

  // --- writing on what is selected ---

  const chosen = () => {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    const around = range.commonAncestorContainer;
    const post = (around.nodeType === Node.TEXT_NODE ? around.parentElement : around).closest("[data-account]");
    const quote = selection.toString().trim();
    if (!post || !quote) return null;
    const account = post.dataset.account;
    for (const field of Object.keys(PLACES)) {
      for (const root of roots(account, field)) {
        if (!root.contains(around)) continue;
        const { text, at } = read(root);
        const start = at.findIndex(([node, n]) => range.comparePoint(node, n) >= 0);
        let occurrence = 0;
        for (let n = text.indexOf(bare(quote)); n >= 0 && n <= start; n = text.indexOf(bare(quote), n + 1)) occurrence += 1;
        return { quote, account, field, occurrence: Math.max(1, occurrence) };
      }
    }
    return { quote, account, field: "", occurrence: 1 };
  };

  const ask = (place) => {
    const form = document.getElementById("comment-form");
    if (!form || !box || box.open) return;
    for (const [name, value] of Object.entries(place || { quote: "", account: "", field: "", occurrence: 1 })) {
      form.elements[name].value = value;
    }
    box.append(form);
    if (here) here.hidden = true;
    box.showModal();
    form.elements.comment.focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.key !== "c" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select, [contenteditable]") || document.querySelector("dialog[open]")) return;
    if (!box) return;
    event.preventDefault();
    ask(chosen());
  });

  if (box && here) {
    box.addEventListener("close", () => {
      const form = document.getElementById("comment-form");
      const home = document.getElementById("comment-new");
      if (form && home) home.append(form);
    });
    document.addEventListener("click", (event) => { if (event.target.id === "comment-cancel") box.close(); });

    document.querySelector("main").append(here); // out of what scrolls by itself
    const BAR_PX = 80; // buttons that stick to the lower edge
    let timer = 0;
    const place = () => {
      const found = !box.open && chosen();
      here.hidden = !found;
      if (!found) return;
      const rects = [...getSelection().getRangeAt(0).getClientRects()];
      if (!rects.length) return;
      const { right, bottom } = rects[rects.length - 1];
      const left = Math.min(right, document.documentElement.clientWidth - here.offsetWidth - 8);
      const fits = bottom + 8 + here.offsetHeight < innerHeight - BAR_PX;
      const top = fits ? bottom + 8 : rects[0].top - 8 - here.offsetHeight;
      here.style.left = `${Math.max(8, left) + scrollX}px`;
      here.style.top = `${top + scrollY}px`;
    };
    document.addEventListener("selectionchange", () => { clearTimeout(timer); timer = setTimeout(place, REST_MS); });
    here.addEventListener("pointerdown", (event) => event.preventDefault()); // the selection stays
    here.addEventListener("click", () => ask(chosen()));
  }

  // --- sending without leaving the page ---

  const swap = (fresh, from) => {
    const old = section();
    const id = from.closest("li") && from.closest("li").id;
    const lost = !document.activeElement || document.activeElement === document.body || old.contains(document.activeElement);
    old.replaceWith(document.adoptNode(fresh));
    mark();
    const again = id && document.querySelector(`#${id} button`);
    if (lost) (again || document.getElementById("comments-head")).focus({ preventScroll: true });
  };

  const send = async (form) => {
    const tell = (words) => {
      const into = form.id === "comment-form" ? "comment-fault" : "comments-said";
      document.getElementById(into).textContent = words;
    };
    const said = section().dataset;
    let answer;
    try {
      answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), credentials: "same-origin" });
    } catch {
      tell(said.offline);
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = answer.ok && page.getElementById("comments");
    if (!fresh) {
      const fault = page.querySelector("main .problem, main .card.reading p");
      tell(fault && answer.status !== 401 ? fault.textContent.trim() : said.login);
      return;
    }
    if (box && box.open) box.close();
    swap(fresh, form);
    const done = page.querySelector(".banner.green");
    document.getElementById("comments-said").textContent = done ? done.textContent.trim() : "";
  };

  let sending = false;
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.id !== "comment-form" && !form.closest(".comment-steps")) return;
    event.preventDefault();
    if (sending) return;
    sending = true;
    try { await send(form); } finally { sending = false; }
  });

  mark();
  if (marks) markChanges();
  if (section().classList.contains("editing")) {
    let timer = 0;
    document.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(mark, REST_MS); });
  }
})();
