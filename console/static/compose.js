/* The writing page: checks while typing, saving by itself, pictures at once. Works on top of a
   page that does without: the form is the truth, this only sends it earlier. No dependencies. */
"use strict";
(() => {
  const form = document.getElementById("compose");
  if (!form) return;
  document.documentElement.classList.add("scripted");
  form.autocomplete = "off"; // Back shows what is saved, not what the browser remembers of the form
  const state = document.getElementById("save-state");
  const said = form.dataset;
  const CHECK_AFTER_MS = 700;
  const SAVE_EVERY_MS = 20000;
  const PATIENCE_MS = 20000;
  const RETRY_MS = [3000, 6000, 12000, 24000, 60000];
  let changed = Boolean(said.changed);
  let sending = false;
  let submitting = false;
  let leaving = false;
  let composing = false;
  let failures = 0;
  let retryTimer = 0;
  let checkTimer = 0;
  let checkNumber = 0;

  const tell = (words, how) => {
    state.textContent = words;
    state.className = how;
  };

  const data = () => {
    const all = new FormData(form);
    for (const [name, value] of [...all]) if (value instanceof File) all.delete(name);
    return all;
  };

  /* A console that does not answer in time is one that does not answer. */
  const send = (address, body, patience = PATIENCE_MS) => fetch(address, {
    method: body ? "POST" : "GET", body, credentials: "same-origin", redirect: "manual", cache: "no-store",
    headers: { "Accept": "application/json", ...(body && { "X-CSRF-Token": form.elements.csrf.value }) },
    signal: AbortSignal.timeout ? AbortSignal.timeout(patience) : undefined, // older browsers wait
  });
  const isLogin = (answer) => answer.type === "opaqueredirect" || answer.status === 401;

  // --- checks and previews ---

  const check = async () => {
    const mine = ++checkNumber;
    let answer;
    try { answer = await send("/stories/check", data()); } catch { return; }
    if (!answer.ok || mine !== checkNumber) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("checked");
    const old = document.getElementById("checked");
    if (!fresh || !old || mine !== checkNumber) return;
    replacePanel(old, document.adoptNode(fresh));
    for (const one of fresh.querySelectorAll("data.counted")) {
      for (const place of form.querySelectorAll("[data-counter]")) {
        if (place.dataset.counter !== one.dataset.of) continue;
        place.textContent = one.value;
        place.classList.toggle("over", "over" in one.dataset);
      }
    }
    const cover = document.getElementById("cover-shown");
    cover.replaceChildren(...fresh.querySelector("#cover-fresh").childNodes);
    cover.hidden = !cover.firstElementChild;
    form.dispatchEvent(new CustomEvent("checked"));
  };

  /* What was open, scrolled or had the focus stays so. */
  const replacePanel = (old, fresh) => {
    const phone = old.querySelector(".phone .wx");
    const scrolled = phone ? phone.scrollTop : 0;
    const item = (one) => `[data-finding="${one.closest("[data-finding]").dataset.finding}"]`;
    const open = [...old.querySelectorAll("details.rule[open]")].map(item);
    const focus = old.contains(document.activeElement) && document.activeElement;
    const at = focus && focus.closest("[data-finding]") ? `${item(focus)} ${focus.localName}` : "";
    old.replaceWith(fresh);
    for (const one of open) {
      const rule = fresh.querySelector(`${one} details.rule`);
      if (rule) rule.open = true;
    }
    const shown = fresh.querySelector(".phone .wx");
    if (shown) shown.scrollTop = scrolled;
    if (at) (fresh.querySelector(at) || fresh.closest("aside")).focus();
  };

  const touched = () => {
    changed = true;
    if (!sending && !failures) tell(said.unsaved, "unsaved");
    clearTimeout(checkTimer);
    if (!composing) checkTimer = setTimeout(check, CHECK_AFTER_MS);
  };
  form.addEventListener("input", touched);
  form.addEventListener("change", touched);
  /* The letters of a word that is still being chosen are neither checked nor saved. */
  const chosen = () => {
    if (!composing) return;
    composing = false;
    touched();
  };
  form.addEventListener("compositionstart", () => { composing = true; clearTimeout(checkTimer); });
  form.addEventListener("compositionend", chosen);
  form.addEventListener("focusout", chosen);

  // --- saving by itself ---

  const failed = () => {
    changed = true;
    tell(said.offline, "lost");
    clearTimeout(retryTimer);
    retryTimer = setTimeout(turn, RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]);
    failures += 1;
  };

  const save = async () => {
    if (!changed || sending || submitting || leaving || composing || !form.dataset.autosave) return;
    sending = true;
    changed = false;
    tell(said.saving, "");
    const story = form.dataset.story;
    try {
      const answer = await send(story ? `/stories/${story}/autosave` : "/stories/autosave", data());
      if (isLogin(answer)) {
        changed = true;
        tell(said.login, "lost");
        return;
      }
      const told = await answer.json();
      failures = 0;
      if (told.error) {
        changed = true;
        tell(told.error, "unsaved");
        if (told.overtaken) {
          form.dataset.autosave = "";
          await pulse();
        }
        return;
      }
      form.elements.seen.value = told.seen;
      if (!story) {
        form.dataset.story = told.id;
        form.elements.story.value = told.id;
        form.action = `/stories/${told.id}`;
        history.replaceState(null, "", `/stories/${told.id}/edit`);
      }
      tell(changed ? said.unsaved : told.said, changed ? "unsaved" : "saved");
    } catch {
      failed();
    } finally {
      sending = false;
    }
  };

  /* Is the console there, is the login good, did somebody else save? Gives whether one may go on. */
  const pulse = async (patience) => {
    const { story } = form.dataset;
    const asked = new URLSearchParams({ story: story || 0, seen: form.elements.seen.value });
    const answer = await send(`/stories/pulse?${asked}`, undefined, patience);
    if (isLogin(answer)) {
      tell(said.login, "lost");
      return false;
    }
    const told = await answer.json();
    form.elements.csrf.value = told.csrf;
    const moved = document.getElementById("moved");
    moved.firstElementChild.textContent = told.said;
    moved.hidden = !told.said;
    if (told.said) form.dataset.autosave = "";
    if (failures) {
      failures = 0;
      tell(said.unsaved, "unsaved");
    }
    return true;
  };

  const turn = async () => {
    if (sending || submitting || leaving) return;
    try {
      if (form.dataset.story || failures) await pulse();
      await save();
    } catch {
      if (changed) failed();
    }
  };
  setInterval(() => { if (!failures) turn(); }, SAVE_EVERY_MS);
  document.addEventListener("visibilitychange", () => turn());
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return; // the browser kept the page as it was left
    leaving = false;
    turn();
  });
  /* The key of Word. What takes a story out of review or voids a signature stays with the button. */
  document.addEventListener("keydown", (event) => {
    if (event.key !== "s" || !(event.ctrlKey || event.metaKey) || event.altKey || event.isComposing) return;
    event.preventDefault();
    if (form.dataset.autosave) turn();
    else if (changed) tell(said.unsaved, "unsaved");
  });

  // --- the Save button ---

  form.addEventListener("submit", async (event) => {
    if (leaving || event.defaultPrevented) return;
    event.preventDefault();
    if (submitting) return; // the second click of a double click
    const button = event.submitter;
    if (sending) { // the answer brings the number the form must carry
      setTimeout(() => form.requestSubmit(button), 150);
      return;
    }
    tell(said.saving, "");
    submitting = true;
    try { // a page that leaves for a console that is gone takes the text with it
      if (!await pulse(8000)) return;
    } catch {
      failed();
      return;
    } finally {
      submitting = false;
    }
    leaving = true;
    form.requestSubmit(button);
    setTimeout(() => { leaving = false; }, PATIENCE_MS);
  });
  window.addEventListener("beforeunload", (event) => {
    if (changed && !leaving) event.preventDefault();
  });

  // --- the same story in another window of this browser ---

  const others = new BroadcastChannel("stories");
  const hello = (answer) => {
    if (form.dataset.story) others.postMessage({ story: form.dataset.story, answer });
  };
  others.addEventListener("message", ({ data: told }) => {
    if (told.story !== form.dataset.story) return;
    document.getElementById("twin").hidden = false;
    if (!told.answer) hello(true);
  });
  hello(false);

  // --- pictures ---

  const sayBy = (input, words) => {
    let place = input.parentElement.querySelector(".file-said");
    if (!place) {
      place = document.createElement("p");
      place.className = "file-said why";
      place.setAttribute("role", "alert");
      input.after(place);
    }
    place.textContent = words;
  };

  const VIDEO = /\.(mp4|mov|m4v|avi|mkv|wmv|flv|webm|mpe?g)$/i;
  const isVideo = (file) => file.type.startsWith("video/") || VIDEO.test(file.name);

  /* Store one file; gives its SHA-256, or says in `words` why not. */
  const upload = async (file) => {
    if (isVideo(file)) return { words: said.video };
    if (file.size > Number(said.largest)) return { words: said.large };
    const body = new FormData();
    body.append("file", file, file.name || "picture");
    try {
      const answer = await send("/media", body, 3 * PATIENCE_MS);
      if (isLogin(answer)) return { words: said.login };
      const told = await answer.json();
      return told.error ? { words: told.error } : told;
    } catch {
      return { words: said.offline };
    }
  };

  for (const input of form.querySelectorAll("input[type=file][data-into]")) {
    input.addEventListener("change", async () => {
      const file = input.files[0];
      if (!file) return;
      sayBy(input, said.uploading);
      const found = await upload(file);
      input.value = "";
      sayBy(input, found.words || "");
      if (!found.sha256) return;
      const into = document.getElementById(input.dataset.into);
      if (into.tagName === "SELECT") {
        into.add(new Option(input.dataset.word, found.sha256, true, true));
      }
      into.value = found.sha256;
      touched();
    });
  }

  window.fabuCompose = { upload, send, isLogin, touched, check, data };
  if (changed) tell(state.textContent, "unsaved");
})();
