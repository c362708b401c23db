import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useState } from "react";
import { Actions, ContextMenu } from "./Actions";
import { Dialogs, type Open } from "./dialogs/Dialogs";
import classes from "./FilesPage.module.css";
import { type Folder, useMayWrite } from "./folder";
import { NodeList } from "./NodeList";
import { type Node, parentOf, type Sort } from "./nodes";
import { NOTHING, type Selection } from "./selection";
import { useReach } from "./reaching";
import { useTrashing } from "./trashing";

/** Files and folders from anywhere, with the list and the actions of a folder. */
export function FoundNodes({ folder, label, sort = "name" }: { folder: Folder; label: string; sort?: Sort }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const mayWrite = useMayWrite();
  const [selection, setSelection] = useState<Selection>(NOTHING);
  const [open, setOpen] = useState<Open>(null);
  const [menu, setMenu] = useState<{ x: number; y: number } | null>(null);
  const chosen = folder.loaded.filter((node) => selection.chosen.has(node.id));
  const again = () => queries.invalidateQueries({ queryKey: ["list"] });
  const show = (node: Node) =>
    node.isFolder ? void navigate({ to: "/files/$", params: { _splat: node.path } }) : setOpen({ kind: "preview", node });
  const toTrash = useTrashing(() => setSelection(NOTHING));
  useReach(folder, selection, setSelection);
  const canWrite = chosen.every((node) => mayWrite(node.path));
  const onKey = (event: KeyboardEvent) => {
    const [only] = chosen;
    if (event.key === "Delete" && canWrite) toTrash(chosen);
    else if (event.key === "F2" && only !== undefined && canWrite) setOpen({ kind: "rename", node: only });
    else if (event.key === "Escape") setSelection({ ...selection, chosen: new Set() });
    else if (event.key === "a" && (event.ctrlKey || event.metaKey)) setSelection({ ...selection, chosen: new Set(folder.loaded.map((node) => node.id)) });
    else return;
    event.preventDefault();
  };
  const acting = {
    chosen,
    canWrite,
    open: setOpen,
    trash: () => toTrash(chosen),
    changed: again,
    place: (node: Node) =>
      void navigate({ to: "/files/$", params: { _splat: parentOf(node.path) }, search: { at: node.name } }),
  };
  return (
    <>
      <div className={classes.above}>
        <Actions {...acting} />
      </div>
      <NodeList
        folder={folder}
        label={label}
        sort={sort}
        selection={selection}
        onSelect={setSelection}
        showsPlace
        deeds={{ open: show, menu: (_node, at) => setMenu(at), key: onKey }}
      />
      <ContextMenu at={menu} onClose={() => setMenu(null)} {...acting} />
      <Dialogs open={open} onOpen={setOpen} files={folder.loaded} onChanged={again} />
    </>
  );
}
