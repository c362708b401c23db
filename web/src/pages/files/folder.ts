/** What lies in a folder: page by page where it is large, all at once where order or filter need it. */
import { i18n } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { keepPreviousData, type QueryClient, useQueries, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { api } from "../../api";
import { list, listAll, type Listing, type Node, type Order, PAGE, type Sort, type Space, spaces } from "./nodes";
import { viewOf } from "./views";

export function sortOf(text: string | undefined, otherwise: Sort): Sort {
  const sorts: readonly Sort[] = ["name", "-name", "size", "-size", "changed", "-changed"];
  return sorts.find((one) => one === text) ?? otherwise;
}

export interface Folder {
  readonly total: number;
  /** Undefined as long as it has not arrived. */
  readonly at: (index: number) => Node | undefined;
  readonly loaded: readonly Node[];
  readonly want: (first: number, last: number) => void;
  readonly isPending: boolean;
  readonly isWhole: boolean;
  readonly error: Error | null;
}

interface Asked {
  /** In which order and by which filter: another begins anew. */
  readonly wanted: string;
  readonly pages: readonly number[];
}

const FIRST: readonly number[] = [0];
/** So near to the end of what is there, what follows is asked for. */
const AHEAD = PAGE / 4;

function pageOf(path: string, order: Order, page: number) {
  return {
    queryKey: ["list", path, order.sort, order.text, page],
    queryFn: ({ signal }: { signal: AbortSignal }) => list(path, order, page * PAGE, signal),
  };
}

const SPACES = { queryKey: ["spaces"], queryFn: spaces };

/** Ask for what a folder's page will show before the page itself is there. */
export function fetchFolder(queries: QueryClient, path: string, sort: string | undefined): void {
  void queries.prefetchQuery(SPACES);
  if (path !== "") void queries.prefetchQuery(pageOf(path, { sort: sortOf(sort, viewOf(path).sort), text: "" }, 0));
}

/** The same function always, so that it runs for what changed and not for every row that is scrolled by. */
function together(all: readonly UseQueryResult<Listing>[]) {
  return {
    parts: all.map((one) => one.data),
    isPending: all[0]?.isPending ?? true,
    error: all.find((one) => one.error !== null)?.error ?? null,
  };
}

/** The server orders and filters, folders first, so that a folder of any size is read page by page. */
export function useFolder(path: string, sort: Sort, filter: string, wantsAll: boolean): Folder {
  const text = filter.trim();
  const order: Order = { sort, text };
  const wanted = `${sort} ${text}`;
  const [asked, setAsked] = useState<Asked>({ wanted, pages: FIRST });
  const pages = asked.wanted === wanted ? asked.pages : FIRST;
  const found = useQueries({
    queries: pages.map((page) => ({
      ...pageOf(path, order, page),
      // While another order is on its way, what was there stays; a page of elsewhere is no help.
      ...(page === 0 && { placeholderData: keepPreviousData<Listing> }),
    })),
    combine: together,
  });
  const all = useQuery({
    queryKey: ["list", path, sort, text, "all"],
    queryFn: ({ signal }) => listAll(path, order, signal),
    enabled: wantsAll,
  });
  const known = useMemo(() => {
    const parts = new Map<number, readonly Node[]>();
    // A later page may arrive before an earlier one.
    pages.forEach((page, at) => {
      const part = found.parts[at];
      if (part !== undefined) parts.set(page, part.nodes);
    });
    return parts;
  }, [found.parts, pages]);
  const whole = wantsAll ? all.data : undefined;
  const loaded = useMemo(() => whole ?? [...known.values()].flat(), [whole, known]);
  const total = found.parts[0]?.total ?? 0;
  const isWhole = total <= PAGE || (wantsAll && all.data !== undefined);
  const want = (from: number, to: number) => {
    const first = Math.floor(from / PAGE);
    const meant = Array.from({ length: Math.floor((to + AHEAD) / PAGE) - first + 1 }, (_, more) => first + more);
    const missing = meant.filter((page) => page * PAGE < total && !pages.includes(page));
    if (missing.length > 0) setAsked({ wanted, pages: [...new Set([...pages, ...missing])] });
  };
  return {
    total,
    at: (index) => known.get(Math.floor(index / PAGE))?.[index % PAGE] ?? whole?.[index],
    loaded,
    want,
    isPending: found.isPending,
    isWhole,
    error: found.error,
  };
}

/** The person's spaces, their own first. */
export function useSpaces() {
  return useQuery({
    ...SPACES,
    select: (found) => found.map(named).sort((one, other) => Number(other.kind === "personal") - Number(one.kind === "personal")),
  });
}

/** The spaces that everybody has are called so in the reader's language, unless somebody gave them a name. */
function named(space: Space): Space {
  if (space.kind === "personal" && space.label === "My Files") return { ...space, label: i18n._(msg`My Files`) };
  if (space.kind === "common" && space.label === "Common Files") return { ...space, label: i18n._(msg`Common Files`) };
  return space;
}

/** Writes a path as people read it: its space by its label. */
export function usePlaces(): (path: string) => string {
  const found = useSpaces().data;
  // The same as long as nothing of it is another, so that no row is drawn anew for it.
  return useCallback((path) => {
    const [slug = "", ...names] = path.split("/");
    return [found?.find((space) => space.slug === slug)?.label ?? slug, ...names].join(" / ");
  }, [found]);
}

/** Tells by a path whether the person may change what is there; of nothing as long as it is not known. */
export function useMayWrite(): (path: string) => boolean {
  const found = useSpaces().data;
  return (path) => {
    const slug = path.split("/")[0];
    return found?.find((space) => space.slug === slug)?.permissions.includes("w") ?? false;
  };
}

const WAIT = 25;
const REST = 5000;

/** Follow a space's changes and read anew what they may concern; nothing is asked while nobody looks. */
export function useLive(slug: string): void {
  const queries = useQueryClient();
  useEffect(() => {
    const control = new AbortController();
    const follow = async (): Promise<void> => {
      // Since what is shown was asked for; what changed before is in it.
      let cursor = (await queries.fetchQuery({ ...SPACES, staleTime: REST })).find((space) => space.slug === slug)?.seq;
      while (cursor !== undefined && !control.signal.aborted) {
        if (document.hidden) {
          await new Promise((done) => setTimeout(done, REST));
          continue;
        }
        const query = new URLSearchParams({ space: slug, cursor: String(cursor), wait: String(WAIT), limit: "1000" });
        const found: { changes: unknown[]; cursor: number } = await api.get(`/a/keycell/changes?${query}`, {
          signal: control.signal,
        });
        cursor = found.cursor;
        if (found.changes.length > 0) {
          await queries.invalidateQueries({ queryKey: ["list"] });
          void queries.invalidateQueries({ queryKey: ["spaces"] });
        }
      }
    };
    const keepOn = async (): Promise<void> => {
      while (!control.signal.aborted) {
        await follow().catch(() => undefined);
        await new Promise((done) => setTimeout(done, REST));
      }
    };
    void keepOn();
    return () => control.abort();
  }, [slug, queries]);
}
