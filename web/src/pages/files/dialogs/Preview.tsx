import { ActionIcon, Button, Group, Loader, Modal, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconChevronLeft, IconChevronRight, IconDownload, IconEdit } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useState } from "react";
import { said } from "../../../api";
import { moment, size } from "../../../format";
import { useMayWrite } from "../folder";
import { NodeIcon } from "../NodeIcon";
import { address, download, type Node, readBlob, readText, save, type Version } from "../nodes";
import { isShownAsText, isText, LARGEST_TEXT } from "../text";
import { failed } from "../../../shell/toast";
import { Zip } from "./Zip";
import classes from "./Preview.module.css";

interface Props {
  readonly node: Node;
  /** What it was, where not what it is. */
  readonly version?: Version | undefined;
  readonly files: readonly Node[];
  readonly onShow: (node: Node) => void;
  readonly onEdit: (node: Node) => void;
  readonly onClose: () => void;
}

const Markdown = lazy(() => import("./Markdown").then((found) => ({ default: found.Markdown })));
const LARGEST_PDF = 200 * 10 ** 6;
const SHOWN_PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"]);

/** Look at a file without leaving the folder: nothing of it ever runs. */
export function Preview({ node, version, files, onShow, onEdit, onClose }: Props) {
  const { t } = useLingui();
  const mayWrite = useMayWrite();
  const others = useMemo(() => (version === undefined ? files.filter((one) => !one.isFolder) : []), [files, version]);
  const shown = version === undefined ? node : { ...node, size: version.size, etag: "" };
  const href = address(node.path, version?.version);
  const when = version === undefined ? "" : moment(Date.parse(version.created_at) / 1000);
  const at = others.findIndex((one) => one.id === node.id);
  const [before, after] = [others[at - 1], others[at + 1]];
  useEffect(() => {
    const turn = (event: KeyboardEvent) => {
      const isMedia = event.target instanceof HTMLMediaElement;
      if (event.key === "ArrowLeft" && before !== undefined && !isMedia) onShow(before);
      if (event.key === "ArrowRight" && after !== undefined && !isMedia) onShow(after);
    };
    window.addEventListener("keydown", turn);
    return () => window.removeEventListener("keydown", turn);
  }, [before, after, onShow]);
  return (
    <Modal opened onClose={onClose} title={<><bdi>{node.name}</bdi>{when !== "" && <Text span c="dimmed" size="sm"> · {version?.label || when}</Text>}</>} size="72rem" classNames={{ body: classes.body, content: classes.content, inner: classes.inner }}>
      <div className={classes.stage}>
        <Suspense fallback={<Loader />}>
          <Shown key={href} node={shown} href={href} />
        </Suspense>
      </div>
      <Group justify="space-between" wrap="nowrap" className={classes.foot}>
        <Text size="sm" c="dimmed" className={classes.size}>
          {size(shown.size)}
        </Text>
        <Group gap="xs" wrap="nowrap">
          <ActionIcon
            variant="default"
            size="lg"
            disabled={before === undefined}
            aria-label={t`The one before`}
            onClick={() => before !== undefined && onShow(before)}
          >
            <IconChevronLeft size={18} />
          </ActionIcon>
          <ActionIcon
            variant="default"
            size="lg"
            disabled={after === undefined}
            aria-label={t`The next one`}
            onClick={() => after !== undefined && onShow(after)}
          >
            <IconChevronRight size={18} />
          </ActionIcon>
          {version === undefined && isText(node) && mayWrite(node.path) && (
            <Button variant="default" className={classes.edit} leftSection={<IconEdit size={18} aria-hidden />} onClick={() => onEdit(node)}>
              <Trans>Edit</Trans>
            </Button>
          )}
          <Button leftSection={<IconDownload size={18} />} onClick={() => (version === undefined ? void download([node]).catch(failed) : save(href, node.name))}>
            <Trans>Download</Trans>
          </Button>
        </Group>
      </Group>
    </Modal>
  );
}

interface ShownProps {
  readonly node: Node;
  /** Where its bytes are. */
  readonly href: string;
}

function Shown({ node, href }: ShownProps) {
  const { mime, name } = node;
  const [isBroken, setBroken] = useState(false);
  const seen = { src: href, onError: () => setBroken(true) };
  if (isBroken) return <NotShown node={node}><Trans>This file cannot be shown: it is damaged, or this browser does not know its kind.</Trans></NotShown>;
  if (SHOWN_PICTURES.has(mime)) return <img className={classes.picture} alt={name} {...seen} />;
  // oxlint-disable-next-line jsx-a11y/media-has-caption
  if (mime.startsWith("video/")) return <video className={classes.picture} controls aria-label={name} {...seen} />;
  // oxlint-disable-next-line jsx-a11y/media-has-caption
  if (mime.startsWith("audio/")) return <audio controls aria-label={name} {...seen} />;
  if (mime === "application/pdf" && node.size <= LARGEST_PDF) return <Pdf node={node} href={href} />;
  if (mime === "application/zip" || /\.zip$/i.test(name)) return <Zip node={node} href={href} />;
  if (isShownAsText(node)) return <Words node={node} href={href} />;
  return <NotShown node={node}><Trans>This kind of file is not shown here.</Trans></NotShown>;
}

function NotShown({ node, children }: { node: Node; children: ReactNode }) {
  return (
    <div className={classes.nothing} role="status">
      <NodeIcon node={node} size={72} />
      <Text c="dimmed" ta="center">{children}</Text>
    </div>
  );
}

function Pdf({ node, href }: ShownProps) {
  const found = useQuery({
    queryKey: ["pdf", href, node.changedAt],
    // Given its type by us, whatever it was uploaded as.
    queryFn: ({ signal }) => readBlob(href, "application/pdf", signal),
    gcTime: 0,
  });
  const url = useMemo(() => (found.data === undefined ? null : URL.createObjectURL(found.data)), [found.data]);
  useEffect(() => () => (url === null ? undefined : URL.revokeObjectURL(url)), [url]);
  if (found.error !== null) return <Text c="red">{said(found.error)}</Text>;
  return url === null ? <Loader /> : <iframe className={classes.pdf} src={url} title={node.name} />;
}

function isMarkdown(name: string): boolean {
  return /\.(md|markdown)$/i.test(name);
}

function Words({ node, href }: ShownProps) {
  const found = useQuery({
    queryKey: ["text", href, node.changedAt],
    queryFn: ({ signal }) => (node.size === 0 ? "" : readText(href, LARGEST_TEXT, signal)),
    gcTime: 0,
  });
  if (found.error !== null) return <Text c="red">{said(found.error)}</Text>;
  if (found.data === undefined) return <Loader />;
  return (
    <div className={classes.text} tabIndex={0} role="region" aria-label={node.name}>
      {isMarkdown(node.name) ? <Markdown text={found.data} /> : <pre dir="auto">{found.data}</pre>}
      {node.size > LARGEST_TEXT && (
        <Text c="dimmed" size="sm">
          <Trans>This is only the beginning; download the file for the rest.</Trans>
        </Text>
      )}
    </div>
  );
}
