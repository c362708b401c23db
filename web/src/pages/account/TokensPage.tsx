import { Button, Checkbox, Group, Select, SimpleGrid, Stack, Table, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api";
import { ago } from "../../format";
import { CopyBlock } from "../../shell/CopyBlock";
import { useDoing } from "../../shell/doing";
import { Asked, Nothing, Page, Panel, Wide } from "../../shell/Page";

interface Token {
  readonly Uuid: string;
  readonly Label: string;
  readonly Scopes: readonly string[];
  readonly ExpiresAt: string;
  readonly LastUsedAt: string;
}
interface Wish {
  readonly label: string;
  readonly days: string;
  readonly scopes: string[];
}

export default function TokensPage() {
  const { t } = useLingui();
  const [made, setMade] = useState("");
  const may = useMay();
  const found = useQuery({ queryKey: ["tokens"], queryFn: ({ signal }) => ask(signal) });
  const form = useForm<Wish>({
    initialValues: { label: "", days: "90", scopes: ["files.read"] },
    validate: { label: (value) => (value.trim() ? null : t`Say what it is for`) },
  });
  const make = useDoing((wish: Wish) => {
    const until = Math.floor(Date.now() / 1000) + Number(wish.days) * 86_400;
    return api.post<{ AccessToken: string }>("/a/auth/token/personal", { Label: wish.label, Scopes: wish.scopes, ExpiresAt: String(until) });
  }, ["tokens", "security"]);
  const end = useDoing((one: Token) => api.delete(`/a/auth/tokens/${encodeURIComponent(one.Uuid)}`), ["tokens", "security"], t`It opens nothing any more.`);
  return (
    <Page title={<Trans>Access tokens</Trans>} about={<Trans>For programs of your own: they open what you choose, until the day you choose.</Trans>}>
      <Panel title={<Trans>New token</Trans>}>
        <form onSubmit={form.onSubmit((wish) => make.mutate(wish, { onSuccess: (answer) => { setMade(answer.AccessToken); form.reset(); } }))}>
          <Stack>
            <SimpleGrid cols={{ base: 1, sm: 2 }}>
              <TextInput label={t`What it is for`} placeholder={t`Backup of the laptop`} maxLength={200} {...form.getInputProps("label")} />
              <Select label={t`Good for`} allowDeselect={false} data={["7", "30", "90", "365"].map((days) => ({ value: days, label: t`${days} days` }))} {...form.getInputProps("days")} />
            </SimpleGrid>
            <Checkbox.Group label={t`It may`} {...form.getInputProps("scopes")}>
              <Group mt="xs">
                <Checkbox value="files.read" label={may("files.read")} />
                <Checkbox value="files.write" label={may("files.write")} />
              </Group>
            </Checkbox.Group>
            <Group><Button type="submit" loading={make.isPending}><Trans>Make the token</Trans></Button></Group>
          </Stack>
        </form>
        {made && <CopyBlock text={made} label={t`Your new token; it is shown this once`} isSecret />}
      </Panel>
      <Panel title={<Trans>Your tokens</Trans>}>
        <Asked of={found}>
          {(data) => data.length === 0 ? <Nothing><Trans>You have no access token</Trans></Nothing> : (
            <Wide>
              <Table verticalSpacing="sm">
                <Table.Thead><Table.Tr><Table.Th><Trans>For</Trans></Table.Th><Table.Th><Trans>It may</Trans></Table.Th><Table.Th><Trans>Ends</Trans></Table.Th><Table.Th><Trans>Last used</Trans></Table.Th><Table.Th aria-label={t`Actions`} /></Table.Tr></Table.Thead>
                <Table.Tbody>
                  {data.map((one) => (
                    <Table.Tr key={one.Uuid}>
                      <Table.Td><bdi>{one.Label}</bdi></Table.Td>
                      <Table.Td><Text size="sm" c="dimmed">{one.Scopes.map(may).join(", ")}</Text></Table.Td>
                      <Table.Td>{ago(Number(one.ExpiresAt))}</Table.Td>
                      <Table.Td>{one.LastUsedAt === "0" ? <Trans>never</Trans> : ago(Number(one.LastUsedAt))}</Table.Td>
                      <Table.Td ta="end"><Button size="xs" variant="default" aria-label={t`End the token ${one.Label}`} onClick={() => end.mutate(one)}><Trans>End</Trans></Button></Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Wide>
          )}
        </Asked>
      </Panel>
    </Page>
  );
}

/** What a scope of a token lets be done, in words. */
function useMay(): (scope: string) => string {
  const { t } = useLingui();
  const whole: Readonly<Record<string, string>> = {
    "files.read": t`read files`, "files.write": t`change files`, account: t`read and change all files`, admin: t`administer`,
  };
  return (scope) => {
    const [kind, place = "", rights] = scope.split(":");
    if (kind === "space") return rights === "r" ? t`read files in ${place}` : t`read and change files in ${place}`;
    if (kind === "node") return rights === "r" ? t`read one file or folder` : t`read and change one file or folder`;
    return whole[scope] ?? scope;
  };
}

async function ask(signal: AbortSignal): Promise<readonly Token[]> {
  return (await api.post<{ Tokens: Token[] }>("/a/auth/tokens", {}, { signal })).Tokens;
}
