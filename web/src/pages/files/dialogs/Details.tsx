import { ActionIcon, Alert, Badge, Button, Drawer, Group, Loader, Menu, Stack, Text, Title } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconDots, IconDownload, IconEye, IconPin, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { said } from "../../../api";
import { moment, size } from "../../../format";
import { Confirm } from "../../../shell/Confirm";
import { CopyText } from "../../../shell/CopyText";
import { useMayWrite } from "../folder";
import { NodeIcon } from "../NodeIcon";
import { address, bringBack, deleteVersion, type Node, pinVersion, type Version, versions } from "../nodes";
import { done } from "../../../shell/toast";
import { Tags } from "./Tags";
import classes from "./Details.module.css";

interface Props {
  readonly node: Node;
  readonly onClose: () => void;
  readonly onChanged: () => Promise<void>;
}

/** What is known of a file or folder, and its versions. */
export function Details({ node, onClose, onChanged }: Props) {
  const { t } = useLingui();
  return (
    <Drawer opened onClose={onClose} position="right" title={<bdi>{node.name}</bdi>} size="md">
      <Stack>
        <Group>
          <NodeIcon node={node} size={40} />
          <div>
            <Text>{node.isFolder ? t`Folder` : node.mime || t`File`}</Text>
            {!node.isFolder && <Text c="dimmed">{size(node.size)}</Text>}
          </div>
        </Group>
        <dl className={classes.facts}>
          <dt>
            <Trans>Changed</Trans>
          </dt>
          <dd>{moment(node.changedAt)}</dd>
          <dt>
            <Trans>Place</Trans>
          </dt>
          <dd>
            <CopyText text={node.path} />
          </dd>
          {node.etag !== "" && (
            <>
              <dt>{node.etag.includes("-") ? <Trans>ETag</Trans> : "MD5"}</dt>
              <dd>
                <CopyText text={node.etag} />
              </dd>
            </>
          )}
        </dl>
        <Tags node={node} onChanged={onChanged} />
        {!node.isFolder && <Versions node={node} onChanged={onChanged} />}
      </Stack>
    </Drawer>
  );
}

function Versions({ node, onChanged }: Pick<Props, "node" | "onChanged">) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const found = useQuery({ queryKey: ["versions", node.id], queryFn: () => versions(node.id) });
  const back = useMutation({
    mutationFn: (version: Version) => bringBack(node.id, version.version),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["versions", node.id] });
      await onChanged();
      done(<Trans>The earlier version is the current one again</Trans>);
    },
  });
  const change = useMutation({
    mutationFn: (act: () => Promise<unknown>) => act(),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["versions", node.id] }),
  });
  const mayWrite = useMayWrite();
  const [ending, setEnding] = useState<Version | null>(null);
  const error = found.error ?? back.error ?? change.error;
  return (
    <section>
      <Title order={2} size="h5" mb="xs">
        <Trans>Versions</Trans>
      </Title>
      {found.isPending && <Loader size="sm" />}
      {error !== null && <Alert color="red">{said(error)}</Alert>}
      <ul className={classes.versions}>
        {found.data?.map((one) => (
          <li key={one.version} className={classes.version}>
            <div>
              <Text size="sm">{moment(Date.parse(one.created_at) / 1000)}</Text>
              <Text size="xs" c="dimmed">
                {size(one.size)}
                {one.created_by_name !== "" && (
                  <>
                    {" · "}
                    <bdi>{one.created_by_name}</bdi>
                  </>
                )}
                {one.is_pinned && ` · ${t`kept for good`}`}
              </Text>
            </div>
            {one.is_current ? (
              <Badge variant="light">
                <Trans>Current</Trans>
              </Badge>
            ) : (
              <VersionMenu
                node={node}
                one={one}
                mayWrite={mayWrite(node.path)}
                onRestore={() => back.mutate(one)}
                onPin={() => change.mutate(() => pinVersion(node.id, one.version, !one.is_pinned))}
                onDelete={() => setEnding(one)}
              />
            )}
          </li>
        ))}
      </ul>
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

interface VersionProps {
  readonly node: Node;
  readonly one: Version;
  readonly mayWrite: boolean;
  readonly onRestore: () => void;
  readonly onPin: () => void;
  readonly onDelete: () => void;
}

/** What can be done with an earlier version. */
function VersionMenu({ node, one, mayWrite, onRestore, onPin, onDelete }: VersionProps) {
  const { t } = useLingui();
  const when = moment(Date.parse(one.created_at) / 1000);
  const href = address(node.path, one.version);
  return (
    <Group gap={4} wrap="nowrap">
      {mayWrite && (
        <Button variant="light" size="compact-sm" onClick={onRestore}>
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
          <Menu.Item component="a" href={href} target="_blank" leftSection={<IconEye size={16} aria-hidden />}>
            <Trans>Look</Trans>
          </Menu.Item>
          <Menu.Item component="a" href={href} download={node.name} leftSection={<IconDownload size={16} aria-hidden />}>
            <Trans>Download</Trans>
          </Menu.Item>
          {mayWrite && (
            <>
              <Menu.Item leftSection={<IconPin size={16} aria-hidden />} onClick={onPin}>
                {one.is_pinned ? <Trans>Keep no longer than others</Trans> : <Trans>Keep for good</Trans>}
              </Menu.Item>
              <Menu.Item color="red" leftSection={<IconTrash size={16} aria-hidden />} onClick={onDelete}>
                <Trans>Delete</Trans>
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}
