import { useNavigate, useSearch } from "@tanstack/react-router";
import { useDebouncedCallback } from "@mantine/hooks";
import { useState } from "react";

export interface Asked {
  readonly search: string;
  readonly state: string;
  /** Of people: who is in it, or in one below. */
  readonly group: string;
  readonly role: string;
  readonly sort: string;
  readonly backwards: boolean;
}

/** What a list is asked for, which stands in the address: it can be sent to somebody, and going back finds it again. */
export function useAsked() {
  const found = useSearch({ strict: false }) as Record<string, unknown>;
  const navigate = useNavigate();
  const asked: Asked = {
    search: text(found.search), state: text(found.state), group: text(found.group), role: text(found.role), sort: text(found.sort), backwards: text(found.backwards) === "1",
  };
  const [typed, show] = useState(asked.search);
  const change = (more: Partial<Asked>) => {
    const next = { ...asked, ...more };
    const search = {
      search: next.search || undefined, state: next.state || undefined, group: next.group || undefined, role: next.role || undefined, sort: next.sort || undefined, backwards: next.backwards ? 1 : undefined,
    };
    void navigate({ to: ".", search: search as never, replace: true, resetScroll: false });
  };
  const settle = useDebouncedCallback((search: string) => change({ search: search.trim() }), 250);
  const setTyped = (search: string) => {
    show(search);
    settle(search);
  };
  return { asked, change, typed, setTyped };
}

function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
