/** What opens something is not shown: a picture of the page may be sent to somebody. */

const SECRETS = new Set([
  "access_token", "refresh_token", "id_token", "id_token_hint", "code", "code_verifier", "client_secret", "device_secret", "device_code", "token",
]);
const SHOWN = 4;

export function masked(value: string): string {
  return value.length <= 4 * SHOWN ? "…" : `${value.slice(0, SHOWN)}… (${value.length})`;
}

/** Parameters one to a line, in the order in which they are sent. */
export function paramLines(params: URLSearchParams): string {
  return [...params].map(([name, value]) => `${name}=${SECRETS.has(name) ? masked(value) : value}`).join("\n");
}

export function headerLines(headers: Record<string, string>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${name === "Authorization" ? `${value.split(" ")[0] ?? ""} …` : value}`)
    .join("\n");
}

/** An answer as it is read: JSON in order, its secrets masked; anything else as it came. */
export function bodyLines(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), (name, value: unknown) => (SECRETS.has(name) && typeof value === "string" ? masked(value) : value), 2);
  } catch {
    return text;
  }
}

/** The same request as a command; what opens something is a variable there, for a command is passed on and kept in a history. */
export function curlOf(method: string, address: string, headers: Record<string, string>, form?: URLSearchParams): string {
  const told = Object.entries(headers).map(([name, value]) => {
    if (name !== "Authorization") return `-H ${quoted(`${name}: ${value}`)}`;
    return value.startsWith("Basic ") ? '-u "$CLIENT_ID:$CLIENT_SECRET"' : `-H "${name}: ${value.split(" ")[0] ?? ""} $ACCESS_TOKEN"`;
  });
  const fields = [...(form ?? [])].map(([name, value]) => `-d ${SECRETS.has(name) ? `${name}="$${name.toUpperCase()}"` : quoted(`${name}=${encodeURIComponent(value)}`)}`);
  return [`curl -sS${method === "POST" && fields.length === 0 ? " -X POST" : ""} ${quoted(address)}`, ...told, ...fields].join(" \\\n  ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
