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
    listAlts();
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
    ["word", () => wordChooser.click(), null],
  ];

  const inside = (tag) => {
    const at = document.getSelection().anchorNode;
    const element = at && (at.nodeType === Node.ELEMENT_NODE ? at : at.parentElement);
    const found = element && element.closest(tag);
    return Boolean(found && box.contains(found));
  };

  const chooser = make("input", { type: "file", accept: "image/*,.heic,.heif,video/*", multiple: true, hidden: true });
  const wordChooser = make("input", { type: "file", accept: ".docx", hidden: true });
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
    if (!found.sha256) return null;
    recall();
    document.execCommand("insertHTML", false, `<p><img src="/media/${found.sha256}" alt=""></p><p><br></p>`);
    remember();
    store();
    return [...box.querySelectorAll(`img[src$="${found.sha256}"]`)].pop();
  };

  const readWord = async (file) => {
    said.textContent = words.reading;
    const body = new FormData();
    body.append("word", file, file.name);
    try {
      const answer = await page.send("/stories/word", body, 120000);
      if (page.isLogin(answer)) {
        said.textContent = document.getElementById("compose").dataset.login;
        return;
      }
      const told = await answer.json();
      if (told.error) {
        said.textContent = told.reason;
        return;
      }
      said.textContent = told.lost;
      const title = document.getElementById("f-title");
      if (!title.value.trim()) title.value = told.title;
      insert(inward(told.html));
    } catch {
      said.textContent = document.getElementById("compose").dataset.offline;
    }
  };

  /* Take files one after the other; the last picture asks what it shows when it came alone. */
  const takeFiles = async (files) => {
    const refused = [];
    for (const file of files) {
      if (/\.docx$/i.test(file.name)) {
        await readWord(file);
        continue;
      }
      const fresh = await insertPicture(file);
      if (!fresh) refused.push(said.textContent);
      else if (files.length === 1) describe(fresh);
    }
    if (refused.length) said.textContent = [...new Set(refused)].join(" ");
  };
  for (const one of [chooser, wordChooser]) {
    one.addEventListener("change", () => {
      takeFiles([...one.files]);
      one.value = "";
    });
  }

  // --- what the pictures show: a line for each, under the text ---

  const altList = make("div", { className: "alts", hidden: true });
  const listAlts = () => {
    const images = [...box.querySelectorAll("img")];
    const inputs = [...altList.querySelectorAll("input")];
    const same = inputs.length === images.length && images.every((one, at) => inputs[at].image === one);
    if (same) {
      for (const one of inputs) if (one !== document.activeElement) one.value = one.image.alt;
    } else {
      altList.replaceChildren(make("h3", { textContent: words.pictures }), ...images.map(altLine));
    }
    altList.hidden = !images.length;
  };
  const altLine = (image, at) => {
    const id = `f-alt-${at + 1}`;
    const input = make("input", { id, value: image.alt, maxLength: 200, autocomplete: "off", placeholder: " ", image });
    input.addEventListener("input", () => {
      image.alt = input.value.trim();
      area.value = outward(box.innerHTML);
    });
    const label = words.alt.replace("{number}", at + 1);
    return make("div", { className: "alt-line" }, make("img", { src: image.src, alt: "" }),
      make("div", { className: "field" }, make("label", { htmlFor: id, textContent: label }), input));
  };

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
      said.textContent = words.plain;
    }
    insert(clean);
  };
  const insert = (clean) => {
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
    if (markup && plain.trim()) pasteMarkup(markup, plain);
    else if (clip.files.length) takeFiles([...clip.files]);
    else if (markup) pasteMarkup(markup, plain);
    else if (/\n/.test(plain)) pasteMarkup(paragraphs(plain).map((one) => one.outerHTML).join(""), plain);
    else { document.execCommand("insertText", false, plain); store(); }
  });
  /* A file dropped beside the box would take the browser away from the page, and the text along. */
  document.addEventListener("dragover", (event) => {
    if ([...event.dataTransfer.types].includes("Files")) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    const files = [...event.dataTransfer.files];
    if (!files.length || event.target.type === "file") return;
    event.preventDefault();
    if (box.contains(event.target) && document.caretRangeFromPoint) {
      const at = document.caretRangeFromPoint(event.clientX, event.clientY);
      if (at && box.contains(at.startContainer)) range = at;
    }
    takeFiles(files);
  });

  box.addEventListener("input", store);
  area.closest("form").addEventListener("submit", () => box.blur());
  document.execCommand("defaultParagraphSeparator", false, "p");
  document.execCommand("styleWithCSS", false, "false");

  load();
  listAlts();
  area.hidden = true;
  place.querySelector("label").addEventListener("click", (event) => { event.preventDefault(); box.focus(); });
  area.before(make("div", { className: "editor" }, bar, box), chooser, wordChooser, dialog);
  area.after(altList);
  window.fabuEditor = {
    box,
    reload: () => {
      range = null;
      load();
      listAlts();
    },
  };
})();
