import { Button, Text, Title } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { When } from "../../../shell/Page";
import type { Happening } from "../nodes";
import classes from "./Details.module.css";

const FIRST = 8;

/** What became of it, the latest first. */
export function Happenings({ of }: { of: readonly Happening[] }) {
  const [isAll, setAll] = useState(false);
  return (
    <section>
      <Title order={2} size="h5" mb="xs">
        <Trans>Activity</Trans>
      </Title>
      <ol className={classes.versions} data-activity>
        {(isAll ? of : of.slice(0, FIRST)).map((one) => (
          <li key={`${one.at} ${one.action} ${one.who}`} className={classes.happening}>
            <Text size="sm">
              <Sentence of={one} />
            </Text>
            <Text size="xs" c="dimmed">
              {one.by !== "" && (
                <>
                  <bdi>{one.by}</bdi>
                  {" · "}
                </>
              )}
              <When at={one.at} />
            </Text>
          </li>
        ))}
      </ol>
      {!isAll && of.length > FIRST && (
        <Button variant="subtle" size="compact-sm" onClick={() => setAll(true)}>
          <Trans>Show more</Trans>
        </Button>
      )}
    </section>
  );
}

function Sentence({ of: { action, label, who } }: { of: Happening }) {
  const { t } = useLingui();
  switch (action) {
    case "node.made": return t`Made here`;
    case "node.trashed": return t`Moved to the trash`;
    case "version.written": return t`Written`;
    case "version.named": return <Trans>A version was called “{label}”</Trans>;
    case "version.unnamed": return t`The name of a version was taken away`;
    case "version.pinned": return t`A version is kept for good`;
    case "version.unpinned": return t`A version is kept no longer than others`;
    case "version.deleted": return t`A version was deleted for good`;
    case "link.added": return <Trans>Public link “{label}” made</Trans>;
    case "space.added": return <Trans>Shared as “{label}”</Trans>;
    case "right.added": return <Trans>“{who}” was let in</Trans>;
    case "right.removed": return <Trans>“{who}” was let in no longer</Trans>;
    default: return action;
  }
}
