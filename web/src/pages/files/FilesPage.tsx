import { useDocumentTitle, useHotkeys } from "@mantine/hooks";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { IconClipboard, IconFolderOpen, IconFolderQuestion, IconX } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { type DragEvent, type KeyboardEvent, lazy, Suspense, useEffect, useMemo, useState } from "react";
import { ApiError, said } from "../../api";
import { count, size } from "../../format";
import { chosen as chosenFiles, dropped, type Dropped } from "../../transfers/drop";
import { atRest, later } from "../../later";
import type { FilesSearch } from "../../router";
import { useTransfers } from "../../transfers/Transfers";
import { useAddress } from "./address";
import { Bar } from "./Bar";
import { hold, useHeld } from "./clipboard";
import { Dialogs, type Open } from "./dialogs/Dialogs";
import classes from "./FilesPage.module.css";
import { sortOf, useFolder, useLive, useSpaces } from "./folder";
import { type Deeds, DRAGGED, NodeList } from "./NodeList";
import { moveTo, nameOf } from "./deeds";
import { copy, duplicate, makeFolders, type Node, parentOf, type Seen } from "./nodes";
import { hasKeys } from "./keys";
import { beyond } from "./limits";
import { usePasting } from "./pasting";
import { NOTHING, type Selection } from "./selection";
import { useReach } from "./reaching";
import { done, failed } from "../../shell/toast";
import { useTelling } from "./telling";
import { useTrashing } from "./trashing";
import { ViewMenu } from "./ViewMenu";
import { keepLook, keepView, lookOf, type View, viewOf } from "./views";

const load = later(() => import("./Actions"));
const Actions = lazy(() => load().then((found) => ({ default: found.Actions })));
const ContextMenu = lazy(() => load().then((found) => ({ default: found.ContextMenu })));
const loadSpaces = later(() => import("./SpacesPage"));
const SpacesPage = lazy(() => loadSpaces().then((found) => ({ default: found.SpacesPage })));

/** The spaces at the top, and a folder below. */
export function FilesPage() {
  const { _splat = "" } = useParams({ strict: false });
  const path = _splat.replace(/\/$/, "");
  return path === "" ? <Suspense fallback={null}><SpacesPage /></Suspense> : <FolderPage key={path} path={path} />;
}

