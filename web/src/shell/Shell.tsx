import { useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Trans, useLingui } from "@lingui/react/macro";
import {
  IconApps, IconClock, IconDeviceDesktop, IconFolder, IconLanguage, IconLink, IconMenu2, IconRefresh, IconSettings, IconStar, IconTrash, IconUser, IconUsers, IconX,
} from "@tabler/icons-react";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { lazy, useEffect } from "react";
import icon from "../icon.svg";
import { atRest, later } from "../later";
import { Room } from "../pages/files/Room";
import { useSession } from "../session";
import { Away } from "./Away";
import { Finder } from "./Finder";
import { useLooks } from "./looks";
import { MenuButton } from "./MenuButton";
import classes from "./Shell.module.css";

const load = later(() => import("./ShellMenus"));
const LookItems = lazy(() => load().then((found) => ({ default: found.LookItems })));
const LanguageItems = lazy(() => load().then((found) => ({ default: found.LanguageItems })));
const MeItems = lazy(() => load().then((found) => ({ default: found.MeItems })));

/** What surrounds every page: plain elements, so that it is there at once; its menus come after it. */
export function Shell() {
  const { t } = useLingui();
  const [isOpen, menu] = useDisclosure();
  useEffect(() => atRest(() => load().catch(() => undefined)), []);
  return (
    <>
      <a className="k-skip" href="#main">
        <Trans>To the content</Trans>
      </a>
      <header className={classes.header}>
        <button type="button" className={`k-icon ${classes.burger ?? ""}`} aria-label={t`Menu`} aria-expanded={isOpen} onClick={menu.toggle}>
          {isOpen ? <IconX size={22} aria-hidden /> : <IconMenu2 size={22} aria-hidden />}
        </button>
        <Link to="/files" className="k-brand">
          <Mark />
        </Link>
        <span className={classes.menus}>
          <Finder />
          <Look />
          <MenuButton className="k-icon" aria-label={t`Language`} menu={<LanguageItems />}>
            <IconLanguage size={20} stroke={1.7} aria-hidden />
          </MenuButton>
          <Me />
        </span>
      </header>
      <Away />
      <nav className={classes.places} data-open={isOpen || undefined} aria-label={t`Places`}>
        <Places onGone={menu.close} />
        <Room />
      </nav>
      <main id="main" tabIndex={-1} className={classes.main}>
        <Outlet />
      </main>
    </>
  );
}

function Places({ onGone }: { onGone: () => void }) {
  const { t } = useLingui();
  const { is_admin } = useSession();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const places = [
    { to: "/files", label: t`Files`, icon: IconFolder },
    { to: "/recent", label: t`Recent`, icon: IconClock },
    { to: "/starred", label: t`Starred`, icon: IconStar },
    { to: "/shared", label: t`Shared with me`, icon: IconUsers },
    { to: "/links", label: t`Shared by me`, icon: IconLink },
    { to: "/sync", label: t`Sync`, icon: IconRefresh },
    { to: "/trash", label: t`Trash`, icon: IconTrash },
    { to: "/apps", label: t`My apps`, icon: IconApps },
    { to: "/account", label: t`Account`, icon: IconUser },
    ...(is_admin ? [{ to: "/admin", label: t`Administration`, icon: IconSettings }] : []),
  ];
  return (
    <div className={classes.list}>
      {places.map((place) => {
        const isHere = path === place.to || path.startsWith(`${place.to}/`);
        return (
          <Link key={place.to} to={place.to} onClick={onGone} className={classes.place} aria-current={isHere ? "page" : undefined}>
            <place.icon size={20} stroke={1.7} aria-hidden />
            {place.label}
          </Link>
        );
      })}
    </div>
  );
}

/** The installation's own name and logo, or Keycell's. */
function Mark() {
  const { brand } = useSession();
  const scheme = useComputedColorScheme("light");
  const name = brand?.name ?? "Keycell";
  const logo = brand?.logo;
  if (!logo) return <><img src={icon} alt="" width={26} height={26} /><bdi className={classes.name}>{name}</bdi></>;
  return (
    <>
      <img className={classes.logo} data-alone={logo.is_alone || undefined} src={logo[scheme]} alt={logo.is_wordmark ? name : ""} width={logo.width} height={logo.height} />
      {!logo.is_wordmark && <bdi className={classes.name}>{name}</bdi>}
    </>
  );
}

function Look() {
  const { t } = useLingui();
  const { colorScheme } = useMantineColorScheme();
  const Icon = useLooks().find((one) => one.value === colorScheme)?.icon ?? IconDeviceDesktop;
  return (
    <MenuButton className="k-icon" aria-label={t`Appearance`} menu={<LookItems />}>
      <Icon size={20} stroke={1.7} aria-hidden />
    </MenuButton>
  );
}

function Me() {
  const { t } = useLingui();
  const { name } = useSession();
  const initials = name.trim().split(/\s+/).slice(0, 2).map((word) => [...word][0] ?? "").join("").toUpperCase();
  return (
    <MenuButton className={classes.me} width={240} menu={<MeItems />}>
      <span aria-hidden>{initials}</span>
      <span className="k-hidden">{t`You: ${name}`}</span>
    </MenuButton>
  );
}
