/** What this browser keeps of how a list is looked at: which columns, and views by name. */
import { useState } from "react";
import type { Asked } from "./asked";

export interface Column<C extends string> {
  readonly id: C;
  readonly label: string;
}
export interface View<C extends string> {
  readonly name: string;
  readonly asked: Asked;
  readonly columns: readonly C[];
}

const at = (name: string, what: string) => `keycell.${what}.${name}`;

function read(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    // Somebody wrote there who is not us.
    return null;
  }
}

export function kept<C extends string>(name: string): readonly View<C>[] {
  const found = read(at(name, "views"));
  return Array.isArray(found) ? (found as View<C>[]).filter((one) => typeof one?.name === "string" && Array.isArray(one.columns)) : [];
}

export function keep<C extends string>(name: string, views: readonly View<C>[]): void {
  localStorage.setItem(at(name, "views"), JSON.stringify(views));
}

/** Which columns are shown; those that there are none of any more are left out. */
export function useColumns<C extends string>(name: string, all: readonly C[], usual: readonly C[]) {
  const [shown, set] = useState<readonly C[]>(() => {
    const found = read(at(name, "columns"));
    return Array.isArray(found) ? all.filter((one) => found.includes(one)) : usual;
  });
  const show = (columns: readonly C[]) => {
    localStorage.setItem(at(name, "columns"), JSON.stringify(columns));
    set(columns);
  };
  return { shown, show };
}
