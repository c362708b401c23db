/** Links and cells: what is shared with whom. */
import { api } from "../../api";
import type { Node } from "./nodes";

export interface ShareLink {
  readonly Uuid: string;
  readonly LinkUrl: string;
  readonly Label: string;
  readonly PasswordRequired: boolean;
  readonly AccessEnd: string;
  readonly MaxDownloads: string;
  readonly CurrentDownloads: string;
  /** Whose it is is told of its use. */
  readonly Notify: boolean;
  /** When it was last downloaded, in seconds since 1970; "0" for never. */
  readonly LastUsed: string;
  readonly LinkHash: string;
  readonly Description: string;
  /** What it is to; of which kind is told where one link is asked for. */
  readonly RootNodes: readonly { readonly Uuid: string; readonly Type?: "LEAF" | "COLLECTION" }[];
  readonly Permissions: readonly string[];
  /** Which state of it this is. */
  readonly ChangedAt: string;
}

interface Member {
  readonly RoleId: string;
  readonly User?: { readonly Login: string; readonly Attributes?: { readonly displayName?: string } };
  readonly Actions: readonly { readonly Name: string }[];
}

export interface Cell {
  readonly Uuid: string;
  readonly Label: string;
  readonly Description: string;
  readonly RootNodes: readonly { readonly Uuid: string }[];
  readonly ACLs: Readonly<Record<string, Member>>;
}

export interface Shares {
  readonly links: readonly ShareLink[];
  readonly cells: readonly Cell[];
}

export type Opens = "look" | "download" | "upload" | "edit";
/** What people choose from; "other" is what a program made otherwise. */
export type Kind = "both" | "look" | "more" | "drop" | "edit" | "other";
export const KINDS: Readonly<Record<Kind, readonly Opens[]>> = {
  both: ["look", "download"],
  look: ["look"],
  more: ["look", "download", "upload"],
  drop: ["upload"],
  edit: ["look", "download", "upload", "edit"],
  other: [],
};

export interface LinkWish {
  readonly opens: readonly Opens[];
  readonly password: string;
  readonly days: number;
  /** So many at most; 0 for any number. */
  readonly downloads: number;
  /** What its address ends with; empty for something that nobody guesses. */
  readonly ending: string;
  /** Whoever makes it is told when it is used. */
  readonly tells: boolean;
}

/** A person, group or role. */
export interface Who {
  readonly kind: "person" | "group" | "role";
  readonly role: string;
  readonly name: string;
  readonly login?: string;
}

/** Somebody who reaches a file or folder. */
export interface Reaching extends Who {
  readonly may: "read" | "write" | "deny";
  /** When that ends, in seconds since 1970; 0 for never. */
  readonly until: number;
  /** The folder or space that lets them in. */
  readonly through: string;
  readonly is_here: boolean;
}

/** A public link that lets somebody in. */
export interface Opening {
  readonly kind: "link";
  readonly role: string;
  readonly name: string;
  readonly may: "read" | "write";
  readonly until: number;
  /** Whose link it is. */
  readonly by: string;
  readonly through: string;
  readonly is_here: boolean;
}

const WORDS: Record<Opens, string> = { look: "Preview", download: "Download", upload: "Upload", edit: "Edit" };
const DAY = 86_400;

export async function shares(): Promise<Shares> {
  const found = await api.post<{ Resources: { Link?: ShareLink; Cells?: Cell[] }[] }>("/a/share/resources", {});
  return {
    links: found.Resources.flatMap((one) => (one.Link === undefined ? [] : [one.Link])),
    cells: found.Resources.flatMap((one) => one.Cells ?? []),
  };
}

/** A link as it is now, with what it is to. */
export function readLink({ Uuid }: ShareLink): Promise<ShareLink> {
  return api.get<ShareLink>(`/a/share/link/${Uuid}`);
}

/** It may be to a folder: the server refuses what a file cannot, where nobody said. */
export function mayBeToFolder(link: ShareLink): boolean {
  return link.RootNodes.some((root) => root.Type !== "LEAF");
}

