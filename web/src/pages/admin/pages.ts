/** The pages of the administration, in the menu's order. */
import { msg } from "@lingui/core/macro";
import {
  IconActivity, IconAdjustments, IconApps, IconChecklist, IconCode, IconKey, IconLayoutDashboard, IconListSearch, IconPlus, IconSearch, IconUsers,
  IconUsersGroup,
} from "@tabler/icons-react";
import type { Page } from "../page";

export const ADMIN_PAGES: readonly Page[] = [
  { path: "/", label: msg`Overview`, icon: IconLayoutDashboard, load: () => import("./OverviewPage") },
  { path: "/people", label: msg`People`, icon: IconUsers, load: () => import("./PeoplePage") },
  { path: "/people/$login", label: msg`Person`, icon: IconUsers, load: () => import("./PersonPage"), isHidden: true },
  { path: "/groups", label: msg`Groups`, icon: IconUsersGroup, load: () => import("./GroupsPage") },
  { path: "/applications", label: msg`Applications`, icon: IconApps, load: () => import("./ClientsPage") },
  { path: "/new-application", label: msg`Connect an application`, icon: IconPlus, load: () => import("./WizardPage"), isHidden: true },
  { path: "/applications/$id", label: msg`Application`, icon: IconApps, load: () => import("./ClientPage"), isHidden: true },
  { path: "/applications/$id/try", label: msg`Try it`, icon: IconApps, load: () => import("./TryPage"), isHidden: true },
  { path: "/tried", label: msg`Try it`, icon: IconApps, load: () => import("./TriedPage"), isHidden: true },
  { path: "/keys", label: msg`Signing keys`, icon: IconKey, load: () => import("./KeysPage") },
  { path: "/audit", label: msg`Audit`, icon: IconListSearch, load: () => import("./AuditPage") },
  { path: "/inspector", label: msg`Token inspector`, icon: IconSearch, load: () => import("./InspectorPage") },
  { path: "/report", label: msg`Report`, icon: IconChecklist, load: () => import("./ReportPage") },
  { path: "/developers", label: msg`For developers`, icon: IconCode, load: () => import("./DevelopersPage") },
  { path: "/health", label: msg`Health`, icon: IconActivity, load: () => import("./HealthPage") },
  { path: "/settings", label: msg`Settings`, icon: IconAdjustments, load: () => import("./SettingsPage") },
];
