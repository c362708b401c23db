/** The pages of the account; those that its menu names stand in `menu.ts`. */
import type { Page } from "../page";

export const ACCOUNT_PAGES: readonly Page[] = [
  { path: "/", load: () => import("./ProfilePage") },
  { path: "/security", load: () => import("./SecurityPage") },
  { path: "/sessions", load: () => import("./SessionsPage") },
  { path: "/applications", load: () => import("./ApplicationsPage") },
  { path: "/tokens", load: () => import("./TokensPage") },
  { path: "/letters", load: () => import("./LettersPage") },
  { path: "/activity", load: () => import("./ActivityPage") },
  { path: "/data", load: () => import("./DataPage") },
];
