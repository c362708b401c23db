"use strict";
// Each call of the reference can be made from here: with the session of this browser, or with a token.
const LONGEST = 100_000;
const WRITES = ["POST", "PUT", "PATCH", "DELETE"];
const token = document.getElementById("try-token");
let told;

function described() {
  told ??= fetch("/a/openapi.json").then((answer) => answer.json());
  return told;
}

function made(kind, properties = {}, ...within) {
  const one = Object.assign(document.createElement(kind), properties);
  one.append(...within);
  return one;
}

function resolved(all, schema) {
  return schema?.$ref ? resolved(all, all.components.schemas[schema.$ref.split("/").at(-1)]) : schema;
}

/** A body as the schema wants it, for the reader to fill in. */
function sample(all, unresolved, depth = 0) {
  const schema = resolved(all, unresolved) ?? {};
  if ("default" in schema) return schema.default;
  if (schema.enum) return schema.enum[0];
  const [among] = schema.oneOf ?? schema.anyOf ?? [];
  if (among) return sample(all, among, depth);
  const kind = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (kind === "array") return depth > 3 ? [] : [sample(all, schema.items, depth + 1)];
  if (kind === "object" || schema.properties) {
    const wanted = Object.entries(schema.properties ?? {}).filter(([name]) => depth < 2 || schema.required?.includes(name));
    return Object.fromEntries(wanted.map(([name, each]) => [name, sample(all, each, depth + 1)]));
  }
  return { integer: 0, number: 0, boolean: false, null: null }[kind] ?? "";
}

function found(all, id) {
  for (const [path, item] of Object.entries(all.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      if (operation.operationId !== id) continue;
      const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])];
      return { path, method: method.toUpperCase(), parameters, body: operation.requestBody?.content ?? {}, is_open: operation.security?.length === 0 };
    }
  }
  return undefined;
}

function field(id, parameter) {
  const input = made("input", { id: `${id}.${parameter.name}`, name: parameter.name, required: parameter.required === true, autocomplete: "off", spellcheck: false });
  input.dataset.in = parameter.in;
  return made("p", {}, made("label", { htmlFor: input.id, textContent: parameter.name + (input.required ? "" : " (may be left out)") }), input);
}

/** Where it goes, as the fields say: a path in a path keeps its slashes. */
function address(call, fields) {
  let path = call.path;
  const query = new URLSearchParams();
  for (const { name, value, dataset } of fields) {
    if (dataset.in === "path") path = path.replace(`{${name}}`, value.split("/").map(encodeURIComponent).join("/"));
    else if (dataset.in === "query" && value !== "") query.set(name, value);
  }
  return query.size > 0 ? `${path}?${query}` : path;
}

async function read(answer, show) {
  const kind = answer.headers.get("content-type") ?? "";
  if (!/json|text|xml|event-stream/.test(kind)) {
    await answer.body?.cancel();
    return show(kind === "" ? "" : `(${kind}: not shown here)`);
  }
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    text += part.value;
    if (text.length > LONGEST) {
      await reader.cancel();
      return show(`${text.slice(0, LONGEST)}\n… (there is more)`);
    }
    show(text);
  }
  if (kind.includes("json")) show(JSON.stringify(JSON.parse(text), null, 2));
}

async function send(call, form, shown) {
  const fields = [...form.querySelectorAll("input[data-in]")];
  const at = address(call, fields);
  const written = token.value.trim();
  // With a token it is asked as any program asks; else as a page of ours does, by its cookie.
  const headers = written === "" ? { "X-Requested-With": "keycell" } : { Authorization: `Bearer ${written}` };
  for (const { name, value, dataset } of fields) if (dataset.in === "header" && value !== "") headers[name] = value;
  const asked = { method: call.method, headers, cache: "no-store", credentials: written === "" ? "same-origin" : "omit", signal: shown.stop.signal };
  const body = form.querySelector("textarea");
  if (body) Object.assign(asked, { body: body.value, headers: { ...headers, "Content-Type": body.dataset.kind } });
  const began = performance.now();
  shown.status.textContent = "Sent; waiting for the answer.";
  try {
    const answer = await fetch(written === "" ? `/web${at}` : at, asked);
    shown.status.textContent = `${call.method} ${at}: ${answer.status} after ${Math.round(performance.now() - began)} ms, request ${answer.headers.get("x-request-id") ?? "—"}`;
    shown.sign_in.hidden = answer.status !== 401 || written !== "";
    await read(answer, (text) => { shown.body.textContent = text; shown.body.hidden = text === ""; });
  } catch (error) {
    if (shown.stop.signal.aborted) shown.status.textContent += " Stopped.";
    else shown.status.textContent = `There is no answer: ${error.message}`;
  }
}

function panel(id, call, all) {
  const [kind] = Object.keys(call.body);
  const submit = made("button", { type: "submit", textContent: `Send ${call.method}` });
  const halt = made("button", { type: "button", className: "plain", textContent: "Stop", hidden: true });
  const form = made("form", { className: "try", action: "" }, ...call.parameters.map((one) => field(id, one)));
  form.setAttribute("aria-label", `Try ${call.method} ${call.path}`);
  if (kind !== undefined) {
    const text = made("textarea", { id: `${id}.body`, rows: 8, spellcheck: false });
    text.dataset.kind = kind;
    const wanted = sample(all, call.body[kind].schema);
    text.value = kind.includes("json") ? JSON.stringify(wanted, null, 2) : "";
    form.append(made("p", {}, made("label", { htmlFor: text.id, textContent: `Body (${kind})` }), text));
  }
  if (WRITES.includes(call.method)) {
    const sure = made("input", { type: "checkbox", id: `${id}.sure`, required: true });
    form.append(made("p", {}, made("label", { htmlFor: sure.id, className: "tick" }, sure, "This may change what is on this server, and it is really done.")));
  }
  const shown = {
    status: made("p", { className: "hint" }),
    body: made("pre", { tabIndex: 0, hidden: true }),
    sign_in: made("p", { hidden: true }, made("a", { href: `/web/login?return_to=${encodeURIComponent(location.pathname)}`, textContent: "Sign in, and come back" })),
    stop: new AbortController(),
  };
  shown.status.setAttribute("role", "status");
  shown.body.setAttribute("aria-label", "What came back");
  halt.addEventListener("click", () => shown.stop.abort());
  form.append(made("p", {}, submit, " ", halt), shown.status, shown.sign_in, shown.body);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    shown.stop.abort();
    shown.stop = new AbortController();
    shown.body.textContent = "";
    shown.body.hidden = shown.sign_in.hidden = true;
    halt.hidden = false;
    const { stop } = shown;
    await send(call, form, { ...shown, stop });
    if (shown.stop === stop) halt.hidden = true;
  });
  return form;
}

document.getElementById("try-with").classList.remove("hidden");
for (const button of document.querySelectorAll("button[data-tries]")) {
  button.classList.remove("hidden");
  button.addEventListener("click", async () => {
    const open = button.nextElementSibling?.matches("form.try") ? button.nextElementSibling : undefined;
    if (open !== undefined) open.remove();
    else {
      const all = await described();
      const form = panel(button.dataset.tries, found(all, button.dataset.tries), all);
      button.after(form);
      form.querySelector("input, textarea, button").focus();
    }
    button.setAttribute("aria-expanded", String(open === undefined));
  });
}
