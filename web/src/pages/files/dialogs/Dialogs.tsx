import { lazy, Suspense, useEffect } from "react";
import { atRest, later } from "../../../later";
import type { Node, Version } from "../nodes";

const load = later(() => import("./Opened"), "dialogs");
// What no first look at a folder needs comes after it.
const Opened = lazy(() => load().then((found) => ({ default: found.Opened })));

/** Which dialog is open, and about what. */
export type Open =
  | null
  | { readonly kind: "folder" | "text"; readonly path: string }
  | { readonly kind: "rename" | "share" | "details" | "edit"; readonly node: Node }
  | { readonly kind: "preview"; readonly node: Node; readonly version?: Version }
  | { readonly kind: "carry"; readonly nodes: readonly Node[]; readonly moves: boolean }
  | { readonly kind: "keys" };

export interface Props {
  readonly open: Open;
  readonly onOpen: (open: Open) => void;
  /** What else is in the list, for going on to the next. */
  readonly files: readonly Node[];
  readonly onChanged: () => Promise<void>;
}

export function Dialogs(props: Props) {
  // Nobody has opened one by then; whoever does finds it there.
  useEffect(() => atRest(() => load().catch(() => undefined)), []);
  if (props.open === null) return null;
  return (
    <Suspense fallback={null}>
      <Opened {...props} />
    </Suspense>
  );
}
