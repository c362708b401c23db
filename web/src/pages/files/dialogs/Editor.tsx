import { Alert, Button, Group, Loader, Modal, Text, Textarea } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useEffect, useState } from "react";
import { Offline, said } from "../../../api";
import { Confirm } from "../../../shell/Confirm";
import type { Node } from "../nodes";
import { bytesOf, Changed, NoText, readWhole, type Text as Content, write } from "../text";
import { done } from "../../../shell/toast";
import { Conflict } from "./Conflict";
import classes from "./Editor.module.css";

interface Props {
  readonly node: Node;
  readonly onClose: () => void;
  readonly onChanged: () => Promise<void>;
}

/** Edit a text; it is saved where the file is still what was read, and otherwise both are shown. */
export function Editor({ node, onClose, onChanged }: Props) {
  const { t } = useLingui();
  const found = useQuery({
    queryKey: ["text", node.id, "whole"],
    queryFn: ({ signal }) => readWhole(node.path, signal),
    gcTime: 0,
    staleTime: Infinity,
    retry: (failures, error) => error instanceof Offline && failures < 3,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const gone = t`The file is not there any more: it was moved or deleted.`;
  const odd = t`This file is no plain text in UTF-8 with one kind of line endings. Edited here, more of it would change than you see.`;
  const isOdd = found.error instanceof NoText;
  return found.data ? (
    <Written key={node.id} node={node} read={found.data} onClose={onClose} onChanged={onChanged} />
  ) : (
    <Modal opened onClose={onClose} title={<bdi>{node.name}</bdi>}>
      {found.isPending ? <Loader /> : <Alert color="red">{isOdd ? odd : found.error === null ? gone : said(found.error)}</Alert>}
    </Modal>
  );
}

function Written({ node, read, onClose, onChanged }: Props & { read: Content }) {
  const { t } = useLingui();
  const [base, setBase] = useState(read);
  const [text, setText] = useState(read.text);
  const [theirs, setTheirs] = useState<Content | null | undefined>();
  const [isLeaving, setLeaving] = useState(false);
  const isChanged = text !== base.text;
  const save = useMutation({
    mutationFn: async () => {
      const etag = await write(node.path, bytesOf(text, base.isCrlf), node.mime, base.etag);
      setBase({ ...base, text, etag });
      await onChanged();
    },
    onSuccess: () => done(<Trans>Saved</Trans>),
    onError: async (error) => {
      if (error instanceof Changed) setTheirs(await readWhole(node.path));
    },
  });
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (isChanged) event.preventDefault();
    };
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [isChanged]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "s" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (isChanged && !save.isPending) save.mutate();
  };
  const hasConflict = theirs !== undefined;
  const settled = (next: Content) => {
    setBase(next);
    setText(next.text);
    setTheirs(undefined);
    save.reset();
  };
  return (
    <Modal
      opened
      onClose={() => (isChanged ? setLeaving(true) : onClose())}
      title={<bdi>{node.name}</bdi>}
      size="72rem"
      closeOnClickOutside={!isChanged}
    >
      {hasConflict ? (
        <Conflict
          node={node}
          mine={{ ...base, text }}
          theirs={theirs}
          onTheirs={setTheirs}
          onSettled={settled}
          onChanged={onChanged}
          onBack={() => setTheirs(undefined)}
          onClose={onClose}
        />
      ) : (
        <>
          <Textarea
            aria-label={t`Text of ${node.name}`}
            classNames={{ input: classes.text }}
            value={text}
            dir="auto"
            spellCheck={false}
            data-autofocus
            onChange={(event) => setText(event.currentTarget.value)}
            onKeyDown={onKeyDown}
          />
          {save.error !== null && !(save.error instanceof Changed) && <Alert color="red" mt="sm">{said(save.error)}</Alert>}
          <Group justify="space-between" mt="sm">
            <Text size="sm" c="dimmed" role="status">
              {isChanged ? <Trans>Not saved yet</Trans> : <Trans>All is saved</Trans>}
            </Text>
            <Group gap="xs">
              <Button variant="default" onClick={() => (isChanged ? setLeaving(true) : onClose())}>
                <Trans>Close</Trans>
              </Button>
              <Button disabled={!isChanged} loading={save.isPending} onClick={() => save.mutate()}>
                <Trans>Save</Trans>
              </Button>
            </Group>
          </Group>
        </>
      )}
      {/* Made only then: one that waits would take the very key that opens it for its own. */}
      {isLeaving && (
        <Confirm
          opened
          title={t`Leave without saving?`}
          action={t`Discard my changes`}
          onClose={() => setLeaving(false)}
          onYes={onClose}
        >
          <Trans>What you wrote since the last save will be gone.</Trans>
        </Confirm>
      )}
    </Modal>
  );
}
