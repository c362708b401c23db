// Passkeys, where the browser has them. Every page that loads this works without it.
const decode = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const encode = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const show = (id) => document.getElementById(id).classList.remove("hidden");
const fits = (rp) => rp && (location.hostname === rp || location.hostname.endsWith(`.${rp}`));

// Written out here: what browsers have of their own for it is too young to rely on.
function read(text) {
  const options = JSON.parse(text);
  const known = (list) => (list || []).map((one) => ({ ...one, id: decode(one.id) }));
  options.challenge = decode(options.challenge);
  if (options.user) options.user.id = decode(options.user.id);
  options.allowCredentials = known(options.allowCredentials);
  options.excludeCredentials = known(options.excludeCredentials);
  return options;
}

function write({ id, rawId, type, response, authenticatorAttachment }) {
  const parts = { clientDataJSON: encode(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) parts[name] = encode(response[name]);
  }
  if (response.getTransports) parts.transports = response.getTransports();
  const written = { id, rawId: encode(rawId), type, response: parts, clientExtensionResults: {} };
  if (authenticatorAttachment) written.authenticatorAttachment = authenticatorAttachment;
  return JSON.stringify(written);
}

function send(form, credential) {
  form.elements.credential.value = write(credential);
  form.submit();
}

function tell(name) {
  const problem = document.getElementById("passkey-problem");
  const words = [...problem.querySelectorAll("[data-error]")];
  const found = words.find((one) => one.dataset.error === name) || words.at(-1);
  for (const one of words) one.classList.toggle("hidden", one !== found);
  problem.classList.remove("hidden");
  problem.focus();
}

function offer(form) {
  const waiting = new AbortController();
  const button = document.getElementById("passkey-button");
  show("passkey-row");
  button.addEventListener("click", async () => {
    waiting.abort();
    button.disabled = true;
    const publicKey = read(form.dataset.options);
    try {
      const makes = form.dataset.makes !== undefined;
      send(form, await navigator.credentials[makes ? "create" : "get"]({ publicKey }));
    } catch (error) {
      tell(error.name);
    }
    button.disabled = false;
  });
  if (form.dataset.offers !== undefined) autofill(form, waiting.signal);
}

// In the list of the login field, beside the passwords: nothing opens by itself.
async function autofill(form, signal) {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  const publicKey = read(form.dataset.options);
  try {
    send(form, await navigator.credentials.get({ publicKey, mediation: "conditional", signal }));
  } catch (error) {
    if (error.name !== "AbortError") console.info("no passkey was chosen:", error.name);
  }
}

// So that what keeps the passkeys offers no deleted one.
async function signal({ rp, user, name, display, known }) {
  const ours = { rpId: rp, userId: user };
  const ids = known.split(" ").filter(Boolean);
  try {
    await PublicKeyCredential.signalAllAcceptedCredentials?.({
      ...ours, allAcceptedCredentialIds: ids,
    });
    await PublicKeyCredential.signalCurrentUserDetails?.({ ...ours, name, displayName: display });
  } catch (error) {
    console.info("the keeper of the passkeys was not told:", error.name);
  }
}

if (window.PublicKeyCredential) {
  const form = document.getElementById("passkey-form");
  if (form && fits(form.dataset.rp)) offer(form);
  const told = document.getElementById("passkey-signal");
  if (told && fits(told.dataset.rp)) signal(told.dataset);
}
