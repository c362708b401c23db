import { Alert, Drawer, Group, Stack, Text } from "@mantine/core";
import { Plural, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Fragment, type ReactNode } from "react";
import { said } from "../../../api";
import { count, moment, size } from "../../../format";
import { CopyText } from "../../../shell/CopyText";
import { useMayWrite } from "../folder";
import { NodeIcon } from "../NodeIcon";
import { type About, about, type Node, type Version } from "../nodes";
import { Access } from "./Access";
import { Comments } from "./Comments";
import { Happenings } from "./Happenings";
import { Tags } from "./Tags";
import { Versions } from "./Versions";
import classes from "./Details.module.css";

interface Props {
  readonly node: Node;
  /** Shows what it was. */
  readonly onLook: (version: Version) => void;
  readonly onShare: () => void;
  readonly onClose: () => void;
  readonly onChanged: () => Promise<void>;
}

/** What is known of a file or folder: whose it is, who can reach it, what became of it, and its versions. */
export function Details({ node, onLook, onShare, onClose, onChanged }: Props) {
  const mayWrite = useMayWrite()(node.path);
  const found = useQuery({ queryKey: ["list", "about", node.id], queryFn: () => about(node.id) });
  return (
    <Drawer opened onClose={onClose} position="right" title={<bdi>{node.name}</bdi>} size="md">
      <Stack gap="lg">
        <Head node={node} known={found.data} />
        <Facts node={node} known={found.data} />
        {found.error !== null && <Alert color="red">{said(found.error)}</Alert>}
        <Tags node={node} onChanged={onChanged} />
        <Comments node={node} />
        {mayWrite && <Access node={node} onShare={onShare} />}
        {!node.isFolder && <Versions node={node} onLook={onLook} onChanged={onChanged} />}
        {found.data !== undefined && <Happenings of={found.data.activity} />}
      </Stack>
    </Drawer>
  );
}

function Head({ node, known }: { node: Node; known: About | undefined }) {
  const { t } = useLingui();
  const holds = known?.holds;
  return (
    <Group wrap="nowrap">
      <NodeIcon node={node} size={40} />
      <div>
        <Text>{node.isFolder ? t`Folder` : node.mime || t`File`}</Text>
        {!node.isFolder && <Text c="dimmed">{size(node.size)}</Text>}
        {holds != null && (
          <Text c="dimmed">
            {size(holds.size)}
            {" · "}
            <Plural value={holds.files} one="# file" other={`${count(holds.files)} files`} />
            {" · "}
            <Plural value={holds.folders} one="# folder" other={`${count(holds.folders)} folders`} />
          </Text>
        )}
      </div>
    </Group>
  );
}

function Facts({ node, known }: { node: Node; known: About | undefined }) {
  const { t } = useLingui();
  const by = (when: string, who: string) => (who === "" ? when : <>{when} · <bdi>{who}</bdi></>);
  const facts: readonly (readonly [string, ReactNode])[] = [
    [t`Owner`, known?.owner ? <bdi>{known.owner}</bdi> : known && <bdi>{known.space.label}</bdi>],
    [t`Changed`, by(moment(node.changedAt), known?.changed_by ?? "")],
    [t`Made`, known && by(moment(Date.parse(known.created_at) / 1000), known.created_by)],
    [t`Sent by`, known && known.sent_by !== "" && <CopyText text={known.sent_by} />],
    [t`Place`, <CopyText key="place" text={node.path} />],
    [t`Address`, <CopyText key="address" text={addressOf(node)} />],
    ["SHA-256", known?.sha256 != null && <CopyText text={known.sha256} />],
    [node.etag.includes("-") ? t`ETag` : "MD5", node.etag !== "" && <CopyText text={node.etag} />],
  ];
  return (
    <dl className={classes.facts}>
      {facts.map(([name, value]) =>
        !value ? null : (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </Fragment>
        ),
      )}
    </dl>
  );
}

/** What leads here again, for whoever may see it. */
function addressOf(node: Node): string {
  const folder = node.path.split("/").slice(0, -1).map(encodeURIComponent).join("/");
  return `${window.location.origin}/files/${folder}?about=${encodeURIComponent(node.path.slice(node.path.lastIndexOf("/") + 1))}`;
}
