import { ActionIcon, AppShell, Avatar, Burger, Group, Menu, NavLink, ScrollArea, Text, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { useMantineColorScheme } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Trans, useLingui } from "@lingui/react/macro";
import {
  IconDeviceDesktop, IconFolder, IconLanguage, IconLogout, IconMoon, IconSettings, IconStar, IconSun, IconTrash, IconUser, IconLink,
} from "@tabler/icons-react";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { signOut } from "../api";
import { LANGUAGES, keepLanguage } from "../i18n";
import icon from "../icon.svg";
import { Room } from "../pages/files/Room";
import { useSession } from "../session";
import classes from "./Shell.module.css";

/** What surrounds every page. */
export function Shell() {
  const { t } = useLingui();
  const { is_admin } = useSession();
  const [opened, menu] = useDisclosure();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const places = [
    { to: "/files", label: t`Files`, icon: IconFolder },
    { to: "/starred", label: t`Starred`, icon: IconStar },
    { to: "/links", label: t`Shared`, icon: IconLink },
    { to: "/trash", label: t`Trash`, icon: IconTrash },
    { to: "/account", label: t`Account`, icon: IconUser },
    ...(is_admin ? [{ to: "/admin", label: t`Administration`, icon: IconSettings }] : []),
  ];
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 232, breakpoint: "sm", collapsed: { mobile: !opened } }}
      classNames={{ main: "k-main" }}
    >
      <a className="k-skip" href="#main">
        <Trans>To the content</Trans>
      </a>
      <AppShell.Header className="k-bar">
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={opened} onClick={menu.toggle} hiddenFrom="sm" size="sm" aria-label={t`Menu`} />
            <Link to="/files" className="k-brand">
              <img src={icon} alt="" width={26} height={26} />
              Keycell
            </Link>
          </Group>
          <Group gap={4} wrap="nowrap">
            <Look />
            <Me />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className="k-bar" p="xs" component="nav" aria-label={t`Places`}>
        <AppShell.Section grow component={ScrollArea}>
          {places.map((place) => {
            const isHere = path === place.to || path.startsWith(`${place.to}/`);
            return (
              <NavLink
                key={place.to}
                className={classes.place}
                renderRoot={(props) => <Link to={place.to} onClick={menu.close} {...props} />}
                active={isHere}
                aria-current={isHere ? "page" : undefined}
                label={place.label}
                leftSection={<place.icon size={20} stroke={1.7} aria-hidden />}
              />
            );
          })}
        </AppShell.Section>
        <AppShell.Section>
          <Room />
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1}>
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}

function Look() {
  const { t } = useLingui();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const looks = [
    { value: "light", label: t`Light`, icon: IconSun },
    { value: "dark", label: t`Dark`, icon: IconMoon },
    { value: "auto", label: t`As the system`, icon: IconDeviceDesktop },
  ] as const;
  const Icon = looks.find((one) => one.value === colorScheme)?.icon ?? IconDeviceDesktop;
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t`Look`}>
            <Icon size={20} stroke={1.7} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {looks.map((one) => (
            <Menu.Item key={one.value} leftSection={<one.icon size={16} />} onClick={() => setColorScheme(one.value)}>
              {one.label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t`Language`}>
            <IconLanguage size={20} stroke={1.7} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {Object.entries(LANGUAGES).map(([code, name]) => (
            <Menu.Item
              key={code}
              lang={code}
              onClick={() => {
                keepLanguage(code);
                window.location.reload();
              }}
            >
              {name}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

function Me() {
  const { t } = useLingui();
  const session = useSession();
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <UnstyledButton className={classes.me}>
          <Avatar name={session.name} variant="filled" color="blue" size={32} radius="xl" aria-hidden />
          <VisuallyHidden>{t`You: ${session.name}`}</VisuallyHidden>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600} c="var(--mantine-color-text)" truncate>
            <bdi>{session.name}</bdi>
          </Text>
          <Text size="xs" truncate>
            <bdi>{session.login}</bdi>
          </Text>
        </Menu.Label>
        <Menu.Item leftSection={<IconUser size={16} />} renderRoot={(props) => <Link to="/account" {...props} />}>
          <Trans>Account</Trans>
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut()}>
          <Trans>Sign out</Trans>
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
