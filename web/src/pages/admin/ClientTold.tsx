/** What the application would be told of somebody, by each token and by UserInfo, and what by none. */
import { Alert, Badge, MultiSelect, Select, SimpleGrid, Stack, Table, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../api";
import { CopyBlock } from "../../shell/CopyBlock";
import { Asked, Panel, Wide } from "../../shell/Page";
import { usePeople } from "./people";
import { rowsOf, type Claims } from "./claimRows";

interface Preview {
  readonly may_sign_in: boolean;
  readonly refusals: readonly string[];
  readonly is_asked: boolean;
  readonly scopes: readonly string[];
  readonly left_out: readonly string[];
  readonly id_token: Claims;
  readonly access_token: Claims;
  readonly userinfo: Claims;
  readonly access_token_format: "jwt" | "opaque";
  readonly not_told: readonly { readonly scope: string; readonly claims: readonly string[]; readonly may_ask: boolean }[];
}
const SCOPES = ["openid", "profile", "email", "groups", "roles", "phone", "address", "offline_access"];

export function Told({ at, scope }: { at: string; scope: string | undefined }) {
  const { t } = useLingui();
  // The page of a person leads here.
  const { of } = useSearch({ strict: false }) as { of?: unknown };
  const [login, setLogin] = useState<string | null>(typeof of === "string" ? of : null);
  const [typed, setTyped] = useState("");
  const [scopes, setScopes] = useState<string[]>(scope?.split(" ").filter(Boolean) ?? ["openid", "profile", "email"]);
  const people = usePeople(typed);
  const wanted = scopes.join(" ");
  const found = useQuery({
    queryKey: ["told", at, login, wanted], enabled: login !== null,
    queryFn: ({ signal }) => api.get<Preview>(`${at}/preview?${new URLSearchParams({ login: login ?? "", ...(wanted ? { scope: wanted } : {}) })}`, { signal }),
  });
  return (
    <Panel title={<Trans>What it is told</Trans>}>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Select searchable label={t`Of whom`} placeholder={t`Choose a person`} value={login} onChange={setLogin} limit={50} searchValue={typed} onSearchChange={setTyped}
          data={[...new Set([...(people.data ?? []).map((one) => one.login), ...(login === null ? [] : [login])])]} />
        <MultiSelect label={t`Scopes it asks for`} value={scopes} onChange={setScopes} data={[...new Set([...SCOPES, ...scopes])]} />
      </SimpleGrid>
      {login !== null && <Asked of={found}>{(data) => <Shown data={data} />}</Asked>}
    </Panel>
  );
}

function Shown({ data }: { data: Preview }) {
  const { t } = useLingui();
  return (
    <Stack>
      <Text>
        {data.may_sign_in ? <Trans>May sign in.</Trans> : data.refusals.join("; ")}{" "}
        {data.is_asked && <Trans>They are asked for their consent first.</Trans>}
      </Text>
      {data.left_out.length > 0 && <Alert color="red" title={<Trans>Not registered for: {data.left_out.join(" ")}</Trans>}><Trans>It gets its tokens without these scopes.</Trans></Alert>}
      <Side data={data} />
      {data.access_token_format === "opaque" && <Text size="sm" c="dimmed"><Trans>Its access tokens are opaque: what stands here is told by introspection.</Trans></Text>}
      {data.not_told.length > 0 && (
        <Stack gap={4}>
          <Text fw={600} size="sm"><Trans>Known here, and told by none</Trans></Text>
          {data.not_told.map((one) => (
            <Text key={one.scope} size="sm"><b>{one.claims.join(", ")}</b>{": "}
              {one.may_ask ? <Trans>the application must ask for the scope {one.scope}</Trans> : <Trans>the scope {one.scope} is not in its registration, so asking for it does nothing</Trans>}
            </Text>
          ))}
        </Stack>
      )}
      <details>
        <summary><Trans>As JSON</Trans></summary>
        <SimpleGrid cols={{ base: 1, md: 3 }} mt="sm">
          <CopyBlock label={t`ID token`} text={JSON.stringify(data.id_token, null, 2)} />
          <CopyBlock label={t`Access token`} text={JSON.stringify(data.access_token, null, 2)} />
          <CopyBlock label="UserInfo" text={JSON.stringify(data.userinfo, null, 2)} />
        </SimpleGrid>
      </details>
    </Stack>
  );
}

function Side({ data }: { data: Preview }) {
  return (
    <Wide>
      <Table verticalSpacing={4} highlightOnHover>
        <Table.Thead><Table.Tr><Table.Th><Trans>Claim</Trans></Table.Th><Table.Th><Trans>ID token</Trans></Table.Th><Table.Th><Trans>Access token</Trans></Table.Th><Table.Th>UserInfo</Table.Th></Table.Tr></Table.Thead>
        <Table.Tbody>
          {rowsOf(data.id_token, data.access_token, data.userinfo).map((row) => (
            <Table.Tr key={row.claim}>
              <Table.Td><bdi>{row.claim}</bdi>{row.differs && <> <Badge size="sm" color="yellow" variant="light"><Trans>differs</Trans></Badge></>}</Table.Td>
              {row.values.map((value, index) => (
                <Table.Td key={index} c={value === undefined ? "dimmed" : undefined} fz="sm" style={{ overflowWrap: "anywhere" }}><bdi>{value ?? "—"}</bdi></Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}
