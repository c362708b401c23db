/** Who is to reach a folder, as somebody wants it and before they have said so. */
import { api } from "../../api";
import type { Node } from "./nodes";
import { type Cell, endCell, type Opening, type Reached, type Reaching, shares, type Who } from "./sharing";

/** Null for nothing any more. */
export type May = "read" | "write" | null;

/** Somebody's right, as it is wanted. */
export interface Wish {
  /** Absent of a login that was typed and is known to nobody here. */
  readonly who?: Who | undefined;
  readonly may: May;
  /** When it ends, in seconds since 1970; 0 for never. */
  readonly until: number;
}

/** By role, or by login where no role is known. */
export type Wishes = ReadonlyMap<string, Wish>;
export const NO_WISHES: Wishes = new Map();

/** A line of the list of who reaches something. */
export interface Line {
  readonly key: string;
  readonly one: Reaching | Opening | Typed;
  /** What they may, once it is saved. */
  readonly may: May | "deny";
  readonly until: number;
  /** It is not saved yet. */
  readonly isWished: boolean;
}

/** Somebody who is to be let in. */
export interface Typed {
  readonly kind: Who["kind"];
  readonly role: string;
  readonly name: string;
  readonly is_here: true;
  readonly through: "";
}

/** Who may write may read as well: said once, and a denial before all. */
export function oneOfEach(items: Reached["items"]): readonly (Reaching | Opening)[] {
  const found = new Map<string, Reaching | Opening>();
  for (const one of items) {
    const key = `${one.kind} ${one.role} ${one.through} ${one.is_here}`;
    const other = found.get(key);
    if (other === undefined || one.may === "deny" || (one.may === "write" && other.may === "read")) found.set(key, one);
  }
  return [...found.values()];
}

/** Everybody who reaches it and who is to: what is here first, what comes from above below it. */
export function linesOf(items: Reached["items"], wishes: Wishes): readonly Line[] {
  const kept = oneOfEach(items).map((one): Line => {
    const wish = one.is_here && one.kind !== "link" ? wishes.get(one.role) : undefined;
    const { may, until } = wish ?? one;
    return { key: `${one.role} ${one.through} ${one.is_here}`, one, may, until, isWished: wish !== undefined };
  });
  const known = new Set(kept.filter(({ one }) => one.is_here).map(({ one }) => one.role));
  const added = [...wishes].filter(([role, wish]) => !known.has(role) && wish.may !== null);
  const news = added.map(([role, { who, may, until }]): Line => {
    const one: Typed = { kind: who?.kind ?? "person", role, name: who?.name ?? role, is_here: true, through: "" };
    return { key: `${role}  new`, one, may, until, isWished: true };
  });
  return [...news, ...kept];
}

/** Wishes with one more; none where it is what is there already. */
export function wished(wishes: Wishes, role: string, wish: Wish, before: Pick<Line, "may" | "until"> | undefined): Wishes {
  const next = new Map(wishes);
  if (wish.may === (before?.may ?? null) && (wish.may === null || wish.until === before?.until)) next.delete(role);
  else next.set(role, wish);
  return next;
}

function actions(may: "read" | "write") {
  return (may === "write" ? ["read", "write"] : ["read"]).map((name) => ({ Name: name, Value: "1" }));
}

/** The members of a cell as they are wanted. */
export function aclsOf(cell: Cell | undefined, wishes: Wishes): Record<string, unknown> {
  const acls: Record<string, unknown> = { ...cell?.ACLs };
  for (const [key, { who, may, until }] of wishes) {
    // Somebody who was typed is known by their login alone.
    const role = Object.entries(cell?.ACLs ?? {}).find(([one, member]) => one === key || member.User?.Login === key)?.[0] ?? key;
    if (may === null) delete acls[role];
    else acls[role] = { ...(who === undefined ? { User: { Login: key } } : { RoleId: who.role }), Actions: actions(may), AccessEnd: until };
  }
  return acls;
}

/** The cell over a folder, if it is shared. */
export async function cellOver(node: Node): Promise<Cell | undefined> {
  return (await shares()).cells.find((one) => one.RootNodes.some((root) => root.Uuid === node.id));
}

/** Have it as it is wanted, all at once: with nobody left in it, the folder is no longer shared. */
export async function saveRights(node: Node, own: string, wishes: Wishes, note: string): Promise<void> {
  const cell = await cellOver(node);
  const acls = aclsOf(cell, wishes);
  if (Object.keys(acls).every((role) => role === own)) {
    if (cell !== undefined) await endCell(cell);
    return;
  }
  const room = { Label: cell?.Label ?? node.name, Description: note, RootNodes: [{ Uuid: node.id }], ACLs: acls };
  await api.put("/a/share/cell", { Room: cell === undefined ? room : { ...room, Uuid: cell.Uuid } });
}

/** What takes wishes back: everybody as they were before. */
export function undone(items: Reached["items"], wishes: Wishes): Wishes {
  const before = new Map(oneOfEach(items).filter((one) => one.is_here).map((one) => [one.role, one]));
  return new Map(
    [...wishes].map(([role, wish]) => {
      const was = before.get(role);
      return [role, { ...wish, may: was === undefined || was.may === "deny" ? null : was.may, until: was?.until ?? 0 }];
    }),
  );
}
