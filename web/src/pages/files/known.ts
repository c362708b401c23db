import type { Folder } from "./folder";
import type { Node } from "./nodes";

/** A list for the same grid as a folder's: there as a whole, or going on where somebody looks at its end. */
export function known(
  nodes: readonly Node[] | undefined,
  isPending: boolean,
  error: Error | null,
  goOn?: () => void,
): Folder {
  const found = nodes ?? [];
  return {
    total: found.length,
    at: (index) => found[index],
    loaded: found,
    want: (_first, last) => {
      if (last >= found.length - 1) goOn?.();
    },
    isPending,
    isWhole: goOn === undefined,
    error,
  };
}
