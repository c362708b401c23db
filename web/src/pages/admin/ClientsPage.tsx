import { Badge, Button, Checkbox, Group, Select, Table, TextInput } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api";
import { ChooseAll } from "../../shell/ChooseAll";
import { Asked, More, Nothing, Page, Panel, When, Wide } from "../../shell/Page";
import { type Asked as Order, useAsked } from "./asked";
import { Bulk } from "./Bulk";
import { SortHead } from "./SortHead";
import { To } from "../../shell/To";

export interface Client {
  readonly client_id: string;
  readonly client_name?: string;
  readonly client_uri?: string;
  readonly redirect_uris?: readonly string[];
  readonly post_logout_redirect_uris?: readonly string[];
  readonly scope?: string;
  readonly grant_types?: readonly string[];
  readonly token_endpoint_auth_method: string;
  readonly came_by: string;
  readonly kind: "server" | "device" | "service" | "own";
  readonly is_first_party: boolean;
  readonly is_disabled: boolean;
  readonly require_pkce: boolean;
  readonly require_pushed_authorization_requests?: boolean;
  readonly dpop_bound_access_tokens?: boolean;
  readonly tls_client_certificate_bound_access_tokens?: boolean;
  readonly created_at: string;
  readonly secret_made_at: string | null;
  readonly former_secret_until: string | null;
}

/** By kind, and by name within one: Keycell's own come last. */
const USUAL = "kind";

export default function ClientsPage() {
  const { t } = useLingui();
  const { asked, change, typed, setTyped } = useAsked();
  const { search, state, sort, backwards } = asked;
  const found = useInfiniteQuery({
    queryKey: ["clients", "list", search, state, sort, backwards], initialPageParam: "", placeholderData: keepPreviousData,
    queryFn: ({ signal, pageParam }) => api.get<{ items: Client[]; next: string | null }>(`/a/keycell/admin/clients?${new URLSearchParams({
      search, state, sort: sort || USUAL, is_backwards: String(backwards), after: pageParam, most: "100",
    })}`, { signal }),
    getNextPageParam: (last) => last.next ?? undefined,
    select: (data) => data.pages.flatMap((part) => part.items),
  });
  return (
    <Page title={<Trans>Applications</Trans>} actions={<Button renderRoot={(props) => <To to="/admin/new-application" {...props} />}><Trans>Connect an application</Trans></Button>}>
      <Panel>
        <Group align="flex-end">
          <TextInput label={t`Search`} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} style={{ flex: "1 1 14rem" }} />
          <Select label={t`State`} value={state} onChange={(one) => change({ state: one ?? "" })} allowDeselect={false}
            data={[{ value: "", label: t`all` }, { value: "active", label: t`active` }, { value: "disabled", label: t`disabled` }, { value: "own", label: t`Keycell's own` }]} />
        </Group>
        <Asked of={found}>
          {(shown) => shown.length === 0 ? <Nothing><Trans>There is none.</Trans></Nothing> : <ClientsTable shown={shown} asked={asked} onChange={change} />}
        </Asked>
        <More of={found} />
      </Panel>
    </Page>
  );
}

function ClientsTable({ shown, asked, onChange }: { shown: readonly Client[]; asked: Order; onChange: (more: Partial<Order>) => void }) {
  const { t } = useLingui();
  const heads = { usual: USUAL, asked, onChange };
  const kinds = { server: t`on a server`, device: t`in browsers and on devices`, service: t`a service, without people`, own: t`Keycell's own` };
  const [chosen, setChosen] = useState<string[]>([]);
  const others = shown.filter((one) => !one.is_first_party);
  const there = chosen.filter((id) => others.some((one) => one.client_id === id));
  const at = (id: string) => `/a/keycell/admin/clients/${encodeURIComponent(id)}`;
  const names = (id: string) => shown.find((one) => one.client_id === id)?.client_name || id;
  return (
    <>
      <Bulk chosen={there} names={names} changed={["clients", "overview"]} onChosen={setChosen} acts={[
        { label: t`Disable`, warning: t`Nobody can sign in to them until they are enabled again.`, of: (id) => api.put(at(id), { is_disabled: true }) },
        { label: t`Enable`, of: (id) => api.put(at(id), { is_disabled: false }) },
        { label: t`Remove`, warning: t`Everything granted to them ends at once, and they must be registered anew.`, of: (id) => api.delete(at(id)) },
      ]} />
      <Wide>
        <Table verticalSpacing="sm" highlightOnHover>
          <Table.Thead><Table.Tr>
            <Table.Th w="2.5rem"><ChooseAll chosen={there.length} of={others.length} onChoose={(isAll) => setChosen(isAll ? others.map((one) => one.client_id) : [])} /></Table.Th>
            <SortHead by="name" {...heads}><Trans>Name</Trans></SortHead>
            <SortHead by="client_id" {...heads}>client_id</SortHead>
            <SortHead by="kind" {...heads}><Trans>Kind</Trans></SortHead>
            <SortHead by="created" {...heads}><Trans>Since</Trans></SortHead>
          </Table.Tr></Table.Thead>
          <Table.Tbody>
            {shown.map((one) => (
              <Table.Tr key={one.client_id}>
                <Table.Td>{!one.is_first_party && <Checkbox aria-label={t`Choose ${names(one.client_id)}`} checked={there.includes(one.client_id)}
                  onChange={(event) => setChosen(event.currentTarget.checked ? [...there, one.client_id] : there.filter((id) => id !== one.client_id))} />}</Table.Td>
                <Table.Td>
                  <Group gap={6}>
                    <To to={`/admin/applications/${encodeURIComponent(one.client_id)}`}><bdi>{one.client_name || one.client_id}</bdi></To>
                    {one.is_disabled && <Badge color="red" variant="light"><Trans>disabled</Trans></Badge>}
                    {one.former_secret_until && <Badge color="yellow" variant="light"><Trans>two secrets</Trans></Badge>}
                  </Group>
                </Table.Td>
                <Table.Td style={{ overflowWrap: "anywhere" }}><bdi>{one.client_id}</bdi></Table.Td>
                <Table.Td>{kinds[one.kind]}</Table.Td>
                <Table.Td>{one.is_first_party ? "—" : <When at={one.created_at} />}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </>
  );
}
