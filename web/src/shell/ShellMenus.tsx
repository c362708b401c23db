import { Menu, Text, useMantineColorScheme } from "@mantine/core";
import { Trans } from "@lingui/react/macro";
import { IconLogout, IconUser } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { keepMine, signOut, tellLanguage } from "../api";
import { LANGUAGES, keepLanguage } from "../i18n";
import { useSession } from "../session";
import { useLooks } from "./looks";

export function LookItems() {
  const { setColorScheme } = useMantineColorScheme();
  return useLooks().map((one) => (
    <Menu.Item key={one.value} leftSection={<one.icon size={16} />} onClick={() => { setColorScheme(one.value); void keepMine({ theme: one.value }); }}>
      {one.label}
    </Menu.Item>
  ));
}

export function LanguageItems() {
  return Object.entries(LANGUAGES).map(([code, name]) => (
    <Menu.Item
      key={code}
      lang={code}
      onClick={() => {
        keepLanguage(code);
        // What the server does not hear of is kept here at least.
        void keepMine({ locale: code }).then(() => tellLanguage(code)).catch(() => undefined).then(() => window.location.reload());
      }}
    >
      {name}
    </Menu.Item>
  ));
}

export function MeItems() {
  const session = useSession();
  return (
    <>
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
    </>
  );
}
