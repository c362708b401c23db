/** What a text finds: pages, and what the server knows of it, each with where it leads. */
import { useLingui } from "@lingui/react/macro";
import {
  type Icon, IconAdjustments, IconApps, IconBook2, IconFile, IconFolder, IconLayoutSidebar, IconUser, IconUsersGroup,
} from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, type Session } from "../../api";
import { ACCOUNT_MENU } from "../../pages/account/menu";
import { ADMIN_MENU } from "../../pages/admin/menu";
import type { Entry } from "../../pages/page";
import { among, type Named } from "./among";

export interface Item extends Named {
  readonly key: string;
  readonly icon: Icon;
  /** An address of ours, whose parts are encoded; or that of a file, which the router writes itself. */
  readonly to: string;
  readonly search?: Readonly<Record<string, string>>;
  readonly file?: { readonly path: string; readonly item?: string };
  /** A page of the server's own, outside of this one. */
  readonly isOutside?: boolean;
}
export interface Kind {
  readonly name: string;
  readonly items: readonly Item[];
}
interface Known {
  readonly people: readonly { login: string; name: string; email: string | null }[];
  readonly groups: readonly { path: string; label: string }[];
  readonly applications: readonly { client_id: string; client_name: string | null }[];
}
interface Setting {
  readonly setting: string;
  readonly variable: string;
  readonly meaning: string;
}
interface Wire {
  readonly Uuid: string;
  readonly Path: string;
  readonly Type: "COLLECTION" | "LEAF";
}

/** Letters before the server is asked: one finds half of everything. */
const LEAST = 2;
const OF_A_KIND = 6;
const FOR_LONG = 300_000;

/** What somebody may go to: an administrator finds people and applications, everybody their own files. */
export function useFound(text: string, session: Session) {
  const isAsked = text.length >= LEAST;
  const isAdmin = session.is_admin;
  const files = useQuery({
    queryKey: ["palette", "files", text], enabled: isAsked, placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.post<{ Results: Wire[] }>("/a/search/nodes", { Query: { FreeString: text }, Size: OF_A_KIND }, { signal }),
  });
  const known = useQuery({
    queryKey: ["palette", "known", text], enabled: isAsked && isAdmin, placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.get<Known>(`/a/keycell/admin/find?${new URLSearchParams({ text, most: String(OF_A_KIND) })}`, { signal }),
  });
  const settings = useQuery({
    queryKey: ["settings"], enabled: isAsked && isAdmin, staleTime: FOR_LONG,
    queryFn: ({ signal }) => api.get<{ items: Setting[] }>("/a/keycell/admin/settings", { signal }),
  });
  const pages = usePages(isAdmin);
  const docs = useDocs();
  const names = useKinds();
  const all: Kind[] = [
    { name: names.pages, items: among(pages, text) },
    ...(isAsked && isAdmin ? kindsOf(known.data, names) : []),
    { name: names.files, items: isAsked ? (files.data?.Results ?? []).map(fileOf) : [] },
    { name: names.settings, items: isAsked && isAdmin ? among((settings.data?.items ?? []).map(settingOf), text) : [] },
    { name: names.docs, items: among(docs, text) },
  ];
  const kinds = all.map((kind) => (text === "" ? kind : { ...kind, items: kind.items.slice(0, OF_A_KIND) })).filter((kind) => kind.items.length > 0);
  return { kinds, isWaiting: files.isFetching || known.isFetching, error: known.error ?? files.error };
}

function useKinds() {
  const { t } = useLingui();
  return { pages: t`Pages`, people: t`People`, groups: t`Groups`, applications: t`Applications`, files: t`Files`, settings: t`Settings`, docs: t`Documentation` };
}

function kindsOf(known: Known | undefined, names: ReturnType<typeof useKinds>): Kind[] {
  if (known === undefined) return [];
  return [
    { name: names.people, items: known.people.map((one) => ({
      key: `person ${one.login}`, icon: IconUser, name: one.name || one.login, about: one.email ?? one.login, to: `/admin/people/${encodeURIComponent(one.login)}`,
    })) },
    { name: names.applications, items: known.applications.map((one) => ({
      key: `client ${one.client_id}`, icon: IconApps, name: one.client_name || one.client_id, about: one.client_id, to: `/admin/applications/${encodeURIComponent(one.client_id)}`,
    })) },
    { name: names.groups, items: known.groups.map((one) => ({
      key: `group ${one.path}`, icon: IconUsersGroup, name: one.label || one.path, about: one.path, to: "/admin/groups", search: { group: one.path },
    })) },
  ];
}

function fileOf({ Uuid, Path, Type }: Wire): Item {
  const cut = Path.lastIndexOf("/");
  const isFolder = Type === "COLLECTION";
  const file = isFolder ? { path: Path } : { path: Path.slice(0, cut), item: Path.slice(cut + 1) };
  return { key: Uuid, icon: isFolder ? IconFolder : IconFile, name: Path.slice(cut + 1), about: Path.slice(0, Math.max(0, cut)), to: "", file };
}

function settingOf({ setting, variable, meaning }: Setting): Item {
  return { key: `setting ${setting}`, icon: IconAdjustments, name: setting, about: meaning, also: variable, to: "/admin/settings", search: { search: setting } };
}

function usePages(isAdmin: boolean): Item[] {
  const { t, i18n } = useLingui();
  const of = (at: string, section: string, entries: readonly Entry[]) =>
    entries.map((one) => ({ key: at + one.path, icon: one.icon, name: i18n._(one.label), about: section, to: one.path === "/" ? at : at + one.path }));
  const page = (to: string, name: string) => ({ key: to, icon: IconLayoutSidebar, name, to });
  return [
    page("/files", t`Files`), page("/recent", t`Recent`), page("/apps", t`My apps`), page("/starred", t`Starred`), page("/shared", t`Shared with me`), page("/links", t`Shared by me`), page("/sync", t`Sync`), page("/trash", t`Trash`),
    ...(isAdmin ? [...of("/admin", t`Administration`, ADMIN_MENU), page("/admin/new-application", t`Connect an application`)] : []),
    ...of("/account", t`Account`, ACCOUNT_MENU),
  ];
}

/** Pages that anybody may read. */
function useDocs(): Item[] {
  const { t } = useLingui();
  const doc = (to: string, name: string, about: string) => ({ key: to, icon: IconBook2, name, about, to, isOutside: true });
  return [
    doc("/developers/quickstarts", t`Quickstarts`, t`First steps in several languages, with the values of this server.`),
    doc("/developers/api", t`API reference`, t`Every call, its parameters and its answers.`),
    doc("/developers/changelog", t`Changelog`, t`What became different, and what is deprecated.`),
    doc("/oauth2/errors", t`Error codes`, t`What each means, and how to mend it.`),
    doc("/oidc", t`Issuer`, t`Endpoints, scopes, claims and signing keys, as applications discover them.`),
  ];
}
