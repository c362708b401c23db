"use strict";
// Small helps for those who have JavaScript; every page works without it.
for (const button of document.querySelectorAll("button[data-shows]")) {
  const field = document.getElementById(button.dataset.shows);
  button.hidden = false;
  button.classList.remove("hidden");
  button.addEventListener("click", () => {
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
  });
}
/** Copy what an element says; where the browser does not let that happen, mark it to be copied by hand. */
function copies(button, source, status) {
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      status.textContent = button.dataset.done;
    } catch {
      getSelection().selectAllChildren(source);
      status.textContent = button.dataset.failed;
    }
  });
}
for (const button of document.querySelectorAll("button[data-copies]")) {
  button.classList.remove("hidden");
  copies(button, document.getElementById(button.dataset.copies), document.getElementById("copied"));
}
// Code is copied by a button of its own. The pages that have any are in English.
for (const code of document.querySelectorAll("pre[tabindex], [data-code]")) {
  const button = document.createElement("button");
  const status = document.createElement("span");
  const row = document.createElement("div");
  Object.assign(button, { type: "button", textContent: "Copy" });
  Object.assign(button.dataset, { done: "Copied.", failed: "Marked: copy it by hand." });
  const name = code.dataset.code ?? code.getAttribute("aria-label") ?? document.getElementById(code.getAttribute("aria-labelledby"))?.textContent;
  button.setAttribute("aria-label", `Copy: ${name}`);
  status.setAttribute("role", "status");
  row.className = "copies";
  row.append(status, button);
  code.before(row);
  copies(button, code, status);
}
for (const button of document.querySelectorAll("button[data-prints]")) {
  button.classList.remove("hidden");
  button.addEventListener("click", () => print());
}
const secret = document.getElementById("setup-secret");
function takeSecret() {
  if (location.hash.length < 2) return;
  secret.value = decodeURIComponent(location.hash.slice(1));
  for (const other of document.querySelectorAll("footer a[hreflang]")) other.hash = location.hash;
  document.getElementById("setup-secret-row").classList.add("hidden");
  history.replaceState(null, "", location.pathname);
}
if (secret) {
  takeSecret();
  // Whoever opened the address first and pastes the link then stays on this very page.
  addEventListener("hashchange", takeSecret);
}
// Where there are no passkeys, another device that has them comes first.
const other = document.getElementById("another-form");
const login = document.getElementById("login-form");
if (other && login && !window.PublicKeyCredential) {
  other.classList.add("first");
  login.before(other);
}
const posted = document.getElementById("form-post");
if (posted) posted.submit();
const alert = document.querySelector("[role=alert]");
if (alert) alert.focus();
const onward = document.getElementById("onward");
if (onward) {
  const framed = [...document.querySelectorAll("iframe")];
  Promise.all(framed.map((frame) => new Promise((told) => frame.addEventListener("load", told))))
    .then(() => location.replace(onward.href));
}
