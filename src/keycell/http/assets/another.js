"use strict";
// A browser that waits for another device asks how far it is, and goes on by itself.
const waiting = document.getElementById("waiting");
const asks = `/oauth2/another/state?wait=${encodeURIComponent(waiting.elements.wait.value)}`;
let known = waiting.dataset.state;
const goOn = () => document.getElementById("waiting-continue").click();

function tell(state, number) {
  known = state;
  if (state !== "found") return goOn();
  document.getElementById("number").textContent = number;
  for (const one of document.querySelectorAll("#waiting-code, #waiting-hint")) {
    one.classList.add("hidden");
  }
  for (const one of document.querySelectorAll("#waiting-number p, #found-hint")) {
    one.classList.remove("hidden");
  }
  return undefined;
}

async function ask() {
  try {
    const answer = await fetch(asks, { cache: "no-store" });
    if (answer.ok) {
      const { state, number } = await answer.json();
      if (state !== known) tell(state, number);
    }
  } catch (error) {
    console.info("asked in vain:", error.name);
  }
  if (known === "waiting" || known === "found") setTimeout(ask, 2000);
}

if (known === "allowed") goOn();
else ask();
