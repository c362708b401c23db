import { useElementSize, useMergedRef } from "@mantine/hooks";
import { useLingui } from "@lingui/react/macro";
import { IconArrowDown, IconArrowsSplit, IconArrowUp, IconDots, IconStarFilled, IconUsers } from "@tabler/icons-react";
import { useElementScrollRestoration } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type DragEvent, type KeyboardEvent, lazy, memo, type MouseEvent, Suspense, useEffect, useEffectEvent, useRef, useState } from "react";
import { later } from "../../later";
import { ago, day, moment, size } from "../../format";
import { asideOf } from "./asides";
import { type Folder, usePlaces } from "./folder";
import { useHolding } from "./holding";
import { NodeIcon } from "./NodeIcon";
import classes from "./NodeList.module.css";
import { type Node, parentOf, type Seen, type Sort, thumbnail } from "./nodes";
import type { Renaming } from "./RenameField";
import { useShared } from "./shared";
import { clicked, moved, type Selection } from "./selection";
import { type Look, OPEN } from "./views";

const load = later(() => import("./RenameField"));
const RenameField = lazy(() => load().then((found) => ({ default: found.RenameField })));

export interface Deeds {
  readonly open: (node: Node) => void;
  readonly menu: (node: Node, at: { x: number; y: number }) => void;
  readonly key: (event: KeyboardEvent) => void;
  /** Absent where nothing may be dropped. */
  readonly drop?: ((folder: Node, event: DragEvent) => void) | undefined;
}

interface Props {
  readonly folder: Folder;
  readonly label: string;
  readonly sort: Sort;
  readonly onSort?: ((sort: Sort) => void) | undefined;
  readonly isGrid?: boolean;
  readonly look?: Look;
  readonly selection: Selection;
  readonly onSelect: (selection: Selection) => void;
  readonly deeds: Deeds;
  readonly showsPlace?: boolean;
  /** What is given another name where it stands. */
  readonly renaming?: Renaming | undefined;
  /** In the trash: how long what is there can be brought back. */
  readonly keptDays?: number;
}

const ROW = 48;
const DENSE_ROW = 34;
const CARD = 168;
const DAY = 86_400;
const SCROLLED = "nodes";
const SHOWN_TAGS = 2;
export const DRAGGED = "application/x-keycell-nodes";

