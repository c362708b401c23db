import { Accordion, Group, Stack, Text } from "@mantine/core";
import { Trans } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { api } from "../../api";
import { Asked, Nothing, Page, Panel } from "../../shell/Page";
import { Details, type Profile } from "./Details";
import { Password } from "./Password";
import { Picture } from "./Picture";

export default function ProfilePage() {
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
            <Panel title={<Trans>Password</Trans>}><Password login={data.login} email={data.email ?? ""} isSet={data.has_password} /></Panel>
          </>
        )}
      </Asked>
    </Page>
  );
}
