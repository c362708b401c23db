/** What a search asks for besides a name: each in the page's address, and the query that the server takes. */

export const KINDS = ["folder", "image/", "video/", "audio/", "text/", "application/pdf"] as const;
export const DAYS = ["1", "7", "30", "365"] as const;
export const SIZES = ["small", "medium", "large"] as const;
export const WITHIN = ["text"] as const;

export interface Asked {
  readonly q?: string | undefined;
  readonly kind?: string | undefined;
  /** Changed within so many days. */
  readonly days?: string | undefined;
  readonly size?: string | undefined;
  /** The slug of a space. */
  readonly space?: string | undefined;
  readonly tag?: string | undefined;
  /** The login of whoever made it. */
  readonly by?: string | undefined;
  /** Where the words are to stand: in the text of small files, not in names. */
  readonly within?: string | undefined;
}

const MB = 1_000_000;
const RANGES: Readonly<Record<string, { MinSize?: number; MaxSize?: number }>> = {
  small: { MaxSize: MB },
  medium: { MinSize: MB, MaxSize: 100 * MB },
  large: { MinSize: 100 * MB },
};
const A_DAY = 86_400;

function text(value: unknown): string | undefined {
  // The router reads numbers out of the address as such.
  const read = typeof value === "number" ? String(value) : value;
  return typeof read === "string" && read !== "" ? read : undefined;
}

function among(value: unknown, all: readonly string[]): string | undefined {
  const read = text(value);
  return read !== undefined && all.includes(read) ? read : undefined;
}

/** Read what an address asks for; whatever nobody could have chosen is not asked. */
export function readAsked(search: Record<string, unknown>): Asked {
  return {
    q: text(search.q),
    kind: among(search.kind, KINDS),
    days: among(search.days, DAYS),
    size: among(search.size, SIZES),
    space: text(search.space),
    tag: text(search.tag),
    by: text(search.by),
    within: among(search.within, WITHIN),
  };
}

/** Whether anything is asked for but a name. */
export function isFiltered({ kind, days, size, space, tag, by, within }: Asked): boolean {
  return [kind, days, size, space, tag, by, within].some((one) => one !== undefined);
}

/** Whether there is anything to look for; a space alone is a folder, not a question. */
export function isAsked({ q, kind, days, size, tag, by }: Asked): boolean {
  return [q, kind, days, size, tag, by].some((one) => one !== undefined);
}

export function queryOf(asked: Asked, now = Date.now() / 1000): Record<string, unknown> {
  const { q, kind, days, size, space, tag, by, within } = asked;
  return {
    ...(q !== undefined && (within === "text" ? { Content: q } : { FreeString: q })),
    ...(kind === "folder" ? { Type: "COLLECTION" } : kind !== undefined && { Type: "LEAF", ContentType: kind }),
    ...(days !== undefined && { MinDate: Math.floor(now) - Number(days) * A_DAY }),
    ...(size !== undefined && RANGES[size]),
    ...(space !== undefined && { PathPrefix: [space] }),
    ...(tag !== undefined && { Tag: tag }),
    ...(by !== undefined && { MadeBy: by }),
  };
}

interface Part {
  readonly nodes: readonly { readonly id: string }[];
  readonly hasMore: boolean;
}

/** How many to pass over for the next part; undefined where the server has nothing further to tell. */
export function beyond(parts: readonly Part[]): number | undefined {
  const last = parts.at(-1);
  // Without anything in it the last one has come to where the server looks no further.
  if (last === undefined || !last.hasMore || last.nodes.length === 0) return undefined;
  return parts.reduce((sum, part) => sum + part.nodes.length, 0);
}

/** All that the parts tell of, each once: between two of them something may have come. */
export function joined<T extends { readonly id: string }>(parts: readonly { readonly nodes: readonly T[] }[]): readonly T[] {
  return [...new Map(parts.flatMap((part) => part.nodes.map((node) => [node.id, node] as const))).values()];
}
