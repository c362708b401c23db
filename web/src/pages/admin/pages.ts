/** The pages of the administration; those that its menu names stand in `menu.ts`. */
import type { Page } from "../page";

export const ADMIN_PAGES: readonly Page[] = [
  { path: "/", load: () => import("./OverviewPage") },
  { path: "/people", load: () => import("./PeoplePage"), words: "people" },
  { path: "/people/$login", load: () => import("./PersonPage"), words: "people" },
  { path: "/groups", load: () => import("./GroupsPage"), words: "people" },
  { path: "/storage", load: () => import("./StoragePage"), words: "watching" },
  { path: "/second-factors", load: () => import("./FactorsPage") },
  { path: "/applications", load: () => import("./ClientsPage"), words: "applications" },
  { path: "/new-application", load: () => import("./WizardPage"), words: "applications" },
  { path: "/applications/$id", load: () => import("./ClientPage"), words: "applications" },
  { path: "/applications/$id/try", load: () => import("./TryPage"), words: "developing" },
  { path: "/tried", load: () => import("./TriedPage"), words: "developing" },
  { path: "/keys", load: () => import("./KeysPage"), words: "watching" },
  { path: "/audit", load: () => import("./AuditPage"), words: "watching" },
  { path: "/alerts", load: () => import("./AlertsPage"), words: "telling" },
  { path: "/webhooks", load: () => import("./HooksPage"), words: "telling" },
  { path: "/inspector", load: () => import("./InspectorPage"), words: "developing" },
  { path: "/report", load: () => import("./ReportPage"), words: "watching" },
  { path: "/developers", load: () => import("./DevelopersPage"), words: "developing" },
  { path: "/health", load: () => import("./HealthPage"), words: "watching" },
  { path: "/branding", load: () => import("./BrandingPage"), words: "watching" },
  { path: "/settings", load: () => import("./SettingsPage"), words: "watching" },
];
