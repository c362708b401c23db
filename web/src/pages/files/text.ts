/** A text file, read whole and written back only where it is still what was read. RFC9110-13.1.1. */
import { ApiError, ask } from "../../api";
import { address, type Node } from "./nodes";

/** What is edited here at most, in bytes. */
export const LARGEST_TEXT = 512 * 2 ** 10;
const REFUSED = 412;

const TEXTS = /\.(txt|md|markdown|json|ya?ml|toml|ini|conf|csv|tsv|log|py|js|jsx|ts|tsx|css|html?|xml|svg|sh|sql|go|rs|c|h|cpp|java|rb|php)$/i;

export function isShownAsText(node: Pick<Node, "mime" | "name">): boolean {
  return node.mime.startsWith("text/") || TEXTS.test(node.name);
}

/** Whether it may be edited here. */
export function isText(node: Node): boolean {
  return !node.isFolder && isShownAsText(node) && node.size <= LARGEST_TEXT;
}

export interface Text {
  readonly text: string;
  readonly etag: string;
  /** How its lines end, which no text field keeps. */
  readonly isCrlf: boolean;
}

/** The bytes are no UTF-8: written back they would be others. */
export class NoText extends Error {}
/** Somebody else has changed the file, or put one there. */
export class Changed extends Error {}

export function textOf(bytes: ArrayBuffer, etag: string): Text {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new NoText("not UTF-8");
  }
  const ends = text.match(/\r?\n/g) ?? [];
  const isCrlf = ends.length > 0 && ends.every((one) => one === "\r\n");
  // A field makes one kind of line of all: what has several, or a carriage return alone, would be changed unseen.
  if (!isCrlf && text.includes("\r")) throw new NoText("several kinds of lines");
  return { text: text.replaceAll("\r\n", "\n"), etag, isCrlf };
}

export function bytesOf(text: string, isCrlf: boolean): string {
  return isCrlf ? text.replaceAll("\n", "\r\n") : text;
}

/** Null where nothing is there any more. */
export async function readWhole(path: string, signal?: AbortSignal): Promise<Text | null> {
  try {
    const response = await ask("GET", address(path), undefined, signal === undefined ? {} : { signal });
    return textOf(await response.arrayBuffer(), response.headers.get("etag") ?? "");
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

/** Write where the version that was read is still there; without one, where nothing is. Throws Changed. */
export async function write(path: string, text: string, type: string, etag: string | null): Promise<string> {
  const bound: Record<string, string> = etag === null ? { "If-None-Match": "*" } : { "If-Match": etag };
  try {
    const headers = { ...bound, "Content-Type": type === "" ? "text/plain; charset=utf-8" : type };
    const response = await ask("PUT", address(path), text, { headers });
    return response.headers.get("etag") ?? "";
  } catch (error) {
    if (error instanceof ApiError && error.status === REFUSED) throw new Changed(path);
    throw error;
  }
}
