import { Progress, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { size } from "../../format";
import { useSpaces } from "./folder";
import classes from "./Room.module.css";

const NEARLY_FULL = 0.9;

/** How much of their own room the person has used, below the places. */
export function Room() {
  const { t } = useLingui();
  const own = useSpaces().data?.find((space) => space.kind === "personal");
  if (own === undefined) return null;
  const { used, quota } = own;
  return (
    <div className={classes.room}>
      <Text size="xs" c="dimmed">
        {quota === null ? <Trans>{size(used)} used</Trans> : <Trans>{size(used)} of {size(quota)} used</Trans>}
      </Text>
      {quota !== null && (
        <Progress
          size="sm"
          value={Math.min(100, (100 * used) / Math.max(1, quota))}
          color={used > NEARLY_FULL * quota ? "red" : "blue"}
          aria-label={t`Used room`}
        />
      )}
    </div>
  );
}
