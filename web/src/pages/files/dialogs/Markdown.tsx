import { Anchor } from "@mantine/core";
import type { ReactNode } from "react";
import Renderer from "markdown-to-jsx/react";

const SAFE = /^(https?:|mailto:|#)/i;

/** Leads where it says, in a tab of its own that knows nothing of ours; to anything else, nowhere. */
function Away({ href = "", children }: { href?: string; children?: ReactNode }) {
  return SAFE.test(href) ? (
    <Anchor href={href} target="_blank" rel="noopener noreferrer" underline="always">
      {children}
    </Anchor>
  ) : (
    <span>{children}</span>
  );
}

/** A picture's words: fetching it would tell its server who reads. */
function Words({ alt = "" }: { alt?: string }) {
  return <em>{alt}</em>;
}

const OPTIONS = { disableParsingRawHTML: true, forceBlock: true, overrides: { a: { component: Away }, img: { component: Words } } };

/** Markdown as headings, lists and tables; what is HTML in it stays text. */
export function Markdown({ text }: { text: string }) {
  return <Renderer options={OPTIONS}>{text}</Renderer>;
}
