import { lazy } from "react";
import { CarryDialog } from "./CarryDialog";
import type { Props } from "./Dialogs";
import { KeysDialog } from "./KeysDialog";
import { NameDialog } from "./NameDialog";
import { Preview } from "./Preview";

// What not every visit opens is not loaded by every visit.
const Details = lazy(() => import("./Details").then((found) => ({ default: found.Details })));
const Editor = lazy(() => import("./Editor").then((found) => ({ default: found.Editor })));
const ShareDialog = lazy(() => import("./ShareDialog").then((found) => ({ default: found.ShareDialog })));

/** The dialog that is open. */
export function Opened({ open, onOpen, files, onChanged }: Props) {
  const close = () => {
    onOpen(null);
    // Gone with the dialog is what had the focus: it goes back to the row, which the list speaks for.
    setTimeout(() => document.querySelector<HTMLElement>("[role=grid]")?.focus({ preventScroll: true }));
  };
  switch (open?.kind) {
    case undefined:
      return null;
    case "folder":
      return <NameDialog folder={open.path} onClose={close} onChanged={onChanged} />;
    case "text":
      return <NameDialog folder={open.path} isText onClose={close} onChanged={onChanged} onMade={(node) => onOpen({ kind: "edit", node })} />;
    case "edit":
      return <Editor node={open.node} onClose={close} onChanged={onChanged} />;
    case "rename":
      return <NameDialog node={open.node} onClose={close} onChanged={onChanged} />;
    case "carry":
      return <CarryDialog nodes={open.nodes} moves={open.moves} onClose={close} onChanged={onChanged} />;
    case "share":
      return <ShareDialog node={open.node} onClose={close} />;
    case "preview":
      return (
        <Preview
          node={open.node}
          version={open.version}
          files={files}
          onShow={(node) => onOpen({ kind: "preview", node })}
          onEdit={(node) => onOpen({ kind: "edit", node })}
          onClose={open.version === undefined ? close : () => onOpen({ kind: "details", node: open.node })}
        />
      );
    case "details":
      return (
        <Details
          node={open.node}
          onLook={(version) => onOpen({ kind: "preview", node: open.node, version })}
          onShare={() => onOpen({ kind: "share", node: open.node })}
          onClose={close}
          onChanged={onChanged}
        />
      );
    case "keys":
      return <KeysDialog onClose={close} />;
  }
}
