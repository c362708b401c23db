import { Button, Group, Text } from "@mantine/core";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useSession } from "../../session";
import { When } from "../../shell/Page";
import { done, failed } from "../../shell/toast";
import { type Deed, deedsOf, nameOf } from "./deeds";
import { useUndo } from "./telling";
import classes from "./Lately.module.css";

/** What the person did in this browser within a day, each with a way back. */
export function Lately() {
  const { t } = useLingui();
  const { sub } = useSession();
  const [deeds, setDeeds] = useState(() => deedsOf(sub));
  const back = useUndo();
  const undo = useMutation({
    mutationFn: back,
    onSuccess: () => done(t`Undone`),
    onError: failed,
    onSettled: () => setDeeds(deedsOf(sub)),
  });
  if (deeds.length === 0) return null;
  return (
    <details className={classes.lately}>
      <summary>
        <Trans>What you did here within a day</Trans>
      </summary>
      <ul className={classes.list}>
        {deeds.map((deed) => (
          <li key={deed.at}>
            <Group justify="space-between" wrap="nowrap" gap="xs">
              <div className={classes.deed}>
                <Text size="sm"><Sentence of={deed} /></Text>
                <Text size="xs" c="dimmed"><When at={new Date(deed.at).toISOString()} /></Text>
              </div>
              <Button
                variant="default"
                size="compact-sm"
                disabled={undo.isPending}
                loading={undo.isPending && undo.variables === deed}
                onClick={() => undo.mutate(deed)}
              >
                <Trans>Undo</Trans>
              </Button>
            </Group>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Sentence({ of: { kind, nodes, to } }: { of: Deed }) {
  const name = nameOf(nodes[0]?.path ?? "");
  const folder = nameOf(to);
  switch (kind) {
    case "renamed": return <Trans>“{name}” was renamed to “{to}”</Trans>;
    case "moved": return <Plural value={nodes.length} one={`“${name}” was moved to “${folder}”`} other={`# items were moved to “${folder}”`} />;
    case "deleted": return <Plural value={nodes.length} one={`“${name}” was moved to the trash`} other="# items were moved to the trash" />;
  }
}
