/** The menu of the administration. */
import { msg } from "@lingui/core/macro";
import {
  IconActivity, IconAdjustments, IconApps, IconBell, IconChecklist, IconCode, IconDatabase, IconKey, IconLayoutDashboard, IconListSearch, IconPalette, IconSearch, IconShieldLock, IconUsers,
  IconUsersGroup, IconWebhook,
} from "@tabler/icons-react";
import type { Entry } from "../page";

export const ADMIN_MENU: readonly Entry[] = [
  { path: "/", label: msg`Overview`, icon: IconLayoutDashboard },
  { path: "/people", label: msg`People`, icon: IconUsers },
  { path: "/groups", label: msg`Groups`, icon: IconUsersGroup },
  { path: "/storage", label: msg`Storage`, icon: IconDatabase },
  { path: "/second-factors", label: msg`Second factors`, icon: IconShieldLock },
  { path: "/applications", also: "/new-application", label: msg`Applications`, icon: IconApps },
  { path: "/keys", label: msg`Signing keys`, icon: IconKey },
  { path: "/audit", label: msg`Audit`, icon: IconListSearch },
  { path: "/alerts", label: msg`Alerts`, icon: IconBell },
  { path: "/webhooks", label: msg`Webhooks`, icon: IconWebhook },
  { path: "/inspector", label: msg`Token inspector`, icon: IconSearch },
  { path: "/report", label: msg`Report`, icon: IconChecklist },
  { path: "/developers", label: msg`For developers`, icon: IconCode },
  { path: "/health", label: msg`Health`, icon: IconActivity },
  { path: "/branding", label: msg`Branding`, icon: IconPalette },
  { path: "/settings", label: msg`Settings`, icon: IconAdjustments },
];
