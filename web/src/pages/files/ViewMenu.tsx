import { useLingui } from "@lingui/react/macro";
import { IconLayoutGrid, IconList } from "@tabler/icons-react";
import { lazy } from "react";
import { later } from "../../later";
import { MenuButton } from "../../shell/MenuButton";
import type { Viewing } from "./ViewItems";

const load = later(() => import("./ViewItems"));
const ViewItems = lazy(() => load().then((found) => ({ default: found.ViewItems })));

export function ViewMenu(viewing: Viewing) {
  const { t } = useLingui();
  return (
    <MenuButton className="k-icon k-framed" aria-label={t`View`} title={t`View`} width={210} staysOpen menu={<ViewItems {...viewing} />}>
      {viewing.view.isGrid ? <IconLayoutGrid size={18} aria-hidden /> : <IconList size={18} aria-hidden />}
    </MenuButton>
  );
}
