import {
  IconFile, IconFileMusic, IconFileText, IconFileTypePdf, IconFileZip, IconFolderFilled, IconMovie, IconPhoto,
} from "@tabler/icons-react";
import type { Node } from "./nodes";

/** What kind of thing it is, at a glance; the row says it in words. */
export function NodeIcon({ node, size = 22 }: { node: Pick<Node, "isFolder" | "mime" | "name">; size?: number }) {
  const props = { size, stroke: 1.6, "aria-hidden": true } as const;
  if (node.isFolder) return <IconFolderFilled {...props} color="var(--mantine-primary-color-5)" />;
  if (node.mime.startsWith("image/")) return <IconPhoto {...props} color="var(--mantine-color-teal-6)" />;
  if (node.mime.startsWith("video/")) return <IconMovie {...props} color="var(--mantine-color-grape-5)" />;
  if (node.mime.startsWith("audio/")) return <IconFileMusic {...props} color="var(--mantine-color-orange-5)" />;
  if (node.mime === "application/pdf") return <IconFileTypePdf {...props} color="var(--mantine-color-red-6)" />;
  if (/zip|tar|compressed/.test(node.mime) || /\.(zip|tar|gz|xz|bz2|7z|rar)$/i.test(node.name)) return <IconFileZip {...props} color="var(--mantine-color-yellow-6)" />;
  if (node.mime.startsWith("text/") || /\.(txt|md|json|ya?ml|py|ts|csv|docx?|odt|rtf)$/i.test(node.name))
    return <IconFileText {...props} color="var(--mantine-color-gray-6)" />;
  return <IconFile {...props} color="var(--mantine-color-gray-6)" />;
}
