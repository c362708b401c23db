/** The menu of the account. */
import { msg } from "@lingui/core/macro";
import { IconApps, IconDeviceLaptop, IconDownload, IconHistory, IconKey, IconMail, IconShieldCheck, IconUser } from "@tabler/icons-react";
import type { Entry } from "../page";

export const ACCOUNT_MENU: readonly Entry[] = [
  { path: "/", label: msg`Profile`, icon: IconUser },
  { path: "/security", label: msg`Security`, icon: IconShieldCheck },
  { path: "/sessions", label: msg`Sessions and devices`, icon: IconDeviceLaptop },
  { path: "/applications", label: msg`Connected applications`, icon: IconApps },
  { path: "/tokens", label: msg`Access tokens`, icon: IconKey },
  { path: "/letters", label: msg`Letters`, icon: IconMail },
  { path: "/activity", label: msg`Activity`, icon: IconHistory },
  { path: "/data", label: msg`Your data`, icon: IconDownload },
];
