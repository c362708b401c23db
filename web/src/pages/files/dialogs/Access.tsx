import { Button, Group, Text, Title } from "@mantine/core";
import { Trans } from "@lingui/react/macro";
import { IconShare } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { Node } from "../nodes";
import { type Line, linesOf, NO_WISHES } from "../rights";
import { reachedBy } from "../sharing";
import { Reacher } from "./People";
import classes from "./Details.module.css";

/** Once is enough where somebody may the same by several ways: what stands here comes first. */
function onceEach(lines: readonly Line[]): readonly Line[] {
  const keys = lines.map(({ one, may }) => `${one.kind} ${one.role} ${String(may)}`);
  return lines.filter((_, at) => keys.indexOf(keys[at] ?? "") === at);
}

/** Who can reach it and why; what is to be changed there is in the dialog for sharing. */
export function Access({ node, onShare }: { node: Node; onShare: () => void }) {
  const rights = useQuery({ queryKey: ["rights", node.id], queryFn: () => reachedBy(node.id), retry: false });
  if (rights.data === undefined) return null;
  return (
    <section>
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h5">
          <Trans>Who can reach this</Trans>
        </Title>
        <Button variant="default" size="compact-sm" leftSection={<IconShare size={15} aria-hidden />} onClick={onShare}>
          <Trans>Share</Trans>
        </Button>
      </Group>
      <ul className={classes.versions}>
        {onceEach(linesOf(rights.data.items, NO_WISHES)).map((line) => (
          <Reacher key={line.key} line={line} mayChange={false} onChange={() => undefined} />
        ))}
      </ul>
      {!rights.data.is_all && (
        <Text size="xs" c="dimmed" mt={6}>
          <Trans>Others may reach it by folders above, which you do not see.</Trans>
        </Text>
      )}
    </section>
  );
}
