/** People, a part at a time: all that are asked for, or those to be chosen from. */
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { api } from "../../api";
import type { Asked } from "./asked";

export interface Person {
  readonly sub: string;
  readonly login: string;
  readonly name: string;
  readonly email: string | null;
  readonly group: string;
  readonly roles: readonly string[];
  readonly is_admin: boolean;
  readonly is_disabled: boolean;
  readonly created_at: string;
  readonly leaves_at: string | null;
  readonly test_of: string | null;
}

interface Part {
  readonly items: Person[];
  readonly next: string | null;
}

/** People in whose login, name, address or group a text stands, a part at a time. */
export function usePeople(wanted: string) {
  const [search] = useDebouncedValue(wanted.trim(), 250);
  return useSought({ search, state: "", group: "", role: "", sort: "", backwards: false });
}

export function useSought({ search, state, group, role, sort, backwards }: Asked) {
  return useInfiniteQuery({
    queryKey: ["people", "list", search, state, group, role, sort, backwards], initialPageParam: "", placeholderData: keepPreviousData,
    queryFn: ({ signal, pageParam }) => api.get<Part>(`/a/keycell/admin/users?${new URLSearchParams({
      search, state, group, role, sort: sort || "login", is_backwards: String(backwards), after: pageParam, most: "100",
    })}`, { signal }),
    getNextPageParam: (last) => last.next ?? undefined,
    select: (data) => data.pages.flatMap((part) => part.items),
  });
}
