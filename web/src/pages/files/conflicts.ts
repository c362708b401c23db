/** Copies that sync clients set aside where two devices had changed one file, and what becomes of them. */
import { ask } from "../../api";
import { type Aside, asideOf, MARK } from "./asides";
import { address, encoded, type Node, parentOf, search, taken, under } from "./nodes";

export interface Conflict extends Aside {
  readonly copy: Node;
  /** Null where nothing has that name any more. */
  readonly other: Node | null;
}

/** All that the person can see, the latest first. */
export async function conflicts(signal: AbortSignal): Promise<readonly Conflict[]> {
  const { nodes } = await search({ q: MARK.trim() }, 0, signal);
  const copies = nodes.flatMap((copy) => {
    const aside = copy.isFolder ? null : asideOf(copy.name);
    return aside === null ? [] : [{ ...aside, copy }];
  });
  const placeOf = (one: Aside & { copy: Node }) => under(parentOf(one.copy.path), one.name);
  const others = new Map((await taken(copies.map(placeOf))).map((node) => [node.path, node]));
  return copies
    .map((one) => ({ ...one, other: others.get(placeOf(one)) ?? null }))
    .sort((one, next) => next.copy.changedAt - one.copy.changedAt);
}

/** Make the copy the latest version of what it is a copy of, if that is still what was seen. RFC9110-13.1.1. */
export async function putInPlace({ copy, name, other }: Conflict): Promise<void> {
  const seen: Record<string, string> = other === null ? { "If-None-Match": "*" } : { "If-Match": `"${other.etag}"` };
  const source = { "x-amz-copy-source": `io/${encoded(copy.path)}`, "x-amz-copy-source-if-match": `"${copy.etag}"` };
  await ask("PUT", address(under(parentOf(copy.path), name)), undefined, { headers: { ...seen, ...source } });
}
