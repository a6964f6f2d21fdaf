/* The text of a story as it will look: a box to write in, kept in step with the text field under
   it. Pasted HTML goes to the server and comes back clean; what is saved is cleaned there again. */
"use strict";
(() => {
  const area = document.getElementById("f-body");
  const place = document.getElementById("editor-field");
  const page = window.fabuCompose;
  if (!area || !place || !page) return;
  const words = place.dataset;
  const said = document.getElementById("editor-said");
  const MARKUP = /<\/?(p|h[234]|ul|ol|li|table|strong|em|u|blockquote|img|br|a|hr)[\s>/]/i;

  const make = (tag, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };

  // --- text field <-> box ---

  const inward = (markup) => markup.replaceAll('src="media:', 'src="/media/');
  const outward = (markup) => markup.replaceAll('src="/media/', 'src="media:')
    .replaceAll("&nbsp;", " ").replaceAll("<p><br></p>", "");

  const paragraphs = (text) => text.split(/\r?\n/).map((line) => line.trim()).filter(Boolean)
    .map((line) => make("p", { textContent: line }));

  const box = make("div", { className: "editor-text", contentEditable: "true", id: "editor-text" });
  box.setAttribute("role", "textbox");
  box.setAttribute("aria-multiline", "true");
  box.setAttribute("aria-label", words.label);
  box.lang = "zh-CN";
  const load = () => {
    if (MARKUP.test(area.value)) {
      const parsed = new DOMParser().parseFromString(inward(area.value.replace(/>\s*\n\s*</g, "><")), "text/html");
      box.replaceChildren(...parsed.body.childNodes);
    } else {
      box.replaceChildren(...paragraphs(area.value));
    }
    endOpen();
  };

  /* There is always a line to write on after a table or a list. */
  const endOpen = () => {
    const last = box.lastElementChild;
    if (!last || !["P", "H2", "H3", "H4"].includes(last.tagName)) box.append(make("p", {}, make("br")));
  };

  const store = () => {
    endOpen();
    const empty = !box.textContent.trim() && !box.querySelector("img, table, hr");
    area.value = empty ? "" : outward(box.innerHTML);
    page.touched();
  };

  // --- tools ---

  const run = (command, value) => {
    box.focus();
    document.execCommand(command, false, value);
    store();
    mark();
  };
  const TOOLS = [
    ["heading", () => run("formatBlock", "h2"), () => inside("h2")],
    ["subheading", () => run("formatBlock", "h3"), () => inside("h3")],
    ["paragraph", () => run("formatBlock", "p"), null],
    ["bold", () => run("bold"), () => document.queryCommandState("bold")],
    ["list", () => run("insertUnorderedList"), () => inside("ul")],
    ["numbers", () => run("insertOrderedList"), () => inside("ol")],
    ["picture", () => chooser.click(), null],
  ];

  const inside = (tag) => {
    const at = document.getSelection().anchorNode;
    const element = at && (at.nodeType === Node.ELEMENT_NODE ? at : at.parentElement);
    const found = element && element.closest(tag);
    return Boolean(found && box.contains(found));
  };

  const chooser = make("input", { type: "file", accept: "image/jpeg,image/png,image/gif,video/*", hidden: true });
  const bar = make("div", { className: "editor-tools" });
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", words.tools);
  const buttons = TOOLS.map(([name, act, isOn]) => {
    const button = make("button", { type: "button", textContent: words[name] });
    if (isOn) button.setAttribute("aria-pressed", "false");
    button.addEventListener("mousedown", (event) => event.preventDefault()); // keeps the selection
    button.addEventListener("click", act);
    bar.append(button);
    return [button, isOn];
  });
  const mark = () => {
    for (const [button, isOn] of buttons) {
      if (isOn) button.setAttribute("aria-pressed", String(Boolean(isOn())));
    }
  };
  document.addEventListener("selectionchange", () => {
    if (box.contains(document.getSelection().anchorNode)) { remember(); mark(); }
  });

  let range = null;
  const remember = () => {
    const selection = document.getSelection();
    if (selection.rangeCount) range = selection.getRangeAt(0).cloneRange();
  };
  const recall = () => {
    box.focus();
    if (!range) return;
    const selection = document.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  };

  // --- pictures ---

  const insertPicture = async (file) => {
    said.textContent = document.getElementById("compose").dataset.uploading;
    const found = await page.upload(file);
    said.textContent = found.words || "";
    if (!found.sha256) return;
    recall();
    document.execCommand("insertHTML", false, `<p><img src="/media/${found.sha256}" alt=""></p><p><br></p>`);
    store();
    const fresh = [...box.querySelectorAll(`img[src$="${found.sha256}"]`)].pop();
    if (fresh) describe(fresh);
  };
  chooser.addEventListener("change", () => {
    if (chooser.files[0]) insertPicture(chooser.files[0]);
    chooser.value = "";
  });

  const alt = make("input", { id: "f-alt", maxLength: 200, autocomplete: "off" });
  const remove = make("button", { type: "button", className: "danger", textContent: words.remove });
  const dialog = make("dialog", {},
    make("form", { method: "dialog" },
      make("div", { className: "field" }, make("label", { htmlFor: "f-alt", textContent: words.describe }), alt),
      make("p", { className: "buttons" }, make("button", { textContent: words.done }), remove)));
  let described = null;
  const describe = (image) => {
    described = image;
    alt.value = image.alt;
    dialog.showModal();
  };
  dialog.addEventListener("close", () => {
    if (!described) return;
    described.alt = alt.value.trim();
    described = null;
    store();
  });
  remove.addEventListener("click", () => {
    const image = described;
    described = null;
    const around = image.parentElement;
    image.remove();
    if (around !== box && !around.textContent.trim() && !around.querySelector("img")) around.remove();
    dialog.close();
    store();
  });
  box.addEventListener("click", (event) => { if (event.target.tagName === "IMG") describe(event.target); });

  // --- pasting and dropping ---

  const pasteMarkup = async (markup, plain) => {
    const body = new FormData();
    body.append("html", markup);
    let clean = "";
    try {
      const answer = await page.send("/stories/clean", body);
      if (!answer.ok) throw new Error(String(answer.status));
      const told = await answer.json();
      clean = inward(told.html);
      said.textContent = told.lost;
    } catch {
      clean = paragraphs(plain).map((one) => one.outerHTML).join("");
    }
    const single = /^<p>((?:(?!<\/?p>).)*)<\/p>$/s.exec(clean); // a few words stay in their line
    recall();
    document.execCommand("insertHTML", false, single ? single[1] : clean);
    store();
    const last = box.lastElementChild;
    if (!single && last && !last.textContent) {
      document.getSelection().collapse(last, 0);
      remember();
    }
  };
  box.addEventListener("paste", (event) => {
    event.preventDefault();
    remember();
    const clip = event.clipboardData;
    const markup = clip.getData("text/html");
    const plain = clip.getData("text/plain");
    const picture = [...clip.files].find((file) => file.type.startsWith("image/"));
    if (markup && plain.trim()) pasteMarkup(markup, plain);
    else if (picture) insertPicture(picture);
    else if (markup) pasteMarkup(markup, plain);
    else if (/\n/.test(plain)) pasteMarkup(paragraphs(plain).map((one) => one.outerHTML).join(""), plain);
    else { document.execCommand("insertText", false, plain); store(); }
  });
  box.addEventListener("dragover", (event) => event.preventDefault());
  box.addEventListener("drop", (event) => {
    const file = event.dataTransfer.files[0];
    if (!file) return;
    event.preventDefault();
    range = document.caretRangeFromPoint ? document.caretRangeFromPoint(event.clientX, event.clientY) : range;
    insertPicture(file);
  });

  box.addEventListener("input", store);
  area.closest("form").addEventListener("submit", () => box.blur());
  document.execCommand("defaultParagraphSeparator", false, "p");
  document.execCommand("styleWithCSS", false, "false");

  load();
  area.hidden = true;
  place.querySelector("label").addEventListener("click", (event) => { event.preventDefault(); box.focus(); });
  area.before(make("div", { className: "editor" }, bar, box), chooser, dialog);
})();
