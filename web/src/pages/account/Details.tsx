import { Badge, Button, Group, Select, SimpleGrid, Stack, Text, TextInput, useMantineColorScheme } from "@mantine/core";
import { useForm } from "@mantine/form";
import { i18n } from "@lingui/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { api, tellLanguage } from "../../api";
import { LANGUAGES, keepLanguage } from "../../i18n";
import { useDoing } from "../../shell/doing";
import { useLooks } from "../../shell/looks";

export interface Application {
  readonly client_id: string;
  readonly label: string;
  readonly claims: Readonly<Record<string, unknown>>;
  /** What it is told of somebody who has it, by the names of claims. */
  readonly may_see: readonly string[];
}

export interface Profile {
  readonly login: string;
  readonly name: string;
  readonly email: string | null;
  readonly email_verified: boolean;
  readonly group: string;
  readonly has_password: boolean;
  readonly person: { readonly locale?: string; readonly zoneinfo?: string };
  readonly theme: "auto" | "light" | "dark" | null;
  readonly applications: readonly Application[];
}

interface Fields {
  readonly name: string;
  readonly email: string;
  readonly locale: string;
  readonly zoneinfo: string;
  readonly theme: "auto" | "light" | "dark";
}

const HERE = new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Says which applications see a claim. */
function useSeen(applications: readonly Application[]): (claim: string) => string {
  const { t } = useLingui();
  const list = new Intl.ListFormat(i18n.locale);
  return (claim) => {
    const seeing = list.format(applications.filter((one) => one.may_see.includes(claim)).map((one) => one.label));
    return seeing === "" ? t`No application sees it` : t`Seen by ${seeing}`;
  };
}

export function Details({ profile }: { profile: Profile }) {
  const { t } = useLingui();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const seen = useSeen(profile.applications);
  const { locale = "", zoneinfo = "" } = profile.person;
  const form = useForm<Fields>({ initialValues: { name: profile.name, email: profile.email ?? "", locale, zoneinfo, theme: profile.theme ?? colorScheme } });
  const save = useDoing(async ({ email, ...mine }: Fields) => {
    await api.put("/a/keycell/account/profile", mine);
    setColorScheme(mine.theme);
    if (email !== (profile.email ?? "")) await api.put(`/a/user/${encodeURIComponent(profile.login)}`, { Attributes: { email } });
    if (mine.locale in LANGUAGES && mine.locale !== locale) {
      keepLanguage(mine.locale);
      await tellLanguage(mine.locale);
    }
    // Words and times of the whole page are made anew.
    if (mine.locale !== locale || mine.zoneinfo !== zoneinfo) window.location.reload();
  }, ["profile"], t`Saved.`);
  const here = HERE;
  const languages = [{ value: "", label: t`As the browser asks` }, ...Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))];
  // What an administrator said may be none of ours.
  if (!languages.some((one) => one.value === locale)) languages.push({ value: locale, label: locale });
  const zones = [...new Set([...Intl.supportedValuesOf("timeZone"), ...(zoneinfo ? [zoneinfo] : [])])];
  const looks = useLooks().map(({ value, label }) => ({ value, label }));
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
      <Stack>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextInput label={t`Name`} description={seen("name")} autoComplete="name" maxLength={200} {...form.getInputProps("name")} />
          <TextInput label={t`Mail address`} description={seen("email")} type="email" autoComplete="email" {...form.getInputProps("email")} />
          <Select label={t`Language, here and in letters`} description={seen("locale")} allowDeselect={false} data={languages} {...form.getInputProps("locale")} />
          <Select label={t`Time zone`} description={seen("zoneinfo")} searchable allowDeselect={false} nothingFoundMessage={t`No such time zone`}
            data={[{ value: "", label: t`As the browser has it: ${here}` }, ...zones.map((one) => ({ value: one, label: one }))]} {...form.getInputProps("zoneinfo")} />
          <Select label={t`Appearance`} description={t`No application sees it`} allowDeselect={false} data={looks} {...form.getInputProps("theme")} />
          <Stack gap={4}>
            <Text size="sm"><Text span fw={600}><Trans>Login</Trans></Text> <bdi>{profile.login}</bdi>{profile.group !== "/" && <> · <Trans>Group</Trans> <bdi>{profile.group}</bdi></>}</Text>
            <Text size="xs" c="dimmed">{seen("preferred_username")} · <Trans>An administrator can change it.</Trans></Text>
            {profile.email !== null && !profile.email_verified && <Badge color="yellow" variant="light"><Trans>mail address not verified</Trans></Badge>}
          </Stack>
        </SimpleGrid>
        <Group><Button type="submit" loading={save.isPending}><Trans>Save</Trans></Button></Group>
      </Stack>
    </form>
  );
}