export function makeLink(node: Node, wish: LinkWish): Promise<ShareLink> {
  return api.put<ShareLink>("/a/share/link", {
    ShareLink: {
      Label: node.name,
      RootNodes: [{ Uuid: node.id }],
      Permissions: wish.opens.map((one) => WORDS[one]),
      ...(wish.days > 0 ? { AccessEnd: Math.floor(Date.now() / 1000) + wish.days * DAY } : {}),
      ...(wish.downloads > 0 ? { MaxDownloads: wish.downloads } : {}),
      Notify: wish.tells,
    },
    ...(wish.ending === "" ? {} : { UpdateCustomHash: wish.ending }),
    ...(wish.password === "" ? {} : { PasswordEnabled: true, CreatePassword: wish.password }),
  });
}

function wordsOf(kind: Kind): string[] {
  return KINDS[kind].map((one) => WORDS[one]);
}

export function kindOf(permissions: readonly string[]): Kind {
  const said = [...permissions].sort().join();
  return (Object.keys(KINDS) as Kind[]).find((kind) => wordsOf(kind).sort().join() === said) ?? "other";
}

/** A link as somebody wants it from now on. */
export interface LinkChange {
  readonly label: string;
  readonly kind: Kind;
  /** When it ends, in seconds since 1970; 0 for never. */
  readonly end: number;
  /** Another password; empty for what is there. */
  readonly password: string;
  /** No password any more. */
  readonly isOpen: boolean;
  readonly downloads: number;
  readonly tells: boolean;
}

/** What has to be said to make of a link what is wanted: nothing of what is so already. */
export function changesOf(link: ShareLink, wanted: LinkChange): Record<string, unknown> {
  const said: Record<string, unknown> = {
    ...(wanted.label === link.Label ? {} : { Label: wanted.label }),
    ...(wanted.kind === kindOf(link.Permissions) ? {} : { Permissions: wordsOf(wanted.kind) }),
    ...(wanted.end === Number(link.AccessEnd) ? {} : { AccessEnd: wanted.end }),
    ...(wanted.downloads === Number(link.MaxDownloads) ? {} : { MaxDownloads: wanted.downloads }),
    ...(wanted.tells === link.Notify ? {} : { Notify: wanted.tells }),
  };
  const beside = wanted.isOpen
    ? { PasswordEnabled: false }
    : wanted.password === "" ? {} : { PasswordEnabled: true, UpdatePassword: wanted.password };
  return Object.keys(said).length === 0 ? beside : { ShareLink: said, ...beside };
}

/** What makes a link as it was, but for its password. */
export function undoOf(before: ShareLink): Record<string, unknown> {
  const { Label, Permissions, AccessEnd, MaxDownloads, Notify } = before;
  return { ShareLink: { Label, Permissions, AccessEnd, MaxDownloads, Notify } };
}

/** Change a link as it was seen; the server refuses where somebody else was first. */
export function changeLink(link: ShareLink, said: Record<string, unknown>): Promise<ShareLink> {
  const { Uuid, ChangedAt } = link;
  return api.put<ShareLink>("/a/share/link", { ...said, ShareLink: { ...(said.ShareLink as object | undefined), Uuid, ChangedAt } });
}

export function endLink(link: ShareLink): Promise<unknown> {
  return api.delete(`/a/share/link/${link.Uuid}`);
}

/** Make a link once more that was ended: at its address, with what was left of its downloads. */
export function makeAgain(link: ShareLink): Promise<ShareLink> {
  const { Label, Description, RootNodes, Permissions, AccessEnd, Notify } = link;
  const left = Number(link.MaxDownloads) - Number(link.CurrentDownloads);
  return api.put<ShareLink>("/a/share/link", {
    ShareLink: { Label, Description, RootNodes, Permissions, AccessEnd, Notify, ...(link.MaxDownloads === "0" ? {} : { MaxDownloads: Math.max(1, left) }) },
    UpdateCustomHash: link.LinkHash,
  });
}

/** Some people and groups whose names begin with what was typed. */
export async function suggested(text: string): Promise<readonly Who[]> {
  return (await api.get<{ items: Who[] }>(`/a/keycell/people?${new URLSearchParams({ text })}`)).items;
}

export interface Reached {
  readonly items: readonly (Reaching | Opening)[];
  /** Nobody comes in by what lies above all that this person sees. */
  readonly is_all: boolean;
}

export function reachedBy(id: string): Promise<Reached> {
  return api.get<Reached>(`/a/keycell/nodes/${id}/rights`);
}

export function endCell(cell: Cell): Promise<unknown> {
  return api.delete(`/a/share/cell/${cell.Uuid}`);
}
