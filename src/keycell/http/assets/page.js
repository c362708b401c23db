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
for (const button of document.querySelectorAll("button[data-copies]")) {
  button.classList.remove("hidden");
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copies).textContent.trim();
    const status = document.getElementById("copied");
    try {
      await navigator.clipboard.writeText(text);
      status.textContent = button.dataset.done;
    } catch {
      getSelection().selectAllChildren(document.getElementById(button.dataset.copies));
      status.textContent = button.dataset.failed;
    }
  });
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