/** A folder: what lies in it, and all that can be done there. */
function FolderPage({ path }: { path: string }) {
  const { t } = useLingui();
  const search = useSearch({ from: "/files/$" });
  const kept = viewOf(path);
  const [look, setLook] = useState(lookOf);
  const view: View = { sort: sortOf(search.sort, kept.sort), isGrid: search.view === undefined ? kept.isGrid : search.view === "grid" };
  const { sort, isGrid } = view;
  const navigate = useNavigate();
  const queries = useQueryClient();
  const transfers = useTransfers();
  const slug = path.split("/")[0] ?? "";
  const space = useSpaces().data?.find((one) => one.slug === slug);
  const [filter, setFilter] = useState("");
  const [all, setAll] = useState<"no" | "wanted" | "chosen">("no");
  const [selection, setSelection] = useState<Selection>(NOTHING);
  const [open, setOpen] = useState<Open>(null);
  const [menu, setMenu] = useState<{ x: number; y: number } | null>(null);
  const [isOver, setIsOver] = useState(false);
  const held = useHeld();
  const folder = useFolder(path, sort, filter, all !== "no");
  const canWrite = (space?.permissions.includes("w") ?? false) && !isGone(folder.error);
  const name = path === slug ? (space?.label ?? slug) : path.slice(path.lastIndexOf("/") + 1);
  useDocumentTitle(`${name} · Keycell`);
  const isReaching = useReach(folder, selection, setSelection);
  const tell = useTelling();
  const setView = (next: View, replace: boolean) => {
    keepView(path, next);
    const asked: FilesSearch = {
      sort: next.sort === view.sort ? search.sort : next.sort,
      view: next.isGrid === view.isGrid ? search.view : next.isGrid ? "grid" : "list",
    };
    void navigate({ to: ".", search: { ...search, ...asked }, replace });
  };
  useLive(slug);
  useEffect(() => atRest(() => load().catch(() => undefined)), []);
  const chosen = useMemo(
    () => folder.loaded.filter((node) => selection.chosen.has(node.id)),
    [folder.loaded, selection.chosen],
  );
  const again = () => queries.invalidateQueries({ queryKey: ["list"] });
  // A browser finds only what it has: of a folder that is longer, the server does.
  const seek = (event: globalThis.KeyboardEvent) => {
    const field = document.getElementById("filter");
    if (folder.isWhole || open !== null || field === null || document.activeElement === field) return;
    event.preventDefault();
    field.focus();
  };
  useHotkeys([["mod+F", seek, { preventDefault: false }]]);
  useHotkeys([["/", () => hasKeys() && document.getElementById("filter")?.focus(), { preventDefault: hasKeys() }]]);

  const send = async (found: Dropped) => {
    const over = beyond(found.files, space, transfers.snapshot());
    if (over?.kind === "large") {
      const file = over.path.slice(over.path.lastIndexOf("/") + 1);
      throw new Error(t`“${file}” has ${size(over.size)}; a file may have ${size(over.most)} here.`);
    }
    if (over !== null) throw new Error(t`These files have ${size(over.wanted)}; ${size(over.free)} are free in “${space?.label ?? slug}”.`);
    if (found.folders.length > 0) {
      await makeFolders(found.folders);
      await again();
    }
    transfers.add(found.files);
  };
  const putIn = async () => {
    if (held === null) return;
    if (held.moves) {
      hold(null);
      return carry(held.nodes, path);
    }
    await copy(held.nodes, path);
    await again();
    done(<Plural value={held.nodes.length} one="Copied here" other="# copied here" />);
  };
  usePasting({
    isOff: open !== null,
    chosen,
    onPaste: canWrite ? () => void putIn().catch(failed) : undefined,
    onFiles: canWrite ? (files) => void send(chosenFiles(files, path)).catch(failed) : undefined,
  });
  const carry = async (nodes: readonly Seen[], target: string) => {
    const meant = nodes.filter(({ path: one }) => one !== target && parentOf(one) !== target && !target.startsWith(`${one}/`));
    if (meant.length === 0) return;
    const deed = await moveTo(meant, target);
    await again();
    const to = nameOf(target);
    tell(deed, <Trans>Moved to {to}</Trans>);
  };
  const toTrash = useTrashing(() => setSelection(NOTHING));
  /** The row of what is looked at is the one that has the keyboard afterwards. */
  const openAt = (next: Open) => {
    if (next?.kind === "preview") {
      const index = Array.from({ length: folder.total }, (_, at) => at).find((at) => folder.at(at)?.id === next.node.id);
      if (index !== undefined) setSelection({ anchor: index, focus: index, chosen: new Set([next.node.id]) });
    }
    setOpen(next);
  };
  const show = (node: Node) => {
    if (node.isFolder) void navigate({ to: "/files/$", params: { _splat: node.path } });
    else openAt({ kind: "preview", node });
  };
  useAddress({ path, search, folder, open, setOpen, setSelection, setFilter });
  const deeds: Deeds = {
    open: show,
    menu: (_node, at) => setMenu(at),
    key: (event: KeyboardEvent) => {
      const hasMore = event.ctrlKey || event.metaKey;
      const [only] = chosen;
      if (event.key === "F2" && only !== undefined && canWrite) setOpen({ kind: "rename", node: only });
      else if (event.key === "Delete" && canWrite) toTrash(chosen);
      else if (hasMore && event.key === "a") {
        setAll("wanted");
        setSelection({ ...selection, chosen: new Set(folder.loaded.map((node) => node.id)) });
      } else if (event.key === "Escape") setSelection({ ...selection, chosen: new Set() });
      else if (event.key === "Backspace") goUp();
      else if (event.key === "?" && hasKeys()) setOpen({ kind: "keys" });
      else return;
      event.preventDefault();
    },
    drop: canWrite ? (target, event) => void take(event, target.path).catch(failed) : undefined,
  };
  const goUp = () => {
    if (path !== slug) void navigate({ to: "/files/$", params: { _splat: parentOf(path) } });
  };
  const take = async (event: DragEvent, target: string) => {
    const ours = event.dataTransfer.getData(DRAGGED);
    if (ours !== "") return carry(JSON.parse(ours) as Seen[], target);
    return send(await dropped(event.dataTransfer, target));
  };
  // All of a large folder arrives after Ctrl+A.
  if (all === "wanted" && folder.isWhole) {
    setAll("chosen");
    setSelection({ ...selection, chosen: new Set(folder.loaded.map((node) => node.id)) });
  }

  const acting = {
    chosen, canWrite, open: setOpen, trash: () => toTrash(chosen), changed: again,
    duplicate: canWrite ? () => void duplicate(chosen).then(again).catch(failed) : undefined,
    cut: canWrite ? () => hold({ nodes: chosen, moves: true }) : undefined,
  };
  return (
    <div
      className={classes.page}
      data-over={isOver || undefined}
      onDragOver={(event) => {
        if (!canWrite || event.dataTransfer.types.includes(DRAGGED)) return;
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as HTMLElement | null)) setIsOver(false);
      }}
      onDrop={(event) => {
        setIsOver(false);
        if (!canWrite || event.dataTransfer.types.includes(DRAGGED)) return;
        event.preventDefault();
        void take(event, path).catch(failed);
      }}
    >
      <Bar
        path={path}
        space={space}
        canWrite={canWrite}
        filter={filter}
        onFilter={setFilter}
        view={
          <ViewMenu
            view={view}
            onView={(next) => setView(next, true)}
            look={look}
            onLook={(next) => {
              keepLook(next);
              setLook(next);
            }}
          />
        }
        onFiles={(found) => void send(found).catch(failed)}
        onNewFolder={() => setOpen({ kind: "folder", path })}
        onNewText={() => setOpen({ kind: "text", path })}
      />
      <div className={classes.above}>
        <div className={classes.count} role="status">
          {!folder.isPending && folder.error === null && <Plural value={folder.total} one="# item" other={`${count(folder.total)} items`} />}
          {isReaching && (
            <>
              {" · "}
              <Trans>Choosing…</Trans>
            </>
          )}
          {chosen.length > 0 && (
            <>
              {" · "}
              <Plural value={chosen.length} one="# chosen" other="# chosen" />
            </>
          )}
        </div>
        {chosen.length > 0 && (
          <Suspense fallback={null}>
            <Actions {...acting} />
          </Suspense>
        )}
        {held !== null && chosen.length === 0 && canWrite && (
          <div className={classes.held}>
            <button type="button" className="k-button" onClick={() => void putIn().catch(failed)}>
              <IconClipboard size={16} aria-hidden />
              <Plural value={held.nodes.length} one="Put # in here" other="Put # in here" />
            </button>
            <button type="button" className="k-icon" aria-label={t`Put nothing in`} onClick={() => hold(null)}>
              <IconX size={16} aria-hidden />
            </button>
          </div>
        )}
      </div>
      {folder.error !== null ? (
        <Missing error={folder.error} />
      ) : !folder.isPending && folder.total === 0 ? (
        <Empty filter={filter} canWrite={canWrite} onClear={() => setFilter("")} />
      ) : (
        <NodeList
          key={`${path} ${isGrid} ${look.isDense}`}
          folder={folder}
          label={name}
          sort={sort}
          onSort={(next) => setView({ ...view, sort: next }, false)}
          isGrid={isGrid}
          look={look}
          renaming={open?.kind === "rename" && !isGrid ? { node: open.node, onChanged: again, onEnd: () => setOpen(null) } : undefined}
          selection={selection}
          onSelect={setSelection}
          deeds={deeds}
        />
      )}
      {isOver && (
        <div className={classes.over} aria-hidden>
          <Trans>Drop to upload to “{name}”</Trans>
        </div>
      )}
      {menu !== null && (
        <Suspense fallback={null}>
          <ContextMenu at={menu} onClose={() => setMenu(null)} {...acting} />
        </Suspense>
      )}
      <Dialogs open={open?.kind === "rename" && !isGrid ? null : open} onOpen={openAt} files={folder.loaded} onChanged={again} />
    </div>
  );
}

