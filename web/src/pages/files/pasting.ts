/** Cut, copy and paste as the browser tells of them: nodes within, files from the desktop, pictures from anywhere. */
import { useEffect, useEffectEvent } from "react";
import { hold } from "./clipboard";
import { nameOf } from "./deeds";
import type { Seen } from "./nodes";

interface Pasting {
  /** A dialog is open, and what is pasted is for it. */
  readonly isOff: boolean;
  readonly chosen: readonly Seen[];
  readonly onPaste: (() => void) | undefined;
  readonly onFiles: ((files: readonly File[]) => void) | undefined;
}

/** Where somebody types, the clipboard is theirs; so is a text that they marked. */
function isOfTheirs(event: ClipboardEvent): boolean {
  const { target } = event;
  const types = target instanceof Element && target.closest("input:not([type=checkbox]), textarea, [contenteditable]") !== null;
  return types || document.getSelection()?.isCollapsed === false;
}

export function usePasting({ isOff, chosen, onPaste, onFiles }: Pasting): void {
  const take = useEffectEvent((event: ClipboardEvent) => {
    if (isOff || chosen.length === 0 || isOfTheirs(event)) return;
    hold({ nodes: chosen, moves: event.type === "cut" && onPaste !== undefined });
    event.clipboardData?.setData("text/plain", chosen.map((node) => nameOf(node.path)).join("\n"));
    event.preventDefault();
  });
  const put = useEffectEvent((event: ClipboardEvent) => {
    if (isOff || isOfTheirs(event)) return;
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length > 0) onFiles?.(files);
    else onPaste?.();
  });
  useEffect(() => {
    const listeners = [["copy", take], ["cut", take], ["paste", put]] as const;
    for (const [kind, listener] of listeners) document.addEventListener(kind, listener);
    return () => {
      for (const [kind, listener] of listeners) document.removeEventListener(kind, listener);
    };
  }, []);
}
