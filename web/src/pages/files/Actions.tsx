import { Button, Menu, Portal } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import {
  IconCopy, IconCopyPlus, IconCut, IconDownload, IconEdit, IconEye, IconFolderOpen, IconFolderSymlink, IconInfoCircle, IconPencil, IconShare, IconStar,
  IconStarOff, IconTrash, type Icon,
} from "@tabler/icons-react";
import { atFoot } from "../../shell/foot";
import sheet from "../../shell/Hanging.module.css";
import classes from "./Actions.module.css";
import type { Open } from "./dialogs/Dialogs";
import { download, type Node } from "./nodes";
import { star } from "./sayings";
import { isText } from "./text";
import { failed } from "../../shell/toast";

/** Nearer to the foot of the window, what a menu hangs from would not be in sight, and neither would the menu. */
const EDGE = 8;

export interface Acting {
  readonly chosen: readonly Node[];
  readonly canWrite: boolean;
  readonly open: (open: Open) => void;
  readonly trash: () => void;
  readonly changed: () => Promise<void>;
  /** Where what is chosen lies elsewhere: shows it in its folder. */
  readonly place?: (node: Node) => void;
  /** Holds what is chosen, to be put in elsewhere. */
  readonly cut?: (() => void) | undefined;
  /** Makes another one of each, beside it. */
  readonly duplicate?: (() => void) | undefined;
}

interface Action {
  readonly label: string;
  readonly icon: Icon;
  readonly run: () => void;
  /** A key or a double click does it as well: no room is taken above the list. */
  readonly isInMenuAlone?: boolean;
}

function useActions({ chosen, canWrite, open, trash, changed, place, cut, duplicate }: Acting): readonly Action[] {
  const { t } = useLingui();
  const [only] = chosen.length === 1 ? chosen : [];
  const isStarred = chosen.every((node) => node.isStarred);
  const keep = (doing: Promise<unknown>) => void doing.then(changed).catch(failed);
  const actions: (Action | false)[] = [
    only !== undefined && !only.isFolder && { label: t`Look`, icon: IconEye, run: () => open({ kind: "preview", node: only }), isInMenuAlone: true },
    only !== undefined && canWrite && isText(only) && {
      label: t`Edit`, icon: IconEdit, run: () => open({ kind: "edit", node: only }),
    },
    only !== undefined && place !== undefined && { label: t`Show in its folder`, icon: IconFolderOpen, run: () => place(only) },
    { label: t`Download`, icon: IconDownload, run: () => void download(chosen).catch(failed) },
    only !== undefined && { label: t`Share`, icon: IconShare, run: () => open({ kind: "share", node: only }) },
    only !== undefined && canWrite && { label: t`Rename`, icon: IconPencil, run: () => open({ kind: "rename", node: only }) },
    canWrite && { label: t`Move`, icon: IconFolderSymlink, run: () => open({ kind: "carry", nodes: chosen, moves: true }) },
    isStarred
      ? { label: t`Unstar`, icon: IconStarOff, run: () => keep(star(chosen, false)) }
      : { label: t`Star`, icon: IconStar, run: () => keep(star(chosen, true)) },
    cut !== undefined && { label: t`Cut`, icon: IconCut, run: cut, isInMenuAlone: true },
    { label: t`Copy`, icon: IconCopy, run: () => open({ kind: "carry", nodes: chosen, moves: false }) },
    duplicate !== undefined && { label: t`Duplicate`, icon: IconCopyPlus, run: duplicate, isInMenuAlone: true },
    canWrite && { label: t`Delete`, icon: IconTrash, run: trash },
    only !== undefined && { label: t`Details`, icon: IconInfoCircle, run: () => open({ kind: "details", node: only }) },
  ];
  return actions.filter((one) => one !== false);
}

/** What can be done with what is chosen: above the list, at the bottom of narrow screens. */
export function Actions(acting: Acting) {
  const { t } = useLingui();
  const actions = useActions(acting);
  if (acting.chosen.length === 0) return null;
  return (
    <div ref={atFoot} role="toolbar" aria-label={t`What is chosen`} className={classes.bar}>
      {actions.filter((action) => action.isInMenuAlone !== true).map((action) => (
        <Button
          key={action.label}
          variant="subtle"
          color="gray"
          size="compact-sm"
          className={classes.action}
          leftSection={<action.icon size={17} aria-hidden />}
          onClick={action.run}
        >
          {action.label}
        </Button>
      ))}
    </div>
  );
}

export function ContextMenu({ at, onClose, ...acting }: Acting & { at: { x: number; y: number } | null; onClose: () => void }) {
  return <ActionMenu at={at} onClose={onClose} actions={useActions(acting)} />;
}

interface ActionMenuProps {
  readonly at: { x: number; y: number } | null;
  readonly onClose: () => void;
  readonly actions: readonly Action[];
}

/** A menu where somebody clicked. */
export function ActionMenu({ at, onClose, actions }: ActionMenuProps) {
  if (at === null) return null;
  // It hangs on a place, which takes no focus: the keyboard goes on in the list.
  const close = () => {
    onClose();
    document.querySelector<HTMLElement>("[role=grid]")?.focus({ preventScroll: true });
  };
  return (
    <Portal>
      <Menu opened onChange={close} position="bottom-start" returnFocus={false} withinPortal={false} width={200}>
        <Menu.Target>
          <span className={classes.point} style={{ left: at.x, top: Math.min(at.y, window.innerHeight - EDGE) }} />
        </Menu.Target>
        <Menu.Dropdown className={sheet.menu}>
          {actions.length === 0 && (
            <Menu.Label>
              <Trans>Nothing is chosen</Trans>
            </Menu.Label>
          )}
          {actions.map((action) => (
            <Menu.Item key={action.label} leftSection={<action.icon size={16} aria-hidden />} onClick={action.run}>
              {action.label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </Portal>
  );
}
