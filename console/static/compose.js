/* The writing page: checks while typing, saving by itself, pictures at once. Works on top of a
   page that does without: the form is the truth, this only sends it earlier. No dependencies. */
"use strict";
(() => {
  const form = document.getElementById("compose");
  if (!form) return;
  document.documentElement.classList.add("scripted");
  const state = document.getElementById("save-state");
  const said = form.dataset;
  const CHECK_AFTER_MS = 700;
  const SAVE_EVERY_MS = 20000;
  let changed = false;
  let sending = false;
  let checkTimer = 0;
  let checkNumber = 0;

  const data = () => {
    const all = new FormData(form);
    for (const [name, value] of [...all]) if (value instanceof File) all.delete(name);
    return all;
  };

  const send = (address, body) => fetch(address, {
    method: "POST", body, credentials: "same-origin", redirect: "manual",
    headers: { "X-CSRF-Token": form.elements.csrf.value },
  });

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
    const phone = old.querySelector(".phone .wx");
    const scrolled = phone ? phone.scrollTop : 0;
    old.replaceWith(document.adoptNode(fresh));
    const shown = fresh.querySelector(".phone .wx");
    if (shown) shown.scrollTop = scrolled;
    for (const one of fresh.querySelectorAll("data.counted")) {
      for (const place of form.querySelectorAll("[data-counter]")) {
        if (place.dataset.counter !== one.dataset.of) continue;
        place.textContent = one.value;
        place.classList.toggle("over", "over" in one.dataset);
      }
    }
  };

  const touched = () => {
    changed = true;
    clearTimeout(checkTimer);
    checkTimer = setTimeout(check, CHECK_AFTER_MS);
  };
  form.addEventListener("input", touched);
  form.addEventListener("change", touched);

  // --- saving by itself ---

  const save = async () => {
    if (!changed || sending || !form.dataset.autosave) return;
    sending = true;
    changed = false;
    state.textContent = said.saving;
    const story = form.dataset.story;
    try {
      const answer = await send(story ? `/stories/${story}/autosave` : "/stories/autosave", data());
      if (answer.type === "opaqueredirect" || answer.status === 401) {
        changed = true;
        state.textContent = said.login;
        return;
      }
      const told = await answer.json();
      if (told.error) {
        changed = true;
        state.textContent = told.error;
        if (told.overtaken) form.dataset.autosave = "";
        return;
      }
      form.elements.seen.value = told.seen;
      if (!story) {
        form.dataset.story = told.id;
        form.action = `/stories/${told.id}`;
        history.replaceState(null, "", `/stories/${told.id}/edit`);
      }
      state.textContent = told.said;
    } catch {
      changed = true;
      state.textContent = said.offline;
    } finally {
      sending = false;
    }
  };
  setInterval(save, SAVE_EVERY_MS);
  document.addEventListener("visibilitychange", () => { if (document.hidden) save(); });

  let leaving = false;
  form.addEventListener("submit", (event) => {
    if (sending) { // the answer brings the number the form must carry
      event.preventDefault();
      setTimeout(() => form.requestSubmit(), 150);
      return;
    }
    leaving = true;
  });
  window.addEventListener("beforeunload", (event) => {
    if (changed && !leaving) event.preventDefault();
  });

  // --- pictures ---

  const tell = (input, words) => {
    let place = input.parentElement.querySelector(".file-said");
    if (!place) {
      place = document.createElement("p");
      place.className = "file-said why";
      place.setAttribute("role", "alert");
      input.after(place);
    }
    place.textContent = words;
  };

  const isVideo = (file) => file.type.startsWith("video/");

  /* Store one file; gives its SHA-256, or says in `words` why not. */
  const upload = async (file) => {
    if (isVideo(file)) return { words: said.video };
    const body = new FormData();
    body.append("file", file, file.name || "picture");
    try {
      const answer = await send("/media", body);
      if (answer.type === "opaqueredirect") return { words: said.login };
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
      tell(input, said.uploading);
      const found = await upload(file);
      input.value = "";
      tell(input, found.words || "");
      if (!found.sha256) return;
      const into = document.getElementById(input.dataset.into);
      if (into.tagName === "SELECT") {
        into.add(new Option(input.dataset.word, found.sha256, true, true));
      }
      into.value = found.sha256;
      const shown = document.getElementById(input.dataset.shown || "");
      if (shown) { shown.src = `/media/${found.sha256}`; shown.hidden = false; }
      touched();
    });
  }

  window.fabuCompose = { upload, send, touched };
})();
