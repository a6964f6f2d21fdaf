/* The list of stories: a Word file dropped anywhere on the page goes the way of the form. */
"use strict";
(() => {
  const form = document.getElementById("word-in");
  if (!form) return;
  const said = document.getElementById("word-said");
  const carriesFiles = (event) => [...event.dataTransfer.types].includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    document.body.classList.add("dropping");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) document.body.classList.remove("dropping");
  });
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    document.body.classList.remove("dropping");
    form.parentElement.open = true;
    const files = [...event.dataTransfer.files];
    if (files.length !== 1 || !/\.docx$/i.test(files[0].name)) {
      said.textContent = form.dataset.other;
      return;
    }
    form.elements.word.files = event.dataTransfer.files;
    form.requestSubmit();
  });
})();
