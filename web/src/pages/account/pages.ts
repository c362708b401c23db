/** The pages of the account, in the menu's order. */
import { msg } from "@lingui/core/macro";
import { IconApps, IconDeviceLaptop, IconDownload, IconHistory, IconKey, IconShieldCheck, IconUser } from "@tabler/icons-react";
import type { Page } from "../page";

export const ACCOUNT_PAGES: readonly Page[] = [
  { path: "/", label: msg`Profile`, icon: IconUser, load: () => import("./ProfilePage") },
  { path: "/security", label: msg`Security`, icon: IconShieldCheck, load: () => import("./SecurityPage") },
  { path: "/sessions", label: msg`Sessions and devices`, icon: IconDeviceLaptop, load: () => import("./SessionsPage") },
  { path: "/applications", label: msg`Connected applications`, icon: IconApps, load: () => import("./ApplicationsPage") },
  { path: "/tokens", label: msg`Access tokens`, icon: IconKey, load: () => import("./TokensPage") },
  { path: "/activity", label: msg`Activity`, icon: IconHistory, load: () => import("./ActivityPage") },
  { path: "/data", label: msg`Your data`, icon: IconDownload, load: () => import("./DataPage") },
];
