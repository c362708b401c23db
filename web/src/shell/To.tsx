import { Link, useNavigate } from "@tanstack/react-router";
import type { ComponentProps } from "react";

type Search = Readonly<Record<string, string | undefined>>;
type Given = Omit<ComponentProps<"a">, "href"> & { to: string; search?: Search };

/** A link to a page of a section: these are a table, whose addresses the router's types do not know. */
export function To({ to, search, ...rest }: Given) {
  return <Link className="k-link" {...rest} to={to as "/"} search={(search ?? {}) as never} />;
}

export function useGo(): (to: string, search?: Search) => void {
  const navigate = useNavigate();
  return (to, search = {}) => void navigate({ to: to as "/", search: search as never, replace: Object.keys(search).length > 0 });
}
