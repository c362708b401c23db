import { Trans, useLingui } from "@lingui/react/macro";
import { useRouterState } from "@tanstack/react-router";
import { size } from "../../format";
import { useSpaces } from "./folder";
import classes from "./Room.module.css";

const NEARLY_FULL = 0.9;

/** How much room is used where the person is, below the places: elsewhere than in a space, of their own. */
export function Room() {
  const { t } = useLingui();
  const spaces = useSpaces().data;
  const slug = useRouterState({ select: (state) => /^\/files\/([^/]+)/.exec(state.location.pathname)?.[1] });
  const space = spaces?.find((one) => one.slug === slug) ?? spaces?.find((one) => one.kind === "personal");
  if (space === undefined) return null;
  const { used, quota } = space;
  const percent = quota === null ? 0 : Math.min(100, Math.round((100 * used) / Math.max(1, quota)));
  return (
    <div className={classes.room}>
      {space.kind !== "personal" && <bdi className={classes.whose}>{space.label}</bdi>}
      {quota === null ? <Trans>{size(used)} used</Trans> : <Trans>{size(used)} of {size(quota)} used</Trans>}
      {quota !== null && (
        <div role="progressbar" aria-label={t`Used room`} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent} className={classes.bar}>
          <div className={classes.used} data-full={used > NEARLY_FULL * quota || undefined} style={{ inlineSize: `${percent}%` }} />
        </div>
      )}
    </div>
  );
}
