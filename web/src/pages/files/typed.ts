/** A search as it is typed: words, and filters as `kind:image`, with quotes around what has spaces. */
import { SEARCHED } from "../../traces";
import { type Asked, readAsked } from "./sought";

const KINDS: Readonly<Record<string, string>> = {
  folder: "folder", image: "image/", video: "video/", audio: "audio/", text: "text/", pdf: "application/pdf",
};
/** What may stand before a colon; other people's words for it are taken as well. */
const NAMES: Readonly<Record<string, keyof Asked>> = {
  kind: "kind", type: "kind", days: "days", size: "size", space: "space", in: "space", tag: "tag", by: "by", owner: "by", within: "within",
};
const WORD = /(?:(\w+):)?(?:"([^"]*)"|(\S+))/g;

/** Read what was typed, on top of filters that are chosen; what is no filter is a word. */
export function readTyped(typed: string, chosen: Asked, login: string): Asked {
  const words: string[] = [];
  const found: Record<string, string> = {};
  for (const [whole, key, quoted, bare] of typed.matchAll(WORD)) {
    const said = quoted ?? bare ?? "";
    const name = NAMES[key?.toLowerCase() ?? ""];
    const value = name === "kind" ? (KINDS[said.toLowerCase()] ?? said) : name === "by" && said === "me" ? login : said;
    if (name !== undefined && readAsked({ [name]: value })[name] !== undefined) found[name] = value;
    else words.push(key === undefined ? said : whole);
  }
  return readAsked({ ...chosen, ...found, q: words.join(" ") });
}

function inQuotes(text: string): string {
  return /\s/.test(text) ? `"${text}"` : text;
}

/** Write a search as it could be typed. */
export function typedOf({ q, kind, days, size, space, tag, by, within }: Asked): string {
  const short = Object.entries(KINDS).find(([, one]) => one === kind)?.[0];
  const filters = [["kind", short], ["days", days], ["size", size], ["in", space], ["tag", tag], ["by", by], ["within", within]] as const;
  const said = filters.flatMap(([name, value]) => (value === undefined ? [] : [`${name}:${inQuotes(value)}`]));
  return [...(q === undefined ? [] : [q]), ...said].join(" ");
}

const MOST = 8;

/** What somebody looked for last in this browser, the latest first, as it could be typed. */
export function recentOf(sub: string, store: Storage = window.localStorage): readonly string[] {
  try {
    const kept: unknown = JSON.parse(store.getItem(nameOf(sub)) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string").slice(0, MOST) : [];
  } catch {
    return [];
  }
}

export function keepRecent(sub: string, typed: string, store: Storage = window.localStorage): void {
  const kept = [typed, ...recentOf(sub, store).filter((one) => one !== typed)].slice(0, MOST);
  store.setItem(nameOf(sub), JSON.stringify(kept));
}

export function forgetRecent(sub: string, store: Storage = window.localStorage): void {
  store.removeItem(nameOf(sub));
}

function nameOf(sub: string): string {
  return SEARCHED + sub;
}
