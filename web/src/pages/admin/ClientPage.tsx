import { Badge, Button, Code, Group, Select, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../api";
import { CopyBlock } from "../../shell/CopyBlock";
import { useDoing } from "../../shell/doing";
import { Asked, Page, Panel, When } from "../../shell/Page";
import type { Client } from "./ClientsPage";
import { Access } from "./Access";
import { Acting } from "./Acting";
import { Ending } from "./ClientEnding";
import { FirstSignIn } from "./FirstSignIn";
import { TestMode } from "./ClientTest";
import { TestBadge } from "./TestBadge";
import { Told } from "./ClientTold";
import { Suite } from "./Suite";
import { Tokens } from "./ClientTokens";
import { save } from "../../shell/save";
import { To } from "../../shell/To";

export default function ClientPage() {
  const { t } = useLingui();
  const { id = "" } = useParams({ strict: false }) as { id?: string };
  const at = `/a/keycell/admin/clients/${encodeURIComponent(id)}`;
  const [grace, setGrace] = useState<string | null>("24");
  const found = useQuery({ queryKey: ["clients", id], queryFn: ({ signal }) => api.get<Client>(at, { signal }) });
  const renew = useDoing((hours: number) => api.post<{ client_secret: string }>(`${at}/secret`, { grace_hours: hours }), ["clients"]);
  const endFormer = useDoing(() => api.delete(`${at}/secret`), ["clients"], t`The former secret is ended.`);
  const take = useDoing(async () => {
    const document = await api.get(`${at}/export`);
    save(new Blob([`${JSON.stringify(document, null, 2)}\n`], { type: "application/json" }), `${id}.json`);
  }, []);
  return (
    <Page title={<bdi>{found.data?.client_name || id}</bdi>} about={<To to="/admin/applications"><Trans>All applications</Trans></To>}>
      <Asked of={found}>
        {(data) => (
          <>
            <Panel title={<Trans>Registration</Trans>}>
              <Group gap="xs">
                {data.is_first_party && <Badge variant="default"><Trans>Keycell's own</Trans></Badge>}
                {data.is_disabled ? <Badge color="red" variant="light"><Trans>disabled</Trans></Badge> : <Badge color="green" variant="light"><Trans>active</Trans></Badge>}
                <TestBadge of={data} />
                {data.require_pkce && <Badge variant="default">PKCE</Badge>}
                <Badge variant="default">{data.token_endpoint_auth_method}</Badge>
              </Group>
              <Fact name="client_id">{data.client_id}</Fact>
              {(data.redirect_uris ?? []).map((uri) => <Fact key={uri} name="redirect_uri">{uri}</Fact>)}
              <Fact name="scope">{data.scope ?? "—"}</Fact>
              {!data.is_first_party && (
                <Group>
                  <Button variant="default" loading={take.isPending} onClick={() => take.mutate(undefined)}><Trans>Export</Trans></Button>
                  <Ending at={at} client={data} />
                </Group>
              )}
            </Panel>
            {data.test_until !== null && <TestMode at={at} client={data} />}
            {!data.is_first_party && data.token_endpoint_auth_method.startsWith("client_secret") && (
              <Panel title={<Trans>Secret</Trans>}>
                <Text><Trans>Made</Trans> <When at={data.secret_made_at ?? data.created_at} />{data.former_secret_until && <> · <Trans>the former one is good</Trans> <When at={data.former_secret_until} /></>}</Text>
                <Group align="flex-end">
                  <Select label={t`The present one stays good`} allowDeselect={false} value={grace} onChange={setGrace}
                    data={[{ value: "0", label: t`not at all` }, { value: "24", label: t`for a day` }, { value: "168", label: t`for a week` }]} />
                  <Button variant="default" onClick={() => renew.mutate(Number(grace))}><Trans>New secret</Trans></Button>
                  {data.former_secret_until && <Button color="red" variant="light" onClick={() => endFormer.mutate(undefined)}><Trans>End the former one now</Trans></Button>}
                </Group>
                {renew.data && <CopyBlock text={renew.data.client_secret} label={t`New secret; it is shown this once`} isSecret />}
              </Panel>
            )}
            {!data.is_first_party && <FirstSignIn client={data} />}
            <Told at={at} scope={data.scope} />
            {!data.is_first_party && <Tokens at={at} client={data} />}
            {!data.is_first_party && <Access at={at} />}
            {!data.is_first_party && <Acting at={at} client={data} />}
            {!data.is_first_party && <Suite at={at} />}
          </>
        )}
      </Asked>
    </Page>
  );
}

function Fact({ name, children }: { name: string; children: string }) {
  return (
    <Group wrap="nowrap" align="flex-start" gap="sm">
      <Text size="sm" c="dimmed" w="7rem" style={{ flexShrink: 0 }}>{name}</Text>
      <Code style={{ overflowWrap: "anywhere" }}>{children}</Code>
    </Group>
  );
}
