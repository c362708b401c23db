/** What opens something is not shown: a picture of the page may be sent to somebody. */

const SECRETS = new Set([
  "access_token", "refresh_token", "id_token", "id_token_hint", "code", "code_verifier", "client_secret", "device_secret", "token",
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
