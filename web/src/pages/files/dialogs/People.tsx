import { ActionIcon, Alert, Autocomplete, Button, Group, Select, Text, Title } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconX } from "@tabler/icons-react";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { said } from "../../../api";
import { useSession } from "../../../session";
import type { Node } from "../nodes";
import { type Cell, endCell, giveRight, type Reaching, reachedBy, shares, suggested, unshare, type Who } from "../sharing";
import { done, failed } from "../../../shell/toast";
import classes from "./Details.module.css";

const TYPING_MS = 150;
const LEAST = 2;
const EVERYBODY = "root-group";

/** Who can reach this, and by which folder; with a field to let one more in. */
export function People({ node }: { node: Node }) {
  const { sub } = useSession();
  const found = useQuery({ queryKey: ["shares"], queryFn: shares });
  const cell = found.data?.cells.find((one) => one.RootNodes.some((root) => root.Uuid === node.id));
  const rights = useQuery({ queryKey: ["rights", node.id], queryFn: () => reachedBy(node.id), retry: false });
  const people = oneOfEach(rights.data?.items ?? []).filter((one) => one.role !== sub || !one.is_here);
  const links = found.data?.links.filter((link) => link.RootNodes.some((root) => root.Uuid === node.id)).length ?? 0;
  const change = useChanging(node);
  return (
    <section>
      <Title order={2} size="h5" mb="xs">
        <Trans>Who can reach this</Trans>
      </Title>
      {node.isFolder ? (
        <Adding onAdd={(key, who, canWrite) => change(key, canWrite ? "write" : "read", null, who)} />
      ) : (
        <Text size="sm" c="dimmed">
          <Trans>People are let into folders: share the folder that this lies in, or make a link.</Trans>
        </Text>
      )}
      <ul className={classes.versions}>
        {people.map((one) => (
          <Reacher
            key={`${one.role} ${one.through}`}
            one={one}
            cell={one.is_here ? cell : undefined}
            onChange={(may) => change(one.role, may, one.may, one)}
          />
        ))}
        {links > 0 && (
          <li className={classes.version}>
            <Text size="sm">
              <Trans>Whoever has a link</Trans>
            </Text>
          </li>
        )}
      </ul>
      {rights.data?.is_all === false && (
        <Text size="xs" c="dimmed" mt={6}>
          <Trans>Others may reach it by folders above, which you do not see.</Trans>
        </Text>
      )}
    </section>
  );
}

/** Who may write may read as well: said once. */
function oneOfEach(items: readonly Reaching[]): readonly Reaching[] {
  const found = new Map<string, Reaching>();
  for (const one of items) {
    const key = `${one.role} ${one.through}`;
    const other = found.get(key);
    if (other === undefined || one.may === "deny" || (one.may === "write" && other.may === "read")) found.set(key, one);
  }
  return [...found.values()];
}

type May = "read" | "write" | null;

/** Gives what changes one's right in a cell; with a way back, and a word of what was done. */
function useChanging(node: Node) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const { sub } = useSession();
  const again = async () => {
    await Promise.all(["shares", "rights", "spaces"].map((key) => queries.invalidateQueries({ queryKey: [key] })));
  };
  const put = async (key: string, may: May, who: Who | undefined) => {
    const cells = (await shares()).cells;
    const cell = cells.find((one) => one.RootNodes.some((root) => root.Uuid === node.id));
    if (may !== null) await giveRight(node, cell, key, may === "write", who);
    else if (cell !== undefined) {
      // Somebody who was typed is known by their login alone.
      const role = Object.entries(cell.ACLs).find(([one, member]) => one === key || member.User?.Login === key)?.[0] ?? key;
      const others = Object.keys(cell.ACLs).filter((one) => one !== role && one !== sub);
      await (others.length === 0 ? endCell(cell) : unshare(node, cell, role));
    }
    await again();
  };
  return async (key: string, may: May, before: Reaching["may"] | null, who?: Who) => {
    await put(key, may, who);
    const name = who?.name ?? key;
    const role = who?.role ?? key;
    const back = before === "deny" ? null : before;
    done(may === null ? <Trans>No longer shared with {name}</Trans> : <Trans>Shared with {name}</Trans>, {
      label: t`Undo`,
      run: () => put(role, back, who),
    });
  };
}

