import { Drawer, Group, Stack, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { moment, size } from "../../../format";
import { CopyText } from "../../../shell/CopyText";
import { NodeIcon } from "../NodeIcon";
import type { Node, Version } from "../nodes";
import { Tags } from "./Tags";
import { Versions } from "./Versions";
import classes from "./Details.module.css";

interface Props {
  readonly node: Node;
  /** Shows what it was. */
  readonly onLook: (version: Version) => void;
  readonly onClose: () => void;
  readonly onChanged: () => Promise<void>;
}

/** What is known of a file or folder, and its versions. */
export function Details({ node, onLook, onClose, onChanged }: Props) {
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
        {!node.isFolder && <Versions node={node} onLook={onLook} onChanged={onChanged} />}
      </Stack>
    </Drawer>
  );
}
