/** A range that is longer than what has arrived: the rest is asked for, and chosen with it. */
import { useEffect } from "react";
import type { Folder } from "./folder";
import { reached, type Selection } from "./selection";

/** Tells whether a range is still on its way; nothing is chosen meanwhile, so that nothing is done to a part of it. */
export function useReach(folder: Folder, selection: Selection, setSelection: (selection: Selection) => void): boolean {
  const { reach } = selection;
  useEffect(() => {
    if (reach !== undefined) folder.want(...reach);
  });
  if (reach === undefined) return false;
  const whole = reached(selection, folder.at);
  if (whole.reach === undefined) setSelection(whole);
  return true;
}
