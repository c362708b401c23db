/** What is chosen in a list, and which row has the keyboard; pure, so that every key can be tried. */

export interface Selection {
  /** Where a range begins. */
  readonly anchor: number;
  readonly focus: number;
  readonly chosen: ReadonlySet<string>;
  /** From where to where a range goes of which not every row has arrived: it is not chosen before. */
  readonly reach?: readonly [number, number] | undefined;
}

export const NOTHING: Selection = { anchor: 0, focus: 0, chosen: new Set() };

type At = (index: number) => { id: string } | undefined;

/** All from one row to another, or none of them as long as one has not arrived. */
function range(now: Selection, from: number, to: number, focus: number, at: At): Selection {
  const [first, last] = [Math.min(from, to), Math.max(from, to)];
  const chosen = new Set<string>();
  for (let index = first; index <= last; index += 1) {
    const node = at(index);
    if (node === undefined) return { ...now, focus, chosen: new Set(), reach: [first, last] };
    chosen.add(node.id);
  }
  return { ...now, focus, chosen, reach: undefined };
}

/** Chooses a range whose rows have arrived meanwhile. */
export function reached(now: Selection, at: At): Selection {
  return now.reach === undefined ? now : range(now, ...now.reach, now.focus, at);
}

/** A click, with Shift for a range and Ctrl or Cmd for one more. */
export function clicked(now: Selection, index: number, at: At, keys: { shift: boolean; more: boolean }): Selection {
  const id = at(index)?.id;
  if (id === undefined) return now;
  if (keys.shift) return range(now, now.anchor, index, index, at);
  if (keys.more) {
    const chosen = new Set(now.chosen);
    if (!chosen.delete(id)) chosen.add(id);
    return { anchor: index, focus: index, chosen };
  }
  return { anchor: index, focus: index, chosen: new Set([id]) };
}

/** An arrow, Home, End or a page. */
export function moved(now: Selection, to: number, total: number, at: At, shift: boolean): Selection {
  const index = Math.max(0, Math.min(total - 1, to));
  if (shift) return range(now, now.anchor, index, index, at);
  const node = at(index);
  if (node === undefined) return { ...now, focus: index, reach: undefined };
  return { anchor: index, focus: index, chosen: new Set([node.id]) };
}
