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
  const percent = quota === null ? 0 : Math.min(100, Math.round((100 * used) / Math.max(1, quota)));
  return (
    <div className={classes.room}>
      {quota === null ? <Trans>{size(used)} used</Trans> : <Trans>{size(used)} of {size(quota)} used</Trans>}
      {quota !== null && (
        <div role="progressbar" aria-label={t`Used room`} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent} className={classes.bar}>
          <div className={classes.used} data-full={used > NEARLY_FULL * quota || undefined} style={{ inlineSize: `${percent}%` }} />
        </div>
      )}
    </div>
  );
}
