/** What people say of files and folders: stars, which are one's own, and tags, which everybody sees. */
import { api } from "../../api";
import { inParts, type Node, nodeOf, TAGS, type Wire } from "./nodes";

function say(nodes: readonly Node[], namespace: string, value: string): Promise<void> {
  return inParts(nodes, (part) =>
    api.put("/a/user-meta/update", {
      MetaDatas: part.map((node) => ({ NodeUuid: node.id, Namespace: namespace, JsonValue: value })),
      Operation: value === "" ? "DELETE" : "PUT",
    }),
  );
}

export function star(nodes: readonly Node[], isStarred: boolean): Promise<unknown> {
  return say(nodes, "bookmark", isStarred ? "true" : "");
}

export function tag(node: Node, wanted: readonly string[]): Promise<unknown> {
  return say([node], TAGS, wanted.length === 0 ? "" : JSON.stringify(wanted.join(",")));
}

export async function starred(): Promise<readonly Node[]> {
  return (await api.post<{ Nodes: Wire[] }>("/a/user-meta/bookmarks")).Nodes.map(nodeOf);
}

/** Have tags on this server, from now on and for everybody; an administrator alone may. */
export function allowTags(): Promise<unknown> {
  const kind = { Namespace: TAGS, Label: "Tags", Order: 0, Indexable: true, JsonDefinition: '{"type":"tags"}' };
  return api.put("/a/user-meta/namespace", { Operation: "PUT", Namespaces: [kind] });
}

/** The tags in use where the person may look, and those that are offered; null where an administrator has none. */
export async function tags(): Promise<readonly string[] | null> {
  const known = await api.get<{ Namespaces: { Namespace: string }[] }>("/a/user-meta/namespace");
  if (!known.Namespaces.some((one) => one.Namespace === TAGS)) return null;
  return (await api.get<{ Tags: string[] }>(`/a/user-meta/tags/${TAGS}`)).Tags;
}
