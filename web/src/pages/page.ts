import type { MessageDescriptor } from "@lingui/core";
import type { Icon } from "@tabler/icons-react";
import type { ComponentType } from "react";

/** A page of a section: where it is, what the menu calls it, and what is loaded for it. */
export interface Page {
  /** Below the section; "/" is the section's own. */
  readonly path: string;
  readonly label: MessageDescriptor;
  readonly icon: Icon;
  /** The module's default export is the page. */
  readonly load: () => Promise<{ default: ComponentType }>;
  /** Not in the menu: a page about one thing, reached from a list. */
  readonly isHidden?: boolean;
}
