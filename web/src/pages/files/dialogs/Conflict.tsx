import { Alert, Badge, Button, Group, Stack, Text, VisuallyHidden } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { useMemo } from "react";
import { said } from "../../../api";
import { difference } from "../difference";
import { beside } from "../names";
import { type Node, parentOf, under } from "../nodes";
import { bytesOf, Changed, readWhole, type Text as Content, write } from "../text";
import { done } from "../../../shell/toast";
import classes from "./Editor.module.css";

interface Props {
  readonly node: Node;
  readonly mine: Content;
  /** Null where the file is gone. */
  readonly theirs: Content | null;
  readonly onTheirs: (theirs: Content | null) => void;
  readonly onSettled: (text: Content) => void;
  readonly onChanged: () => Promise<void>;
  readonly onBack: () => void;
  readonly onClose: () => void;
}

const MOST_NAMES = 50;

/** Somebody else changed the file meanwhile: both are shown, and neither is lost whatever is chosen. */
export function Conflict({ node, mine, theirs, onTheirs, onSettled, onChanged, onBack, onClose }: Props) {
  const { t } = useLingui();
  const lines = useMemo(() => (theirs === null ? null : difference(mine.text, theirs.text)), [mine, theirs]);
  const bytes = bytesOf(mine.text, mine.isCrlf);
  const keep = useMutation({
    mutationFn: async () => write(node.path, bytes, node.mime, theirs?.etag ?? null),
    onSuccess: async (etag) => {
      onSettled({ ...mine, etag });
      await onChanged();
      done(<Trans>Saved; the other text is among the versions</Trans>);
    },
    onError: async (error) => {
      if (error instanceof Changed) onTheirs(await readWhole(node.path));
    },
  });
  const both = useMutation({
    mutationFn: () => writeBeside(node, bytes),
    onSuccess: async (name) => {
      await onChanged();
      onClose();
      done(<Trans>Your text is in {name}</Trans>);
    },
  });
  const error = (keep.error instanceof Changed ? null : keep.error) ?? both.error;
  const names = { both: "", mine: t`Yours:`, theirs: t`Theirs:` };
  return (
    <Stack>
      <Alert color="orange" classNames={{ title: classes.warned }} title={<Trans>The file was changed meanwhile</Trans>}>
        {theirs === null ? (
          <Trans>It was moved or deleted. Your text is still here.</Trans>
        ) : (
          <Trans>Somebody saved another text after you opened it. Nothing is lost: choose what the file shall be.</Trans>
        )}
      </Alert>
      {theirs !== null && (
        <Group gap="xs">
          <Badge color="blue" variant="light"><Trans>Yours</Trans></Badge>
          <Badge color="orange" variant="light"><Trans>Theirs</Trans></Badge>
          {lines === null && <Text size="sm"><Trans>They differ too much to be shown line by line.</Trans></Text>}
        </Group>
      )}
      {lines !== null && (
        <div className={classes.lines} tabIndex={0} role="region" aria-label={t`What differs`}>
          {lines.map((line, at) => (
            // oxlint-disable-next-line react/no-array-index-key
            <span key={at} className={classes.line} data-of={line.of} dir="auto">
              {line.of !== "both" && <VisuallyHidden>{names[line.of]} </VisuallyHidden>}
              {line.text}
            </span>
          ))}
        </div>
      )}
      {error !== null && <Alert color="red">{said(error)}</Alert>}
      <Group justify="flex-end">
        <Button variant="subtle" onClick={onBack}>
          <Trans>Back to my text</Trans>
        </Button>
        {theirs !== null && (
          <Button variant="default" onClick={() => onSettled(theirs)}>
            <Trans>Take theirs</Trans>
          </Button>
        )}
        <Button variant="default" loading={keep.isPending} onClick={() => keep.mutate()}>
          <Trans>Keep mine</Trans>
        </Button>
        <Button loading={both.isPending} onClick={() => both.mutate()} data-autofocus>
          <Trans>Keep both</Trans>
        </Button>
      </Group>
    </Stack>
  );
}

/** Write under the first name beside the file's that is free; give it. */
async function writeBeside(node: Node, bytes: string): Promise<string> {
  const taken = new Set<string>();
  for (;;) {
    const name = beside(node.name, taken);
    try {
      await write(under(parentOf(node.path), name), bytes, node.mime, null);
      return name;
    } catch (error) {
      if (!(error instanceof Changed) || taken.size >= MOST_NAMES) throw error;
      taken.add(name.toLowerCase());
    }
  }
}
