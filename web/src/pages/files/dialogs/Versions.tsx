import { ActionIcon, Alert, Badge, Button, Group, Loader, Menu, Modal, Stack, Text, TextInput, Title } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconDots, IconDownload, IconEye, IconPencil, IconPin, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { said } from "../../../api";
import { moment, size } from "../../../format";
import { Confirm } from "../../../shell/Confirm";
import { done } from "../../../shell/toast";
import { useMayWrite } from "../folder";
import { address, bringBack, deleteVersion, markVersion, type Node, type Version, versions } from "../nodes";
import classes from "./Details.module.css";

const LONGEST_LABEL = 200;

interface Props {
  readonly node: Node;
  readonly onLook: (version: Version) => void;
  readonly onChanged: () => Promise<void>;
}

function whenOf(version: Version): string {
  return moment(Date.parse(version.created_at) / 1000);
}

/** What a file was: who wrote it and when, what people call it, and how to have it back. */
export function Versions({ node, onLook, onChanged }: Props) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const found = useQuery({ queryKey: ["versions", node.id], queryFn: () => versions(node.id) });
  const again = () => queries.invalidateQueries({ queryKey: ["versions", node.id] });
  const back = useMutation({
    mutationFn: (version: Version) => bringBack(node.id, version.version),
    onSuccess: async () => {
      await again();
      await onChanged();
      done(<Trans>The earlier version is the current one again</Trans>);
    },
  });
  const change = useMutation({ mutationFn: (act: () => Promise<unknown>) => act(), onSuccess: again });
  const mayWrite = useMayWrite()(node.path);
  const [ending, setEnding] = useState<Version | null>(null);
  const [naming, setNaming] = useState<Version | null>(null);
  const error = found.error ?? back.error ?? change.error;
  const acts = (one: Version): Acts => ({
    look: () => onLook(one),
    ...(mayWrite && {
      restore: () => back.mutate(one),
      name: () => setNaming(one),
      pin: () => change.mutate(() => markVersion(node.id, one.version, { is_pinned: !one.is_pinned })),
      end: () => setEnding(one),
    }),
  });
  return (
    <section>
      <Title order={2} size="h5" mb="xs">
        <Trans>Versions</Trans>
      </Title>
      {found.isPending && <Loader size="sm" />}
      {error !== null && <Alert color="red">{said(error)}</Alert>}
      <ul className={classes.versions} aria-label={t`Versions`}>
        {found.data?.map((one) => (
          <li key={one.version} className={classes.version}>
            <About one={one} />
            <VersionMenu node={node} one={one} acts={acts(one)} />
          </li>
        ))}
      </ul>
      {naming !== null && <Naming node={node} one={naming} onClose={() => setNaming(null)} onChanged={again} />}
      <Confirm
        opened={ending !== null}
        title={t`Delete for good?`}
        action={t`Delete for good`}
        onClose={() => setEnding(null)}
        onYes={() => ending !== null && change.mutate(() => deleteVersion(node.id, ending.version))}
      >
        <Trans>This version will be gone; the others stay.</Trans>
      </Confirm>
    </section>
  );
}

function About({ one }: { one: Version }) {
  const { t } = useLingui();
  const facts = [one.label === "" ? "" : whenOf(one), size(one.size), one.created_by_name, one.is_pinned ? t`kept for good` : ""];
  return (
    <div style={{ minWidth: 0 }}>
      <Text size="sm" fw={one.label === "" ? undefined : 600} truncate title={one.label}>
        <bdi>{one.label || whenOf(one)}</bdi>
      </Text>
      <Text size="xs" c="dimmed">
        {facts.filter((fact) => fact !== "").map((fact, at) => (
          <span key={fact}>
            {at > 0 && " · "}
            <bdi>{fact}</bdi>
          </span>
        ))}
      </Text>
    </div>
  );
}

/** Absent is what the person may not do. */
interface Acts {
  readonly look: () => void;
  readonly restore?: () => void;
  readonly name?: () => void;
  readonly pin?: () => void;
  readonly end?: () => void;
}

function VersionMenu({ node, one, acts }: { node: Node; one: Version; acts: Acts }) {
  const { t } = useLingui();
  const when = one.label || whenOf(one);
  return (
    <Group gap={4} wrap="nowrap">
      {one.is_current && (
        <Badge variant="light">
          <Trans>Current</Trans>
        </Badge>
      )}
      {!one.is_current && acts.restore !== undefined && (
        <Button variant="light" size="compact-sm" onClick={acts.restore}>
          <Trans>Restore</Trans>
        </Button>
      )}
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={t`More: ${when}`}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconEye size={16} aria-hidden />} onClick={acts.look}>
            <Trans>Look</Trans>
          </Menu.Item>
          <Menu.Item component="a" href={address(node.path, one.version)} download={node.name} leftSection={<IconDownload size={16} aria-hidden />}>
            <Trans>Download</Trans>
          </Menu.Item>
          {acts.name !== undefined && (
            <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={acts.name}>
              <Trans>Give a name</Trans>
            </Menu.Item>
          )}
          {!one.is_current && acts.pin !== undefined && (
            <Menu.Item leftSection={<IconPin size={16} aria-hidden />} onClick={acts.pin}>
              {one.is_pinned ? <Trans>Keep no longer than others</Trans> : <Trans>Keep for good</Trans>}
            </Menu.Item>
          )}
          {!one.is_current && acts.end !== undefined && (
            <Menu.Item color="red" leftSection={<IconTrash size={16} aria-hidden />} onClick={acts.end}>
              <Trans>Delete</Trans>
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}

interface NamingProps {
  readonly node: Node;
  readonly one: Version;
  readonly onClose: () => void;
  readonly onChanged: () => Promise<void>;
}

/** What somebody gives a name to they want to find again: it is kept for good. */
function Naming({ node, one, onClose, onChanged }: NamingProps) {
  const { t } = useLingui();
  const [label, setLabel] = useState(one.label);
  const save = useMutation({
    mutationFn: (text: string) => markVersion(node.id, one.version, text === "" ? { label: "" } : { label: text, is_pinned: true }),
    onSuccess: async () => {
      await onChanged();
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(label.trim());
  };
  return (
    <Modal opened onClose={onClose} title={t`Give a name`}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label={t`Name of this version`}
            description={t`A version that has a name is kept for good.`}
            value={label}
            maxLength={LONGEST_LABEL}
            data-autofocus
            onChange={(event) => setLabel(event.currentTarget.value)}
            error={save.error === null ? null : said(save.error)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              <Trans>Cancel</Trans>
            </Button>
            <Button type="submit" loading={save.isPending}>
              <Trans>Save</Trans>
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
