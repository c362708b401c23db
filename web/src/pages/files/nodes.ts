/** Files and folders as the server tells of them, and the calls about them. */
import { api, ask } from "../../api";
import { type Asked, queryOf } from "./sought";

export interface Wire {
  readonly Uuid: string;
  readonly Path: string;
  readonly Type: "COLLECTION" | "LEAF";
  readonly Size: string;
  readonly MTime: string;
  readonly Etag?: string;
  readonly MetaStore: Readonly<Record<string, string>>;
}

export interface Node {
  readonly id: string;
  readonly path: string;
  readonly name: string;
  readonly isFolder: boolean;
  readonly size: number;
  readonly changedAt: number;
  readonly mime: string;
  /** Where something in the trash came from. */
  readonly origin: string;
  /** When it was deleted, in seconds since 1970; 0 for what was not. */
  readonly deletedAt: number;
  readonly deletedBy: string;
  /** Who changed it last, where that was asked for; empty where they are gone. */
  readonly changedBy: string;
  readonly etag: string;
  /** MD5 of the MD5s of its blocks, once the bytes were gone through. */
  readonly hash: string;
  readonly isStarred: boolean;
  readonly tags: readonly string[];
}

export interface Space {
  readonly slug: string;
  readonly label: string;
  readonly kind: string;
  readonly root: string;
  readonly is_own: boolean;
  /** Who shares it; empty of one's own, of what administrators made, and where they are gone. */
  readonly by: string;
  readonly since: string;
  /** What whoever made it says of it. */
  readonly description: string;
  readonly permissions: string;
  readonly used: number;
  readonly quota: number | null;
  readonly seq: number;
  /** The most bytes that a file may have. */
  readonly largest_file: number;
  /** How long what is deleted can be brought back. */
  readonly trash_days: number;
}

export interface Listing {
  readonly nodes: readonly Node[];
  readonly total: number;
}

export interface Version {
  readonly version: string;
  readonly size: number;
  readonly created_at: string;
  readonly created_by: string;
  /** Empty where they are gone. */
  readonly created_by_name: string;
  readonly is_pinned: boolean;
  readonly is_current: boolean;
  /** What people call it. */
  readonly label: string;
}

export const BIN = "recycle_bin";
const STAR = "bookmark";
export const TAGS = "usermeta-tags";
/** So many rows are read at once where somebody looks: the first of them are soon there. */
export const PAGE = 200;
const MOST = 1000;
const DRAWN = /^image\/(jpeg|png|webp|gif)\b/;
/** In bytes. */
const MOST_DRAWN = 50 * 2 ** 20;

function meta(wire: Wire, name: string): string {
  const text = wire.MetaStore[name];
  if (text === undefined) return "";
  const value: unknown = JSON.parse(text);
  return typeof value === "string" ? value : "";
}

/** Joined by commas in a text; a list is taken as well. */
export function tagsOf(text: string | undefined): readonly string[] {
  const value: unknown = text === undefined ? "" : JSON.parse(text);
  const found: readonly unknown[] = typeof value === "string" ? value.split(",") : Array.isArray(value) ? value : [];
  return found.flatMap((one) => (typeof one === "string" && one.trim() !== "" ? [one.trim()] : []));
}

export function nodeOf(wire: Wire): Node {
  const origin = meta(wire, "x-keycell-origin");
  const path = origin === "" ? wire.Path : origin;
  return {
    id: wire.Uuid,
    path: wire.Path,
    // In the trash it may have another one, where two of a name lie there.
    name: path.slice(path.lastIndexOf("/") + 1),
    isFolder: wire.Type === "COLLECTION",
    size: Number(wire.Size),
    changedAt: Number(wire.MTime),
    mime: meta(wire, "mime"),
    origin,
    deletedAt: Number(wire.MetaStore["x-keycell-trashed-at"] ?? 0),
    deletedBy: meta(wire, "x-keycell-deleted-by-name"),
    changedBy: meta(wire, "x-keycell-changed-by-name"),
    etag: wire.Etag ?? "",
    hash: meta(wire, "x-cells-hash"),
    isStarred: wire.MetaStore[STAR] !== undefined,
    tags: tagsOf(wire.MetaStore[TAGS]),
  };
}

