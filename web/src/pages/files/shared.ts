/** Which files and folders the person shares, by link or with people: told beside each of them. */
import { useQuery } from "@tanstack/react-query";
import { type Shares, shares } from "./sharing";

const NONE: ReadonlySet<string> = new Set();
const FRESH_MS = 60_000;

function ids(found: Shares): ReadonlySet<string> {
  return new Set([...found.links, ...found.cells].flatMap((one) => one.RootNodes.map((root) => root.Uuid)));
}

export function useShared(): ReadonlySet<string> {
  return useQuery({ queryKey: ["shares"], queryFn: shares, select: ids, staleTime: FRESH_MS }).data ?? NONE;
}
