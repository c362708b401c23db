import { Accordion, Button, Group, PasswordInput, SimpleGrid, Stack, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { api } from "../../api";
import { useDoing } from "../../shell/doing";
import { Asked, Nothing, Page, Panel } from "../../shell/Page";
import { Details, type Profile } from "./Details";
import { Picture } from "./Picture";

export default function ProfilePage() {
  const { t } = useLingui();
  const profile = useQuery({ queryKey: ["profile"], queryFn: ({ signal }) => api.get<Profile>("/a/keycell/account/profile", { signal }) });
  return (
    <Page title={<Trans>Profile</Trans>} about={<Trans>Who you are here, and what each application sees of it.</Trans>}>
      <Asked of={profile}>
        {(data) => (
          <>
            <Panel title={<Trans>About you</Trans>}><Picture name={data.name || data.login} /><Details profile={data} /></Panel>
            <Panel title={<Trans>What applications see</Trans>}>
              {data.applications.length === 0 && <Nothing><Trans>You have allowed no application anything yet.</Trans></Nothing>}
              <Accordion variant="separated" order={3}>
                {data.applications.map((one) => (
                  <Accordion.Item key={one.client_id} value={one.client_id}>
                    <Accordion.Control><bdi>{one.label}</bdi></Accordion.Control>
                    <Accordion.Panel>
                      <Stack gap={4}>
                        {Object.entries(one.claims).map(([name, value]) => (
                          <Group key={name} gap="xs" wrap="nowrap" align="flex-start">
                            <Text size="sm" c="dimmed" w="11rem" style={{ flexShrink: 0 }}>{name}</Text>
                            <Text size="sm"><bdi>{typeof value === "string" ? value : JSON.stringify(value)}</bdi></Text>
                          </Group>
                        ))}
                      </Stack>
                    </Accordion.Panel>
                  </Accordion.Item>
                ))}
              </Accordion>
            </Panel>
            <Panel title={<Trans>Password</Trans>}><Password login={data.login} label={t`Change the password`} /></Panel>
          </>
        )}
      </Asked>
    </Page>
  );
}

function Password({ login, label }: { login: string; label: string }) {
  const { t } = useLingui();
  const form = useForm({ initialValues: { old: "", fresh: "" }, validate: { fresh: (value) => (value.length < 8 ? t`At least 8 characters` : null) } });
  const change = useDoing(
    (values: { old: string; fresh: string }) =>
      api.put(`/a/user/${encodeURIComponent(login)}`, { Password: values.fresh, OldPassword: values.old }),
    ["sessions"], t`Your password is changed.`,
  );
  return (
    <form onSubmit={form.onSubmit((values) => change.mutate(values, { onSuccess: () => form.reset() }))}>
      <Stack>
        <Text size="sm" c="dimmed"><Trans>At least 8 characters; a sentence of your own is better than signs. Every other browser is signed out.</Trans></Text>
        <input type="hidden" name="username" autoComplete="username" value={login} readOnly />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <PasswordInput label={t`Current password`} autoComplete="current-password" required {...form.getInputProps("old")} />
          <PasswordInput label={t`New password`} autoComplete="new-password" required {...form.getInputProps("fresh")} />
        </SimpleGrid>
        <Group><Button type="submit" variant="default" loading={change.isPending}>{label}</Button></Group>
      </Stack>
    </form>
  );
}
