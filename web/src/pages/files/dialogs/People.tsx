import { ActionIcon, Alert, Badge, Button, Group, Select, Text, Textarea, Title } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconArrowBackUp, IconX } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { said } from "../../../api";
import { day } from "../../../format";
import { useSession } from "../../../session";
import { done } from "../../../shell/toast";
import type { Node } from "../nodes";
import { type Line, linesOf, type May, NO_WISHES, oneOfEach, saveRights, undone, type Wishes, wished } from "../rights";
import { reachedBy, shares, type Who } from "../sharing";
import { Adding } from "./Adding";
import classes from "./Details.module.css";

const EVERYBODY = "root-group";
const LONGEST_NOTE = 2000;

interface Props {
  readonly node: Node;
  /** Something is wanted that is not saved. */
  readonly onWish: (isWished: boolean) => void;
}

/** Who can reach this, and by what; what is changed there is so once it is saved. */
export function People({ node, onWish }: Props) {
  const { sub } = useSession();
  const queries = useQueryClient();
  const found = useQuery({ queryKey: ["shares"], queryFn: shares });
  const cell = found.data?.cells.find((one) => one.RootNodes.some((root) => root.Uuid === node.id));
  const rights = useQuery({ queryKey: ["rights", node.id], queryFn: () => reachedBy(node.id), retry: false });
  const items = rights.data?.items ?? [];
  const [wishes, setWishes] = useState<Wishes>(NO_WISHES);
  const [note, setNote] = useState<string | null>(null);
  const written = cell?.Description ?? "";
  const isWished = wishes.size > 0 || (note !== null && note !== written);
  const again = () => Promise.all(["shares", "rights", "spaces"].map((key) => queries.invalidateQueries({ queryKey: [key] })));
  const want = (next: Wishes, text: string | null) => {
    setWishes(next);
    setNote(text);
    onWish(next.size > 0 || (text !== null && text !== written));
  };
  const { t } = useLingui();
  const save = useMutation({
    mutationFn: () => saveRights(node, sub, wishes, note ?? written),
    onSuccess: async () => {
      const back = undone(items, wishes);
      await again();
      want(NO_WISHES, null);
      done(<Trans>Saved who can reach this</Trans>, {
        label: t`Undo`,
        run: async () => {
          await saveRights(node, sub, back, written);
          await again();
        },
      });
    },
  });
  const wish = (role: string, may: May, who: Who | undefined, until: number) => {
    const before = oneOfEach(items).find((one) => one.is_here && one.role === role);
    want(wished(wishes, role, { who, may, until }, before), note);
  };
  const lines = linesOf(items, wishes).filter(({ one }) => one.role !== sub || !one.is_here);
  const isShared = lines.some(({ one, may }) => one.is_here && one.kind !== "link" && may !== null);
  return (
    <section>
      <Title order={2} size="h5" mb="xs">
        <Trans>Who can reach this</Trans>
      </Title>
      {node.isFolder ? (
        <Adding onAdd={wish} />
      ) : (
        <Text size="sm" c="dimmed">
          <Trans>People are let into folders: share the folder that this lies in, or make a link.</Trans>
        </Text>
      )}
      <ul className={classes.versions}>
        {lines.map((line) => (
          <Reacher key={line.key} line={line} mayChange={cell !== undefined || line.isWished} onChange={wish} />
        ))}
      </ul>
      {rights.data?.is_all === false && (
        <Text size="xs" c="dimmed" mt={6}>
          <Trans>Others may reach it by folders above, which you do not see.</Trans>
        </Text>
      )}
      {node.isFolder && isShared && (
        <Textarea
          mt="xs"
          autosize
          minRows={1}
          maxLength={LONGEST_NOTE}
          label={t`Note for those who are in it`}
          value={note ?? written}
          onChange={(event) => want(wishes, event.currentTarget.value)}
        />
      )}
      {save.error !== null && (
        <Alert color="red" mt="sm">
          {said(save.error)}
        </Alert>
      )}
      {isWished && (
        <Group justify="space-between" mt="sm" className={classes.save}>
          <Text size="sm" role="status">
            <Trans>Not saved yet</Trans>
          </Text>
          <Group gap="xs">
            <Button variant="default" onClick={() => want(NO_WISHES, null)}>
              <Trans>Discard</Trans>
            </Button>
            <Button id="save-rights" loading={save.isPending} onClick={() => save.mutate()}>
              <Trans>Save</Trans>
            </Button>
          </Group>
        </Group>
      )}
    </section>
  );
}

interface ReacherProps {
  readonly line: Line;
  readonly mayChange: boolean;
  readonly onChange: (role: string, may: May, who: Who, until: number) => void;
}

/** Somebody who can reach it, and by what. */
export function Reacher({ line, mayChange, onChange }: ReacherProps) {
  const { t } = useLingui();
  const { sub } = useSession();
  const { one, may, until, isWished } = line;
  const { through } = one;
  const who = one.role === EVERYBODY ? t`Everybody` : one.name;
  const words = { read: t`look`, write: t`change`, deny: t`shut out` };
  const facts = [
    one.kind === "group" && t`Group`,
    one.kind === "link" && t`Whoever has the link of ${one.by}`,
    may === null ? t`no longer` : words[may],
    may !== null && until !== 0 && t`until ${day(until)}`,
    !one.is_here && t`by way of ${through}`,
  ].filter((fact) => fact !== false);
  const change = (next: May) => one.kind !== "link" && onChange(one.role, next, { ...one, name: who }, until);
  return (
    <li className={classes.version}>
      <div style={{ minWidth: 0 }}>
        <Text size="sm" td={may === null ? "line-through" : undefined}>
          <bdi>{who}</bdi> {one.role === sub && `(${t`you`})`}{" "}
          {isWished && (
            <Badge size="xs" variant="light">
              <Trans>Not saved yet</Trans>
            </Badge>
          )}
        </Text>
        <Text size="xs" c="dimmed">
          {facts.join(" · ")}
        </Text>
      </div>
      {mayChange && one.is_here && one.kind !== "link" && may !== "deny" && (
        <Group gap={4} wrap="nowrap">
          {may === null ? (
            <ActionIcon variant="subtle" color="gray" aria-label={t`Go on sharing with ${who}`} onClick={() => change("may" in one && one.may !== "deny" ? one.may : "read")}>
              <IconArrowBackUp size={16} />
            </ActionIcon>
          ) : (
            <>
              <Select
                aria-label={t`What ${who} may do`}
                size="xs"
                w={110}
                allowDeselect={false}
                value={may}
                onChange={(value) => change(value === "write" ? "write" : "read")}
                data={[
                  { value: "read", label: t`look` },
                  { value: "write", label: t`change` },
                ]}
              />
              <ActionIcon variant="subtle" color="gray" aria-label={t`Stop sharing with ${who}`} onClick={() => change(null)}>
                <IconX size={16} />
              </ActionIcon>
            </>
          )}
        </Group>
      )}
    </li>
  );
}
