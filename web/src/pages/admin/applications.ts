/** Applications, to be chosen from: those in whose name, identifier or address a text stands, and their names. */
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { api } from "../../api";
import type { Client } from "./ClientsPage";

interface Choice {
  readonly value: string;
  readonly label: string;
}

const byId = (id: string) => `/a/keycell/admin/clients/${encodeURIComponent(id)}`;

/** What may be chosen: what is found, and what is chosen already, each once. */
export function useApplications(wanted: string, chosen: readonly string[]): Choice[] {
  const [search] = useDebouncedValue(wanted.trim(), 250);
  const found = useQuery({
    queryKey: ["clients", "found", search], placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.get<{ items: Client[] }>(`/a/keycell/admin/clients?${new URLSearchParams({ search, most: "50" })}`, { signal }),
  });
  const named = useQueries({
    queries: chosen.map((id) => ({ queryKey: ["clients", id], queryFn: ({ signal }: { signal: AbortSignal }) => api.get<Client>(byId(id), { signal }) })),
  });
  const names = new Map<string, string>();
  for (const [index, id] of chosen.entries()) names.set(id, named[index]?.data?.client_name || id);
  for (const one of found.data?.items ?? []) names.set(one.client_id, one.client_name || one.client_id);
  return [...names].map(([value, label]) => ({ value, label }));
}