function isGone(error: Error | null): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** What went wrong; of what is not there, where one can go on. */
function Missing({ error }: { error: Error }) {
  return (
    <div className={classes.empty} role="alert">
      <IconFolderQuestion size={56} stroke={1.2} aria-hidden />
      <strong>{isGone(error) ? <Trans>There is nothing here</Trans> : <Trans>This folder cannot be shown</Trans>}</strong>
      <span className={classes.soft}>
        {isGone(error) ? <Trans>It was moved or deleted, or is not shared with you any more.</Trans> : said(error)}
      </span>
      <Link to="/files" className="k-button">
        <Trans>Your files</Trans>
      </Link>
    </div>
  );
}

function Empty({ filter, canWrite, onClear }: { filter: string; canWrite: boolean; onClear: () => void }) {
  return (
    <div className={classes.empty}>
      <IconFolderOpen size={56} stroke={1.2} aria-hidden />
      {filter !== "" ? (
        <>
          <span>
            <Trans>Nothing here has this in its name.</Trans>
          </span>
          <button type="button" className="k-button" onClick={onClear}>
            <Trans>Show all</Trans>
          </button>
          <Link to="/search" search={{ q: filter }} className="k-button">
            <Trans>Search all files</Trans>
          </Link>
        </>
      ) : (
        <>
          <strong>
            <Trans>This folder is empty</Trans>
          </strong>
          {canWrite && (
            <span className={classes.soft}>
              <Trans>Drop files or folders here, or use Upload.</Trans>
            </span>
          )}
        </>
      )}
    </div>
  );
}
