/** Every page in one table. */
import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { ACCOUNT_PAGES } from "./pages/account/pages";
import { ADMIN_PAGES } from "./pages/admin/pages";
import { later } from "./later";
import { readAsked } from "./pages/files/sought";
import { Broken, NotFound } from "./shell/Broken";
import { Shell } from "./shell/Shell";

/** Where one is led who asks for no page. */
export const FIRST_PAGE = "/files";

export interface FilesSearch {
  readonly sort?: string | undefined;
  readonly view?: "grid" | "list" | undefined;
  /** The file that is looked at. */
  readonly item?: string | undefined;
  /** What one reads the details of. */
  readonly about?: string | undefined;
  /** What is to be chosen and in sight. */
  readonly at?: string | undefined;
}

const root = createRootRouteWithContext<{ queries: QueryClient }>()({
  component: Shell,
  notFoundComponent: NotFound,
  errorComponent: Broken,
});

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

const files = createRoute({
  getParentRoute: () => root,
  path: "/files/$",
  validateSearch: (search: Record<string, unknown>): FilesSearch => ({
    sort: text(search.sort),
    view: search.view === "grid" || search.view === "list" ? search.view : undefined,
    item: text(search.item),
    about: text(search.about),
    at: text(search.at),
  }),
  component: lazyRouteComponent(() => import("./pages/files/FilesPage"), "FilesPage"),
});
const start = createRoute({
  getParentRoute: () => root,
  path: "/files",
  component: lazyRouteComponent(later(() => import("./pages/files/SpacesPage")), "SpacesPage"),
});

const withMe = createRoute({
  getParentRoute: () => root,
  path: "/shared",
  component: lazyRouteComponent(later(() => import("./pages/files/SharedPage"), "places"), "SharedPage"),
});
const shared = createRoute({
  getParentRoute: () => root,
  path: "/links",
  component: lazyRouteComponent(later(() => import("./pages/files/LinksPage"), "places"), "LinksPage"),
});
const bin = createRoute({
  getParentRoute: () => root,
  path: "/trash",
  component: lazyRouteComponent(later(() => import("./pages/files/TrashPage"), "places"), "TrashPage"),
});
const sync = createRoute({
  getParentRoute: () => root,
  path: "/sync",
  component: lazyRouteComponent(later(() => import("./pages/files/SyncPage"), "places"), "SyncPage"),
});
const starred = createRoute({
  getParentRoute: () => root,
  path: "/starred",
  component: lazyRouteComponent(later(() => import("./pages/files/StarredPage"), "places"), "StarredPage"),
});
const recent = createRoute({
  getParentRoute: () => root,
  path: "/recent",
  component: lazyRouteComponent(later(() => import("./pages/files/RecentPage"), "places"), "RecentPage"),
});
const searching = createRoute({
  getParentRoute: () => root,
  path: "/search",
  validateSearch: readAsked,
  component: lazyRouteComponent(later(() => import("./pages/files/SearchPage"), "places"), "SearchPage"),
});

const apps = createRoute({
  getParentRoute: () => root,
  path: "/apps",
  component: lazyRouteComponent(later(() => import("./pages/account/AppsPage"), "places")),
});

const account = createRoute({ getParentRoute: () => root, path: "/account", component: lazyRouteComponent(later(() => import("./pages/account/AccountFrame"), "account"), "AccountFrame") });
const accountPages = ACCOUNT_PAGES.map((page) =>
  createRoute({ getParentRoute: () => account, path: page.path, component: lazyRouteComponent(later(page.load, page.words)) }),
);
const admin = createRoute({ getParentRoute: () => root, path: "/admin", component: lazyRouteComponent(later(() => import("./pages/admin/AdminFrame"), "admin"), "AdminFrame") });
const adminPages = ADMIN_PAGES.map((page) =>
  createRoute({ getParentRoute: () => admin, path: page.path, component: lazyRouteComponent(later(page.load, page.words)) }),
);

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: FIRST_PAGE });
  },
});

export function makeRouter(queries: QueryClient) {
  return createRouter({
    routeTree: root.addChildren([
      home,
      start,
      files,
      withMe,
      shared,
      bin,
      sync,
      starred,
      recent,
      searching,
      apps,
      account.addChildren(accountPages),
      admin.addChildren(adminPages),
    ]),
    context: { queries },
    defaultPreload: "intent",
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
