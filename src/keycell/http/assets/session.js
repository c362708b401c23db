"use strict";
// An application asks whether the session is still the one it was told of. OIDCSM-3.2
const cookieName = document.currentScript.dataset.cookie;

function browserState() {
  const start = `${cookieName}=`;
  const found = document.cookie.split("; ").find((one) => one.startsWith(start));
  return found === undefined ? "" : found.slice(start.length);
}

async function hashed(text) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function compare(message, origin) {
  const [, client, told, salt] = /^([\x21-\x7e]{1,200}) ([\w-]{43})\.([\w-]{1,64})$/.exec(message) ?? [];
  if (client === undefined) return "error";
  const state = browserState();
  // Where the browser keeps the cookie back there is nothing to compare, and nothing to say.
  if (state === "") return (await document.hasStorageAccess()) ? "changed" : "error";
  return (await hashed(`${client} ${origin} ${state} ${salt}`)) === told ? "unchanged" : "changed";
}

addEventListener("message", async (event) => {
  if (typeof event.data !== "string" || event.source === null || event.source === window) return;
  if (event.origin === "null") return;
  event.source.postMessage(await compare(event.data, event.origin), event.origin);
});
