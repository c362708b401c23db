import { NavLink, Stack } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import type { Entry } from "../pages/page";
import classes from "./Section.module.css";

/** Above a narrow page the menu scrolls: the page that is shown stands in its middle. */
function toMiddle(within: Element): void {
  const bar = within.closest("nav");
  const here = bar?.querySelector<HTMLElement>("[aria-current]");
  if (bar && here) bar.scrollLeft += here.getBoundingClientRect().x - bar.getBoundingClientRect().x - (bar.clientWidth - here.clientWidth) / 2;
}

/** A section of pages with a menu of its own: beside them, above them on narrow screens. */
export function Section({ at, pages, label }: { at: "/account" | "/admin"; pages: readonly Entry[]; label: string }) {
  const { i18n } = useLingui();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const menu = useRef<HTMLElement>(null);
  useEffect(() => {
    if (menu.current) toMiddle(menu.current);
  });
  // A telephone that is turned makes the page narrow only then; so do words and styles that come late.
  useEffect(() => {
    const seen = new ResizeObserver(([one]) => one && toMiddle(one.target));
    if (menu.current) [menu.current, ...menu.current.children].forEach((one) => seen.observe(one));
    return () => seen.disconnect();
  }, []);
  return (
    <div className={classes.section}>
      {pages.length > 1 && (
        <nav ref={menu} aria-label={label} className={classes.menu}>
          <Stack gap={2} className={classes.list}>
            {pages.map((page) => {
              const to = page.path === "/" ? at : `${at}${page.path}`;
              const isHere = page.path === "/" ? path.replace(/\/$/, "") === at : path.startsWith(to) || (page.also !== undefined && path.startsWith(at + page.also));
              return (
                <NavLink
                  key={page.path}
                  className={classes.link}
                  renderRoot={(props) => <Link to={to} activeOptions={{ exact: page.path === "/" }} {...props} />}
                  active={isHere}
                  aria-current={isHere ? "page" : undefined}
                  label={i18n._(page.label)}
                  leftSection={<page.icon size={18} stroke={1.7} aria-hidden />}
                />
              );
            })}
          </Stack>
        </nav>
      )}
      <div className={classes.page}>
        <Outlet />
      </div>
    </div>
  );
}

export function Denied() {
  return (
    <p>
      <Trans>This is for administrators.</Trans>
    </p>
  );
}
