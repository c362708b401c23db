import { ActionIcon, Button, Group, Loader, Modal, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconChevronLeft, IconChevronRight, IconDownload, IconEdit } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useMemo } from "react";
import { said } from "../../../api";
import { size } from "../../../format";
import { useMayWrite } from "../folder";
import { NodeIcon } from "../NodeIcon";
import { address, download, type Node, readBlob, readText } from "../nodes";
import { isShownAsText, isText, LARGEST_TEXT } from "../text";
import { failed } from "../../../shell/toast";
import { Zip } from "./Zip";
import classes from "./Preview.module.css";

interface Props {
  readonly node: Node;
  readonly files: readonly Node[];
  readonly onShow: (node: Node) => void;
  readonly onEdit: (node: Node) => void;
  readonly onClose: () => void;
}

const Markdown = lazy(() => import("./Markdown").then((found) => ({ default: found.Markdown })));
const LARGEST_PDF = 200 * 10 ** 6;
const SHOWN_PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"]);

/** Look at a file without leaving the folder: nothing of it ever runs. */
export function Preview({ node, files, onShow, onEdit, onClose }: Props) {
  const { t } = useLingui();
  const mayWrite = useMayWrite();
  const others = useMemo(() => files.filter((one) => !one.isFolder), [files]);
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
    <Modal opened onClose={onClose} title={<bdi>{node.name}</bdi>} size="72rem" classNames={{ body: classes.body, content: classes.content, inner: classes.inner }}>
      <div className={classes.stage}>
        <Suspense fallback={<Loader />}>
          <Shown key={node.id} node={node} />
        </Suspense>
      </div>
      <Group justify="space-between" wrap="nowrap" className={classes.foot}>
        <Text size="sm" c="dimmed" className={classes.size}>
          {size(node.size)}
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
          {isText(node) && mayWrite(node.path) && (
            <Button variant="default" className={classes.edit} leftSection={<IconEdit size={18} aria-hidden />} onClick={() => onEdit(node)}>
              <Trans>Edit</Trans>
            </Button>
          )}
          <Button leftSection={<IconDownload size={18} />} onClick={() => void download([node]).catch(failed)}>
            <Trans>Download</Trans>
          </Button>
        </Group>
      </Group>
    </Modal>
  );
}

function Shown({ node }: { node: Node }) {
  const { mime, name } = node;
  if (SHOWN_PICTURES.has(mime)) return <img className={classes.picture} src={address(node.path)} alt={name} />;
  // oxlint-disable-next-line jsx-a11y/media-has-caption
  if (mime.startsWith("video/")) return <video className={classes.picture} src={address(node.path)} controls aria-label={name} />;
  // oxlint-disable-next-line jsx-a11y/media-has-caption
  if (mime.startsWith("audio/")) return <audio src={address(node.path)} controls aria-label={name} />;
  if (mime === "application/pdf" && node.size <= LARGEST_PDF) return <Pdf node={node} />;
  if (mime === "application/zip" || /\.zip$/i.test(name)) return <Zip node={node} />;
  if (isShownAsText(node)) return <Words node={node} />;
  return (
    <div className={classes.nothing}>
      <NodeIcon node={node} size={72} />
      <Text c="dimmed">
        <Trans>This kind of file is not shown here.</Trans>
      </Text>
    </div>
  );
}

function Pdf({ node }: { node: Node }) {
  const found = useQuery({
    queryKey: ["pdf", node.id, node.changedAt],
    // Given its type by us, whatever it was uploaded as.
    queryFn: ({ signal }) => readBlob(node.path, "application/pdf", signal),
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

function Words({ node }: { node: Node }) {
  const found = useQuery({
    queryKey: ["text", node.id, node.changedAt],
    queryFn: ({ signal }) => (node.size === 0 ? "" : readText(node.path, LARGEST_TEXT, signal)),
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
