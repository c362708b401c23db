import { Alert, Button, Group, Text, Textarea, Title } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Fragment, useRef, useState } from "react";
import { said } from "../../../api";
import { When } from "../../../shell/Page";
import { addComment, type Comment, comments, removeComment } from "../comments";
import { named, namingAt, parted } from "../naming";
import type { Node } from "../nodes";
import { suggested } from "../sharing";
import classes from "./Details.module.css";

const LONGEST = 4000;
const ASKED_EVERY_MS = 15_000;

/** What people say to each other of it: everybody sees it who sees the file. */
export function Comments({ node }: { node: Node }) {
  const key = ["comments", node.id];
  const queries = useQueryClient();
  const found = useQuery({ queryKey: key, queryFn: ({ signal }) => comments(node.id, signal), refetchInterval: ASKED_EVERY_MS });
  const again = () => queries.invalidateQueries({ queryKey: key });
  const { t } = useLingui();
  const remove = useMutation({ mutationFn: (one: Comment) => removeComment(node.id, one.id), onSettled: again });
  return (
    <section aria-label={t`Comments`}>
      <Title order={2} size="h5" mb="xs">
        <Trans>Comments</Trans>
      </Title>
      {found.error !== null && <Alert color="red">{said(found.error)}</Alert>}
      <ul className={classes.versions} aria-live="polite">
        {found.data?.items.map((one) => (
          <li key={one.id} className={classes.happening}>
            <Group justify="space-between" wrap="nowrap" align="baseline" gap="xs">
              <Text size="xs" c="dimmed">
                {one.by === "" ? <Trans>Somebody who is gone</Trans> : <bdi>{one.by}</bdi>}
                {" · "}
                <When at={one.at} />
              </Text>
              {one.may_remove && (
                <Button variant="subtle" color="gray" size="compact-xs" aria-describedby={`said-${one.id}`} loading={remove.isPending && remove.variables === one} onClick={() => remove.mutate(one)}>
                  <Trans>Remove</Trans>
                </Button>
              )}
            </Group>
            <Text id={`said-${one.id}`} size="sm" dir="auto" className={classes.said}>
              {parted(one.said).map((part, at) => (at % 2 === 1 ? <b key={at}>{part}</b> : <Fragment key={at}>{part}</Fragment>))}
            </Text>
          </li>
        ))}
      </ul>
      {remove.error !== null && <Alert color="red">{said(remove.error)}</Alert>}
      {found.data?.may_say === true && <Saying node={node} onSaid={again} />}
    </section>
  );
}

/** A field for one more; after an @ it offers whom one may mean. */
function Saying({ node, onSaid }: { node: Node; onSaid: () => Promise<void> }) {
  const { t } = useLingui();
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState("");
  const [caret, setCaret] = useState(0);
  const naming = namingAt(text, caret);
  const found = useQuery({
    queryKey: ["suggested", naming],
    queryFn: () => suggested(naming ?? ""),
    enabled: naming !== null && naming.length > 1,
    staleTime: 60_000,
  });
  const people = naming === null ? [] : (found.data ?? []).flatMap((one) => (one.login === undefined ? [] : [{ ...one, login: one.login }]));
  const add = useMutation({
    mutationFn: () => addComment(node.id, text.trim()),
    onSuccess: async () => {
      setText("");
      await onSaid();
    },
  });
  const send = () => {
    if (text.trim() !== "" && !add.isPending) add.mutate();
  };
  return (
    <form
      className={classes.saying}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Textarea
        ref={field}
        label={t`Write a comment`}
        description={t`Everybody who sees this reads it. @ and a login names somebody, who gets a letter.`}
        autosize
        minRows={2}
        maxRows={8}
        maxLength={LONGEST}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setCaret(event.currentTarget.selectionStart);
        }}
        onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
        }}
      />
      {people.length > 0 && (
        <Group gap={6} role="group" aria-label={t`Name somebody`}>
          {people.map((one) => (
            <Button
              key={one.role}
              variant="default"
              size="compact-sm"
              onClick={() => {
                const next = named(text, caret, one.login);
                setText(next.text);
                setCaret(next.caret);
                field.current?.focus();
              }}
            >
              <bdi>{one.name}</bdi>
            </Button>
          ))}
        </Group>
      )}
      {add.error !== null && <Alert color="red">{said(add.error)}</Alert>}
      <Group justify="flex-end">
        <Button type="submit" size="compact-sm" disabled={text.trim() === ""} loading={add.isPending}>
          <Trans>Comment</Trans>
        </Button>
      </Group>
    </form>
  );
}