interface AddingProps {
  readonly onAdd: (key: string, who: Who | undefined, canWrite: boolean) => Promise<void>;
}

function Adding({ onAdd }: AddingProps) {
  const { t } = useLingui();
  const [typed, setTyped] = useState("");
  const [may, setMay] = useState("read");
  const [text, setText] = useState("");
  useEffect(() => {
    const rest = setTimeout(() => setText(typed.trim()), TYPING_MS);
    return () => clearTimeout(rest);
  }, [typed]);
  const found = useQuery({
    queryKey: ["suggested", text],
    queryFn: () => suggested(text),
    enabled: text.length >= LEAST,
    placeholderData: keepPreviousData,
  });
  const known = text.length < LEAST ? [] : (found.data ?? []);
  const keyOf = (one: Who) => one.login ?? one.role;
  const add = useMutation({
    mutationFn: async () => {
      const key = typed.trim();
      const who = known.find((one) => keyOf(one) === key);
      await onAdd(who?.role ?? key, who, may === "write");
      setTyped("");
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typed.trim() !== "") add.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Group align="flex-end" gap="xs">
        <Autocomplete
          flex={1}
          miw="12rem"
          label={t`Name or login`}
          value={typed}
          onChange={setTyped}
          data={known.map(keyOf)}
          filter={({ options }) => options}
          maxDropdownHeight={260}
          renderOption={({ option }) => {
            const one = known.find((other) => keyOf(other) === option.value);
            return (
              <div>
                <Text size="sm">
                  <bdi>{one?.name ?? option.value}</bdi>
                </Text>
                <Text size="xs" c="dimmed">
                  {one?.kind === "group" && `${t`Group`} `}
                  <bdi>{option.value}</bdi>
                </Text>
              </div>
            );
          }}
        />
        <Select
          label={t`May`}
          w={130}
          allowDeselect={false}
          value={may}
          onChange={(value) => setMay(value ?? "read")}
          data={[
            { value: "read", label: t`look` },
            { value: "write", label: t`change` },
          ]}
        />
        <Button type="submit" loading={add.isPending}>
          <Trans>Share</Trans>
        </Button>
      </Group>
      {add.error !== null && (
        <Alert color="red" mt="sm">
          {said(add.error)}
        </Alert>
      )}
    </form>
  );
}

interface ReacherProps {
  readonly one: Reaching;
  /** The cell in which their right may be changed here. */
  readonly cell: Cell | undefined;
  readonly onChange: (may: May) => Promise<void>;
}

function Reacher({ one, cell, onChange }: ReacherProps) {
  const { t } = useLingui();
  const { sub } = useSession();
  const who = one.role === EVERYBODY ? t`Everybody` : one.name;
  const words = { read: t`look`, write: t`change`, deny: t`shut out` };
  const through = one.through;
  return (
    <li className={classes.version}>
      <div style={{ minWidth: 0 }}>
        <Text size="sm">
          <bdi>{who}</bdi> {one.role === sub && `(${t`you`})`}
        </Text>
        <Text size="xs" c="dimmed">
          {one.kind === "group" && `${t`Group`} · `}
          {one.is_here ? words[one.may] : `${words[one.may]} · ${t`by way of ${through}`}`}
        </Text>
      </div>
      {cell !== undefined && one.may !== "deny" && (
        <Group gap={4} wrap="nowrap">
          <Select
            aria-label={t`What ${who} may do`}
            size="xs"
            w={110}
            allowDeselect={false}
            value={one.may}
            onChange={(value) => void onChange(value === "write" ? "write" : "read").catch(failed)}
            data={[
              { value: "read", label: t`look` },
              { value: "write", label: t`change` },
            ]}
          />
          <ActionIcon variant="subtle" color="gray" aria-label={t`Stop sharing with ${who}`} onClick={() => void onChange(null).catch(failed)}>
            <IconX size={16} />
          </ActionIcon>
        </Group>
      )}
    </li>
  );
}
