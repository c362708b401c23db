/** The pages of the administration; those that its menu names stand in `menu.ts`. */
import type { Page } from "../page";

export const ADMIN_PAGES: readonly Page[] = [
  { path: "/", load: () => import("./OverviewPage") },
  { path: "/people", load: () => import("./PeoplePage") },
  { path: "/people/$login", load: () => import("./PersonPage") },
  { path: "/groups", load: () => import("./GroupsPage") },
  { path: "/applications", load: () => import("./ClientsPage") },
  { path: "/new-application", load: () => import("./WizardPage") },
  { path: "/applications/$id", load: () => import("./ClientPage") },
  { path: "/applications/$id/try", load: () => import("./TryPage") },
  { path: "/tried", load: () => import("./TriedPage") },
  { path: "/keys", load: () => import("./KeysPage") },
  { path: "/audit", load: () => import("./AuditPage") },
  { path: "/inspector", load: () => import("./InspectorPage") },
  { path: "/report", load: () => import("./ReportPage") },
  { path: "/developers", load: () => import("./DevelopersPage") },
  { path: "/health", load: () => import("./HealthPage") },
  { path: "/settings", load: () => import("./SettingsPage") },
];
