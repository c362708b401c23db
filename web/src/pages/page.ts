import type { MessageDescriptor } from "@lingui/core";
import type { Icon } from "@tabler/icons-react";
import type { ComponentType } from "react";
import type { Part } from "../i18n";

/** A page of a section: where it is, and what is loaded for it. */
export interface Page {
  /** Below the section; "/" is the section's own. */
  readonly path: string;
  /** The module's default export is the page. */
  readonly load: () => Promise<{ default: ComponentType }>;
  /** Words of its own beyond those of the section. */
  readonly words?: Part;
}

/** What the menu of a section calls a page. Pages about one thing, reached from a list, are in none. */
export interface Entry {
  readonly path: string;
  /** Another page that is found under this one. */
  readonly also?: string;
  readonly label: MessageDescriptor;
  readonly icon: Icon;
}