export function encoded(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

/** Where a file's bytes are, for this browser. */
export function address(path: string, version?: string): string {
  const query = version === undefined ? "" : `?versionId=${encodeURIComponent(version)}`;
  return `/web/io/${encoded(path)}${query}`;
}

/** Where its small picture is, for this browser: another address for other bytes, so that it can be kept. */
export function thumbnail({ id, mime, size, etag }: Node): string | undefined {
  if (!DRAWN.test(mime) || size > MOST_DRAWN) return undefined;
  return `/web/a/keycell/nodes/${id}/thumbnail?etag=${encodeURIComponent(etag)}`;
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

export function under(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

export type Sort = "name" | "-name" | "size" | "-size" | "changed" | "-changed";

export interface Order {
  readonly sort: Sort;
  /** Some part of the names that are wanted. */
  readonly text: string;
}

export const BY_NAME: Order = { sort: "name", text: "" };
const FIELDS: Readonly<Record<string, string>> = { name: "name", size: "size", changed: "mtime" };

/** A page of a folder, folders first; the recycle bin is no part of it. */
export async function list(path: string, order: Order, offset: number, signal?: AbortSignal, most = PAGE): Promise<Listing> {
  const body = {
    NodePaths: [`${path}/*`],
    Offset: offset,
    Limit: most,
    SortField: FIELDS[order.sort.replace("-", "")],
    SortDirDesc: order.sort.startsWith("-"),
    NameContains: order.text,
  };
  const options = signal === undefined ? {} : { signal };
  const found = await api.post<{ Nodes: Wire[]; Pagination?: { Total: number } }>("/a/tree/stats", body, options);
  const nodes = found.Nodes.map(nodeOf);
  return { nodes, total: found.Pagination?.Total ?? nodes.length };
}

export async function listAll(path: string, order: Order, signal?: AbortSignal): Promise<readonly Node[]> {
  const nodes: Node[] = [];
  for (;;) {
    const page = await list(path, order, nodes.length, signal, MOST);
    nodes.push(...page.nodes);
    if (page.nodes.length === 0 || nodes.length >= page.total) return nodes;
  }
}

/** The folders in a folder, for whoever chooses one: they come first, whatever the order. */
export async function foldersIn(path: string, signal?: AbortSignal): Promise<readonly Node[]> {
  return (await list(path, BY_NAME, 0, signal, MOST)).nodes.filter((node) => node.isFolder);
}

export async function stat(path: string): Promise<Node> {
  const found = await api.get<{ Node: Wire }>(`/a/tree/stat/${encoded(path)}`);
  return nodeOf(found.Node);
}

/** Which of some paths something is at. */
export async function taken(paths: readonly string[]): Promise<readonly Node[]> {
  const found: Node[] = [];
  await inParts(paths, async (part) => {
    const { Nodes } = await api.post<{ Nodes: Wire[] }>("/a/tree/stats", { NodePaths: part });
    found.push(...Nodes.map(nodeOf));
  });
  return found;
}

export async function spaces(): Promise<readonly Space[]> {
  return (await api.get<{ items: Space[] }>("/a/keycell/spaces")).items;
}

export interface Found {
  readonly nodes: readonly Node[];
  /** There is more than the server tells of at once. */
  readonly hasMore: boolean;
}

const FOUND_AT_ONCE = 200;

/** The files that were changed last, wherever they lie, beyond so many of the first. */
export async function latest(from: number): Promise<Found> {
  const body = { Query: { Type: "LEAF" }, From: from, Size: FOUND_AT_ONCE, SortField: "mtime", SortDirDesc: true };
  const found = await api.post<{ Results: Wire[]; HasMore: boolean }>("/a/search/nodes", body);
  return { nodes: found.Results.map(nodeOf), hasMore: found.HasMore };
}

/** A part of what a search finds, beyond so many of the first. */
export async function search(asked: Asked, from: number, signal: AbortSignal): Promise<Found> {
  const body = { Query: queryOf(asked), From: from, Size: FOUND_AT_ONCE };
  const found = await api.post<{ Results: Wire[]; HasMore: boolean }>("/a/search/nodes", body, { signal });
  return { nodes: found.Results.map(nodeOf), hasMore: found.HasMore };
}

export async function makeFolders(paths: readonly string[]): Promise<void> {
  const most = 500;
  for (let at = 0; at < paths.length; at += most) {
    const nodes = paths.slice(at, at + most).map((path) => ({ Path: path, Type: "COLLECTION" }));
    await api.post("/a/tree/create", { Nodes: nodes, Recursive: true });
  }
}

const WAITED = 300;

interface Task {
  readonly Status: string;
  readonly StatusMessage: string;
}

/** Begin a job and wait for its end. */
async function run(name: string, parameters: Record<string, unknown>): Promise<void> {
  const begun = await api.put<{ JobUuid: string }>(`/a/jobs/user/${name}`, {
    JobName: name,
    JsonParameters: JSON.stringify(parameters),
  });
  for (;;) {
    const found = await api.post<{ Jobs: { Tasks: Task[] }[] }>("/a/jobs/user", { JobIDs: [begun.JobUuid], LoadTasks: "Any" });
    const task = found.Jobs[0]?.Tasks[0];
    if (task === undefined || task.Status === "Finished") return;
    if (task.Status === "Error" || task.Status === "Interrupted") throw new Error(task.StatusMessage);
    await new Promise((done) => setTimeout(done, WAITED));
  }
}

/** So many the server takes with one call. */
const AT_ONCE = 1000;

/** Do something with many, as many at once as the server takes. */
export async function inParts<T>(all: readonly T[], act: (part: readonly T[]) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < all.length; at += AT_ONCE) await act(all.slice(at, at + AT_ONCE));
}

/** Which one is meant, wherever it is by now, and where it was seen. */
export type Seen = Pick<Node, "id" | "path">;

function carry(name: "move" | "copy", nodes: readonly Seen[], folder: string): Promise<void> {
  return inParts(nodes, (part) => run(name, { ids: part.map((node) => node.id), target: folder, targetParent: true }));
}

export function move(nodes: readonly Seen[], folder: string): Promise<void> {
  return carry("move", nodes, folder);
}

export function copy(nodes: readonly Seen[], folder: string): Promise<void> {
  return carry("copy", nodes, folder);
}

/** Another one of each beside it, under a name that is free. */
export async function duplicate(nodes: readonly Node[]): Promise<void> {
  for (const folder of new Set(nodes.map((node) => parentOf(node.path)))) {
    await copy(nodes.filter((node) => parentOf(node.path) === folder), folder);
  }
}

/** Give one a path, whatever its own is by now. */
export function place(id: string, path: string): Promise<void> {
  return run("move", { ids: [id], target: path, targetParent: false });
}

function byId(nodes: readonly Pick<Node, "id">[]): { Nodes: { Uuid: string }[] } {
  return { Nodes: nodes.map(({ id }) => ({ Uuid: id })) };
}

export async function trash(nodes: readonly Pick<Node, "id">[]): Promise<void> {
  await inParts(nodes, (part) => api.post("/a/tree/delete", byId(part)));
}

export async function destroy(nodes: readonly Node[]): Promise<void> {
  await inParts(nodes, (part) => api.post("/a/tree/delete", { ...byId(part), RemovePermanently: true }));
}

export async function restore(nodes: readonly Pick<Node, "id">[]): Promise<void> {
  await inParts(nodes, (part) => api.post("/a/tree/restore", byId(part)));
}

export async function versions(id: string): Promise<readonly Version[]> {
  return (await api.get<{ items: Version[] }>(`/a/keycell/versions/${id}`)).items;
}

/** Something that somebody did with it. */
export interface Happening {
  readonly at: string;
  readonly action: string;
  /** Empty where they are gone. */
  readonly by: string;
  /** What the link or shared folder is called by. */
  readonly label: string;
  /** Whose access it is about. */
  readonly who: string;
}

/** What is known of a file or folder beside itself. */
export interface About {
  /** Whose space it lies in; empty where it is nobody's own. */
  readonly owner: string;
  readonly space: { readonly label: string; readonly kind: string };
  readonly created_at: string;
  readonly created_by: string;
  readonly changed_by: string;
  readonly sha256: string | null;
  /** The mail address of who sent it by a public link, as they said; empty for none. */
  readonly sent_by: string;
  /** Null of a file, and where some of it is not this person's to know of. */
  readonly holds: { readonly folders: number; readonly files: number; readonly size: number } | null;
  readonly activity: readonly Happening[];
}

export function about(id: string): Promise<About> {
  return api.get<About>(`/a/keycell/nodes/${id}/about`);
}

export async function bringBack(id: string, version: string): Promise<void> {
  await api.post(`/a/keycell/versions/${id}/restore`, { version });
}

export interface Marked {
  readonly is_pinned?: boolean;
  /** Empty to take its name away. */
  readonly label?: string;
}

export function markVersion(id: string, version: string, marked: Marked): Promise<unknown> {
  return api.put(`/a/keycell/versions/${id}/${version}`, marked);
}

export function deleteVersion(id: string, version: string): Promise<unknown> {
  return api.delete(`/a/keycell/versions/${id}/${version}`);
}

/** Save files and folders: one file as it is, several as one zip. */
export async function download(nodes: readonly Node[]): Promise<void> {
  const [only] = nodes;
  if (only !== undefined && nodes.length === 1 && !only.isFolder) return save(address(only.path), only.name);
  const selection = await api.post<{ SelectionUUID: string }>("/a/tree/selection", byId(nodes));
  return save(`/web/a/keycell/zip/${selection.SelectionUUID}`, "");
}

export function save(href: string, name: string): void {
  const link = document.createElement("a");
  link.href = href;
  link.download = name;
  link.click();
}

export async function readText(href: string, most: number, signal: AbortSignal): Promise<string> {
  const response = await ask("GET", href, undefined, { signal, headers: { Range: `bytes=0-${most - 1}` } });
  return response.text();
}

export async function readBlob(href: string, type: string, signal: AbortSignal): Promise<Blob> {
  const response = await ask("GET", href, undefined, { signal });
  return new Blob([await response.arrayBuffer()], { type });
}