/** A list of any length as an ARIA grid: what is out of sight is not there, and all of it is counted. */
export function NodeList(props: Props) {
  const { folder, selection, onSelect, deeds, isGrid = false, look = OPEN } = props;
  const { t } = useLingui();
  const box = useRef<HTMLDivElement>(null);
  const { ref, width } = useElementSize();
  const placeOf = usePlaces();
  const shared = useShared();
  const kept = useElementScrollRestoration({ id: SCROLLED });
  const columns = isGrid ? Math.max(2, Math.floor((width || 900) / 160)) : 1;
  const rows = useVirtualizer({
    count: Math.ceil(folder.total / columns),
    getScrollElement: () => box.current,
    estimateSize: () => (isGrid ? CARD : look.isDense ? DENSE_ROW : ROW),
    overscan: 8,
    // Back in a folder, one is where one was.
    initialOffset: kept?.scrollY ?? 0,
  });
  const shown = rows.getVirtualItems();
  const first = (shown[0]?.index ?? 0) * columns;
  const last = ((shown.at(-1)?.index ?? 0) + 1) * columns - 1;
  const { want } = folder;
  useEffect(() => want(first, last));
  // Wherever the choice comes from, it is in sight.
  const { focus } = selection;
  const reveal = useEffectEvent(() => focus > 0 && rows.scrollToIndex(Math.floor(focus / columns)));
  useEffect(() => {
    reveal();
  }, [focus]);

  const go = (to: number, shift: boolean) => {
    const next = moved(selection, to, folder.total, folder.at, shift);
    onSelect(next);
    if (next.focus === 0) rows.scrollToIndex(0);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const focused = folder.at(selection.focus);
    const steps: Record<string, number> = {
      ArrowDown: columns, ArrowUp: -columns, PageDown: 10 * columns, PageUp: -10 * columns,
      Home: -folder.total, End: folder.total, ...(isGrid ? { ArrowRight: 1, ArrowLeft: -1 } : {}),
    };
    const step = steps[event.key];
    if (step !== undefined && !event.altKey) go(selection.focus + step, event.shiftKey);
    else if (event.key === " " && focused !== undefined)
      onSelect(clicked(selection, selection.focus, folder.at, { shift: event.shiftKey, more: true }));
    else if (event.key === "Enter" && focused !== undefined) deeds.open(focused);
    else return deeds.key(event);
    event.preventDefault();
  };
  const active = folder.at(selection.focus);
  return (
    <div
      ref={useMergedRef(box, ref)}
      role="grid"
      className={classes.box}
      data-choosing={selection.chosen.size > 0 || undefined}
      data-dense={look.isDense || undefined}
      data-no-size={look.hides.includes("size") || undefined}
      data-no-changed={look.hides.includes("changed") || undefined}
      data-scroll-restoration-id={SCROLLED}
      aria-label={props.label}
      aria-rowcount={folder.total + 1}
      aria-multiselectable
      aria-activedescendant={active === undefined ? undefined : `n-${active.id}`}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      {!isGrid && <Head sort={props.sort} onSort={props.onSort} isTrash={props.keptDays !== undefined} />}
      <div role="rowgroup" className={classes.all} style={{ height: rows.getTotalSize() }}>
        {shown.map((row) => (
          <div
            key={row.key}
            role="presentation"
            className={isGrid ? classes.cards : undefined}
            style={{ transform: `translateY(${row.start}px)`, height: row.size, gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
            data-line
          >
            {Array.from({ length: columns }, (_, column) => row.index * columns + column)
              .filter((index) => index < folder.total)
              .map((index) => (
                <Row key={index} {...props} index={index} node={folder.at(index)} isGrid={isGrid} more={t`More`} placeOf={placeOf} shared={shared} />
              ))}
          </div>
        ))}
      </div>
    </div>
  );
}

function Head({ sort, onSort, isTrash }: { sort: Sort; onSort?: ((sort: Sort) => void) | undefined; isTrash: boolean }) {
  const { t } = useLingui();
  const columns = [
    { key: "name", label: t`Name` },
    { key: "size", label: t`Size` },
    { key: "changed", label: isTrash ? t`Deleted` : t`Changed` },
  ] as const;
  return (
    <div role="row" className={classes.head}>
      <span role="columnheader">
        <span className="k-hidden">{t`Chosen`}</span>
      </span>
      {columns.map(({ key, label }) => {
        const isUp = sort === key;
        const isDown = sort === `-${key}`;
        return (
          <span
            key={key}
            role="columnheader"
            className={classes[key]}
            aria-sort={isUp ? "ascending" : isDown ? "descending" : "none"}
          >
            {onSort === undefined ? (
              label
            ) : (
              <button type="button" className={classes.sort} onClick={() => onSort(isUp ? `-${key}` : key)}>
                {label}
                {isUp && <IconArrowUp size={14} aria-hidden />}
                {isDown && <IconArrowDown size={14} aria-hidden />}
              </button>
            )}
          </span>
        );
      })}
      <span role="columnheader">
        <span className="k-hidden">{t`Actions`}</span>
      </span>
    </div>
  );
}

interface RowProps extends Props {
  readonly index: number;
  readonly node: Node | undefined;
  readonly more: string;
  readonly placeOf: (path: string) => string;
  readonly shared: ReadonlySet<string>;
}

/** While the list is scrolled, those that stay in sight are not drawn anew. */
const Row = memo(function Row({ index, node, selection, onSelect, folder, deeds, isGrid, more, showsPlace, keptDays, renaming, placeOf, shared }: RowProps) {
  const { t } = useLingui();
  const holding = useHolding(() => onSelect(clicked(selection, index, folder.at, { shift: false, more: true })));
  if (node === undefined) return <div role="row" aria-rowindex={index + 2} className={classes.waiting} />;
  const isChosen = selection.chosen.has(node.id);
  const isShared = shared.has(node.id);
  const onClick = (event: MouseEvent) =>
    onSelect(clicked(selection, index, folder.at, { shift: event.shiftKey, more: event.ctrlKey || event.metaKey }));
  const kind = node.isFolder ? t`Folder` : size(node.size);
  const when = node.deletedAt || node.changedAt;
  const ends = keptDays === undefined || node.deletedAt === 0 ? "" : t`until ${day(node.deletedAt + keptDays * DAY)}`;
  const places = [ends, placeOf(parentOf(node.origin || node.path)), node.deletedBy || node.changedBy];
  const place = showsPlace ? places.filter((one) => one !== "").join(" · ") : "";
  // Where a place is seen beside the name, both are said, and the rest with its own cells. WCAG 2.5.3.
  const hasMarks = node.isStarred || node.tags.length > 0 || isShared || asideOf(node.name) !== null;
  const told = place === "" && !hasMarks ? `${node.name}, ${kind}, ${moment(node.changedAt)}` : undefined;
  const drop = node.isFolder ? deeds.drop : undefined;
  const { wasLong, ...held } = holding;
  return (
    <div
      id={`n-${node.id}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isChosen}
      className={isGrid ? classes.card : classes.row}
      data-focus={selection.focus === index || undefined}
      draggable={deeds.drop !== undefined && renaming?.node.id !== node.id}
      onDragStart={(event) => {
        const ids = isChosen ? selection.chosen : new Set([node.id]);
        if (!isChosen) onSelect(clicked(selection, index, folder.at, { shift: false, more: false }));
        const dragged = folder.loaded.filter((one) => ids.has(one.id)).map(({ id, path }): Seen => ({ id, path }));
        event.dataTransfer.setData(DRAGGED, JSON.stringify(dragged));
        event.dataTransfer.effectAllowed = "copyMove";
      }}
      onDragOver={
        drop &&
        ((event) => {
          event.preventDefault();
          event.stopPropagation();
          event.currentTarget.dataset.over = "";
        })
      }
      onDragLeave={(event) => delete event.currentTarget.dataset.over}
      onDrop={
        drop &&
        ((event) => {
          event.preventDefault();
          event.stopPropagation();
          delete event.currentTarget.dataset.over;
          drop(node, event);
        })
      }
      {...held}
      onClickCapture={(event) => {
        if (!wasLong()) return;
        event.preventDefault();
        event.stopPropagation();
      }}
      onClick={onClick}
      onDoubleClick={() => deeds.open(node)}
      onContextMenu={(event) => {
        event.preventDefault();
        // A finger that stays has chosen: its menu are the actions at the bottom.
        if ((event.nativeEvent as unknown as { pointerType?: string }).pointerType === "touch") return;
        if (!isChosen) onClick(event);
        deeds.menu(node, { x: event.clientX, y: event.clientY });
      }}
    >
      <span role="gridcell" className={classes.check} onClick={(event) => event.stopPropagation()}>
        <input
          type="checkbox"
          className={classes.tick}
          tabIndex={-1}
          checked={isChosen}
          aria-label={t`Choose ${node.name}`}
          onChange={(event) => {
            const keys = { shift: (event.nativeEvent as unknown as MouseEvent).shiftKey, more: true };
            onSelect(clicked(selection, index, folder.at, keys));
          }}
        />
      </span>
      <span role="gridcell" className={classes.name} aria-label={told}>
        {isGrid ? <Picture node={node} /> : <NodeIcon node={node} size={22} />}
        <span className={classes.words}>
          {renaming?.node.id === node.id ? <Suspense fallback={null}><RenameField {...renaming} /></Suspense> : <button
            type="button"
            tabIndex={-1}
            className={classes.open}
            dir="auto"
            title={node.name}
            onClick={(event) => {
              if (event.shiftKey || event.ctrlKey || event.metaKey) return;
              event.stopPropagation();
              onClick(event);
              deeds.open(node);
            }}
          >
            {node.name}
          </button>}
          {showsPlace && (
            <span className={classes.place}>
              <bdi>{place}</bdi>
            </span>
          )}
        </span>
        {hasMarks && <Marks node={node} isShared={isShared} />}
      </span>
      <span role="gridcell" className={classes.size}>
        {node.isFolder ? "" : size(node.size)}
      </span>
      <span role="gridcell" className={classes.changed} title={moment(when)}>
        {ago(when)}
      </span>
      <span role="gridcell" className={classes.more}>
        <button
          type="button"
          className={`k-icon ${classes.dots ?? ""}`}
          tabIndex={-1}
          aria-label={`${more}: ${node.name}`}
          onClick={(event) => {
            event.stopPropagation();
            if (!isChosen) onClick(event);
            const { left, bottom } = event.currentTarget.getBoundingClientRect();
            deeds.menu(node, { x: left, y: bottom });
          }}
        >
          <IconDots size={18} aria-hidden />
        </button>
      </span>
    </div>
  );
});

/** A small picture where the server makes one: the whole of it is fetched by who opens it. */
function Picture({ node }: { node: Node }) {
  const [missing, setMissing] = useState("");
  const from = thumbnail(node);
  if (from === undefined || from === missing) return <NodeIcon node={node} size={56} />;
  return (
    <img className={classes.picture} src={from} alt="" loading="lazy" decoding="async" draggable={false} onError={() => setMissing(from)} />
  );
}

/** What is said of it: a star, tags, and whether others can reach it. */
function Marks({ node, isShared }: { node: Node; isShared: boolean }) {
  const { t } = useLingui();
  const more = node.tags.length - SHOWN_TAGS;
  return (
    <span className={classes.marks}>
      {node.isStarred && (
        <span title={t`Starred`}>
          <IconStarFilled size={15} color="var(--mantine-color-yellow-6)" aria-hidden />
          <span className="k-hidden">{t`Starred`}</span>
        </span>
      )}
      {isShared && (
        <span title={t`Shared`}>
          <IconUsers size={16} aria-hidden />
          <span className="k-hidden">{t`Shared`}</span>
        </span>
      )}
      {asideOf(node.name) !== null && (
        <span title={t`Conflict`}>
          <IconArrowsSplit size={16} color="var(--mantine-color-orange-7)" aria-hidden />
          <span className="k-hidden">{t`Conflict`}</span>
        </span>
      )}
      {node.tags.slice(0, SHOWN_TAGS).map((tag) => (
        <span key={tag} className={classes.tag} title={tag}>
          <bdi>{tag}</bdi>
        </span>
      ))}
      {more > 0 && <span className={classes.others}>{`+${more}`}</span>}
    </span>
  );
}
