/** What a folder's address says beside the folder: a file to look at, something to be in sight. */
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import type { FilesSearch } from "../../router";
import type { Open } from "./dialogs/Dialogs";
import type { Folder } from "./folder";
import { stat } from "./nodes";
import { type Selection } from "./selection";
import { failed } from "../../shell/toast";

interface Here {
  readonly path: string;
  readonly search: FilesSearch;
  readonly folder: Folder;
  readonly open: Open;
  readonly setOpen: (open: Open) => void;
  readonly setSelection: (selection: Selection) => void;
  readonly setFilter: (filter: string) => void;
}

export function useAddress({ path, search, folder, open, setOpen, setSelection, setFilter }: Here): void {
  const navigate = useNavigate();
  const say = useEffectEvent((change: FilesSearch, replace = true) => {
    void navigate({ to: "/files/$", params: { _splat: path }, search: { ...search, ...change }, replace });
  });
  const { at } = search;
  const named = search.item ?? search.about;
  const [isRead, setRead] = useState(named === undefined);
  // An address that names a file opens it, once; afterwards it follows what is looked at.
  const read = useEffectEvent(async () => {
    if (named === undefined) return;
    const node = await stat(`${path}/${named}`);
    setOpen({ kind: node.isFolder || search.item === undefined ? "details" : "preview", node });
  });
  useEffect(() => {
    void read()
      .catch(failed)
      .finally(() => setRead(true));
  }, []);
  const isAbout = open?.kind === "details";
  const shown = open?.kind === "preview" || isAbout ? open.node.name : undefined;
  // What is looked at is a step of its own: a swipe back leads to the folder it was opened from, not past it.
  const hasStep = useRef(false);
  const follow = useEffectEvent((looked: string | undefined, asDetails: boolean) => {
    if (looked === (asDetails ? search.about : search.item) && (looked !== undefined || named === undefined)) return;
    if (looked === undefined && hasStep.current) {
      hasStep.current = false;
      window.history.back();
      return;
    }
    const isNew = named === undefined;
    hasStep.current ||= isNew;
    say(asDetails ? { about: looked, item: undefined } : { item: looked, about: undefined }, !isNew);
  });
  useEffect(() => {
    if (isRead) follow(shown, isAbout);
  }, [isRead, shown, isAbout]);
  const goneBack = useEffectEvent((still: string | undefined) => {
    if (!hasStep.current || still !== undefined || shown === undefined) return;
    hasStep.current = false;
    setOpen(null);
  });
  useEffect(() => goneBack(named), [named]);
  const reveal = useEffectEvent((name: string) => {
    const index = folder.loaded.findIndex((node) => node.name === name);
    const node = folder.loaded[index];
    if (node !== undefined) setSelection({ anchor: index, focus: index, chosen: new Set([node.id]) });
    // On a page that is not loaded: its name finds it.
    else if (!folder.isWhole) setFilter(name);
    say({ at: undefined });
  });
  useEffect(() => {
    if (at !== undefined && !folder.isPending) reveal(at);
  }, [at, folder.isPending]);
}
