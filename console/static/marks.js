/* Findings at their place: underlined in the text, reached from the panel, mended by one press.
   The underlines are the browser's own highlights, so the text itself is never touched; where a
   browser has none, the panel alone does. */
"use strict";
(() => {
  const form = document.getElementById("compose");
  const page = window.fabuCompose;
  if (!form || !page) return;
  const editor = window.fabuEditor;
  const area = document.getElementById("f-body");
  const WEIGHTS = ["must", "should", "hint"];
  const FIELDS = "input:not([type]), input[type=url], textarea";

  const piecesOf = (link) => JSON.parse(link.dataset.pieces);
  const links = () => [...document.querySelectorAll("#checked a.to-place")];

  /* A piece named n times is its last n places: the end of a text that is too long is at its end. */
  const places = (text, pieces) => {
    const before = new Map();
    const found = [];
    for (const piece of pieces) {
      const end = before.has(piece) ? before.get(piece) : text.length;
      const at = piece && end > 0 ? text.lastIndexOf(piece, end - 1) : -1;
      if (at < 0) continue;
      before.set(piece, at);
      found.push([at, at + piece.length]);
    }
    return found.sort((one, other) => one[0] - other[0]);
  };

  // --- in the text ---

  const textRanges = (pieces) => {
    const walker = document.createTreeWalker(editor.box, NodeFilter.SHOW_TEXT);
    const nodes = [];
    let text = "";
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      nodes.push([text.length, node]);
      text += node.data;
    }
    const point = (at, isEnd) => {
      const [begin, node] = nodes.findLast(([start]) => (isEnd ? start < at : start <= at));
      return [node, at - begin];
    };
    return places(text, pieces).map(([from, to]) => {
      const range = new Range();
      range.setStart(...point(from, false));
      range.setEnd(...point(to, true));
      return range;
    });
  };

  const elementRange = (element) => {
    const range = new Range();
    if (element.localName === "img") range.selectNode(element);
    else range.selectNodeContents(element);
    return range;
  };

  const rangesOf = (pieces) => {
    if (!editor) return [];
    const shown = [...editor.box.querySelectorAll("a, img")].filter((one) => {
      const source = one.getAttribute("href") || (one.getAttribute("src") || "").replace("/media/", "media:");
      return pieces.includes(source);
    });
    return [...shown.map(elementRange), ...textRanges(pieces)];
  };

  const underline = () => {
    for (const one of form.querySelectorAll("[aria-invalid]")) one.removeAttribute("aria-invalid");
    const marked = new Map(WEIGHTS.map((weight) => [weight, []]));
    for (const link of links()) {
      const field = fieldOf(link);
      const { weight } = link.dataset;
      if (field === area) marked.get(weight).push(...rangesOf(piecesOf(link)));
      else if (field && weight === "must") field.setAttribute("aria-invalid", "true");
    }
    if (!window.Highlight) return;
    for (const [weight, ranges] of marked) CSS.highlights.set(`finding-${weight}`, new Highlight(...ranges));
  };

  // --- from the panel to the place ---

  /* The field a finding names, or another one that holds what it speaks of. */
  const fieldOf = (link) => {
    const named = document.getElementById(link.hash.slice(1));
    const pieces = piecesOf(link).filter((piece) => !piece.startsWith("media:"));
    const holds = (field) => pieces.some((piece) => field.value.includes(piece));
    if (!named || named === area || !pieces.length || (named.matches(FIELDS) && holds(named))) return named;
    return [...form.querySelectorAll(FIELDS)].find((one) => one !== area && holds(one)) || named;
  };

  const turns = new Map();
  const turn = (link, count) => {
    const key = `${link.closest("[data-finding]").dataset.finding} ${link.dataset.pieces}`;
    const next = (turns.has(key) ? turns.get(key) + 1 : 0) % count;
    turns.set(key, next);
    return next;
  };

  const goToText = (link) => {
    const ranges = rangesOf(piecesOf(link));
    editor.box.focus();
    const range = ranges.length ? ranges[turn(link, ranges.length)] : null;
    if (!range) return;
    const selection = document.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    const at = range.startContainer;
    (at.nodeType === Node.TEXT_NODE ? at.parentElement : at).scrollIntoView({ block: "center" });
  };

  const goToField = (link, field) => {
    const folded = field.closest("details:not([open])");
    if (folded) folded.open = true;
    field.scrollIntoView({ block: "center" });
    const found = field.matches(FIELDS) ? places(field.value, piecesOf(link)) : [];
    if (found.length) {
      field.setSelectionRange(...found[turn(link, found.length)]);
      field.blur(); // a text field scrolls to its selection when it gets the focus
    }
    field.focus();
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#f-']");
    if (!link) return;
    const field = link.matches(".to-place") ? fieldOf(link) : document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    if (field !== area) goToField(link, field);
    else if (link.matches(".to-place")) goToText(link);
    else editor.box.focus();
  });

  // --- mending by one press ---

  const put = (name, value) => {
    const held = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
    if (Array.isArray(value)) {
      const before = held.map((one) => one.value);
      for (const one of held) one.remove();
      for (const one of value) form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value: one }));
      return before;
    }
    const field = held[0] || form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name }));
    const before = field.value;
    field.value = value;
    if (field === area && editor) editor.reload();
    return before;
  };

  const apply = (fields) => {
    const before = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, put(name, value)]));
    page.touched();
    page.check();
    return before;
  };

  const notice = (words, before) => {
    const place = document.getElementById("mended");
    place.replaceChildren(Object.assign(document.createElement("p"), { textContent: words }));
    place.hidden = !words;
    if (!before) return;
    const undo = Object.assign(document.createElement("button"), { type: "button", textContent: form.dataset.undo });
    undo.addEventListener("click", () => {
      apply(before);
      notice(form.dataset.undone);
    });
    place.firstChild.append(" ", undo);
  };

  const same = (name, one, other) => String(one.getAll(name)) === String(other.getAll(name));

  const fix = async (value) => {
    const body = page.data();
    body.append("fix", value);
    try {
      const answer = await page.send("/stories/fix", body);
      if (page.isLogin(answer)) {
        notice(form.dataset.login);
        return;
      }
      const told = await answer.json();
      const now = page.data();
      if (told.said && !Object.keys(told.fields).every((name) => same(name, body, now))) {
        await fix(value); // somebody typed in the meantime: what they typed is mended, not lost
        return;
      }
      notice(told.said || told.reason, told.said && apply(told.fields));
    } catch {
      notice(form.dataset.offline);
    }
  };

  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=fix]");
    if (!button) return;
    event.preventDefault();
    fix(button.value);
  });

  form.addEventListener("checked", underline);
  underline();
})();
