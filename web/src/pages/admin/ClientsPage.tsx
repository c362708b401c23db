import { Badge, Button, Checkbox, Group, Select, Table, TextInput } from "@mantine/core";
import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api";
import { count } from "../../format";
import { ChooseAll } from "../../shell/ChooseAll";
import { Asked, More, Nothing, Page, Panel, When, Wide } from "../../shell/Page";
import { type Asked as Order, useAsked } from "./asked";
import { Bulk } from "./Bulk";
import { Impact, type Use } from "./ClientUse";
import { TestBadge } from "./TestBadge";
import classes from "./Clients.module.css";
import { SortHead } from "./SortHead";
import { TableTools } from "./TableTools";
import { useColumns } from "./tableViews";
import { To } from "../../shell/To";

export interface Client {
  readonly client_id: string;
  readonly client_name?: string;
  readonly client_uri?: string;
  readonly logo_uri?: string;
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
  readonly test_until: string | null;
}

/** By kind, and by name within one: Keycell's own come last. */
const USUAL = "kind";
const COLUMNS = ["client_id", "kind", "used", "people", "health", "secret", "since"] as const;
type ColumnId = (typeof COLUMNS)[number];
const SHOWN: readonly ColumnId[] = ["kind", "used", "people", "health"];
/** By what the list can be ordered, where it can. */
const HEADS: Partial<Record<ColumnId, string>> = { client_id: "client_id", kind: "kind", used: "used", people: "people", health: "misdirected", since: "created" };
const A_DAY = 86_400_000;
/** After so many days a secret is called old. */
const OLD_DAYS = 365;

type Used = Client & Use;

export default function ClientsPage() {
  const { t } = useLingui();
  const { asked, change, typed, setTyped } = useAsked();
  const { search, state, sort, backwards } = asked;
  const found = useInfiniteQuery({
    queryKey: ["clients", "list", search, state, sort, backwards], initialPageParam: "", placeholderData: keepPreviousData,
    queryFn: ({ signal, pageParam }) => api.get<{ items: Used[]; next: string | null }>(`/a/keycell/admin/clients?${new URLSearchParams({
      search, state, sort: sort || USUAL, is_backwards: String(backwards), after: pageParam, most: "100", with_use: "true",
    })}`, { signal }),
    getNextPageParam: (last) => last.next ?? undefined,
    select: (data) => data.pages.flatMap((part) => part.items),
  });
  const columns = useColumns("applications", COLUMNS, SHOWN);
  const labels = useLabels();
  return (
    <Page title={<Trans>Applications</Trans>} actions={<Button renderRoot={(props) => <To to="/admin/new-application" {...props} />}><Trans>Connect an application</Trans></Button>}>
      <Panel>
        <Group align="flex-end">
          <TextInput label={t`Search`} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} style={{ flex: "1 1 14rem" }} />
          <Select label={t`State`} value={state} onChange={(one) => change({ state: one ?? "" })} allowDeselect={false}
            data={[{ value: "", label: t`all` }, { value: "active", label: t`active` }, { value: "disabled", label: t`disabled` }, { value: "own", label: t`Keycell's own` }]} />
        </Group>
        <TableTools name="applications" file="/a/keycell/admin/clients.export" columns={COLUMNS.map((id) => ({ id, label: labels[id] }))} {...columns} asked={{ ...asked, sort: sort || USUAL }} change={change} />
        <Asked of={found}>
          {(shown) => shown.length === 0 ? <Nothing><Trans>There is none.</Trans></Nothing> : <ClientsTable shown={shown} columns={columns.shown} asked={asked} onChange={change} />}
        </Asked>
        <More of={found} />
      </Panel>
    </Page>
  );
}

function useLabels(): Record<ColumnId, string> {
  const { t } = useLingui();
  return { client_id: "client_id", kind: t`Kind`, used: t`Last used`, people: t`People`, health: t`Health`, secret: t`Secret made`, since: t`Since` };
}

function ClientsTable({ shown, columns, asked, onChange }: { shown: readonly Used[]; columns: readonly ColumnId[]; asked: Order; onChange: (more: Partial<Order>) => void }) {
  const { t } = useLingui();
  const heads = { usual: USUAL, asked, onChange };
  const labels = useLabels();
  const [chosen, setChosen] = useState<string[]>([]);
  const others = shown.filter((one) => !one.is_first_party);
  const there = chosen.filter((id) => others.some((one) => one.client_id === id));
  const at = (id: string) => `/a/keycell/admin/clients/${encodeURIComponent(id)}`;
  const names = (id: string) => shown.find((one) => one.client_id === id)?.client_name || id;
  const about = (id: string) => others.filter((one) => one.client_id === id).map((one) => <Impact key={id} of={one} />);
  const [only = "", ...more] = there;
  return (
    <>
      <Bulk chosen={there} names={names} changed={["clients", "overview"]} onChosen={setChosen} acts={[
        { label: t`Disable`, warning: t`Nobody can sign in to them until they are enabled again.`, about, of: (id, options) => api.put(at(id), { is_disabled: true }, options) },
        { label: t`Enable`, of: (id, options) => api.put(at(id), { is_disabled: false }, options) },
        { label: t`Remove`, warning: t`Everything granted to them ends at once, and they must be registered anew.`, about,
          typed: more.length === 0 ? names(only) : String(there.length), of: (id, options) => api.delete(at(id), options) },
      ]} />
      <Wide>
        <Table verticalSpacing="sm" highlightOnHover>
          <Table.Thead><Table.Tr>
            <Table.Th w="2.5rem"><ChooseAll chosen={there.length} of={others.length} onChoose={(isAll) => setChosen(isAll ? others.map((one) => one.client_id) : [])} /></Table.Th>
            <SortHead by="name" {...heads}><Trans>Name</Trans></SortHead>
            {columns.map((id) => HEADS[id] ? <SortHead key={id} by={HEADS[id]} {...heads}>{labels[id]}</SortHead> : <Table.Th key={id}>{labels[id]}</Table.Th>)}
          </Table.Tr></Table.Thead>
          <Table.Tbody>
            {shown.map((one) => (
              <Table.Tr key={one.client_id}>
                <Table.Td>{!one.is_first_party && <Checkbox aria-label={t`Choose ${names(one.client_id)}`} checked={there.includes(one.client_id)}
                  onChange={(event) => setChosen(event.currentTarget.checked ? [...there, one.client_id] : there.filter((id) => id !== one.client_id))} />}</Table.Td>
                <Table.Td>
                  <div className={classes.named}>
                    <Logo of={one} />
                    <Group gap={6}>
                      <To to={`/admin/applications/${encodeURIComponent(one.client_id)}`}><bdi>{one.client_name || one.client_id}</bdi></To>
                      {one.is_disabled && <Badge color="red" variant="light"><Trans>disabled</Trans></Badge>}
                      <TestBadge of={one} />
                      {one.former_secret_until && <Badge color="yellow" variant="light"><Trans>two secrets</Trans></Badge>}
                    </Group>
                  </div>
                </Table.Td>
                {columns.map((id) => <Table.Td key={id}><Cell id={id} of={one} /></Table.Td>)}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </>
  );
}

function Cell({ id, of }: { id: ColumnId; of: Used }) {
  const { t } = useLingui();
  const kinds = { server: t`on a server`, device: t`in browsers and on devices`, service: t`a service, without people`, own: t`Keycell's own` };
  switch (id) {
    case "client_id": return <bdi className={classes.id}>{of.client_id}</bdi>;
    case "kind": return kinds[of.kind];
    case "used": return <When at={of.used_at} />;
    case "people": return count(of.people);
    case "health": return <Health of={of} />;
    case "secret": return hasSecret(of) ? <When at={of.secret_made_at ?? of.created_at} /> : "—";
    case "since": return of.is_first_party ? "—" : <When at={of.created_at} />;
  }
}

function hasSecret(of: Client): boolean {
  return !of.is_first_party && of.token_endpoint_auth_method.startsWith("client_secret");
}

function secretDays(of: Client): number {
  return Math.floor((Date.now() - Date.parse(of.secret_made_at ?? of.created_at)) / A_DAY);
}

/** What somebody should look at: where it sends people wrongly, and a secret that is old. */
function Health({ of }: { of: Used }) {
  const { t } = useLingui();
  const days = secretDays(of);
  const isOld = hasSecret(of) && days > OLD_DAYS;
  if (of.misdirected === 0 && !isOld) return <span className={classes.good}><Trans>nothing is amiss</Trans></span>;
  return (
    <Group gap={6}>
      {of.misdirected > 0 && (
        <To to="/admin/audit" search={{ action: "client.misdirected", client_id: of.client_id }}>
          {t`${plural(of.misdirected, { one: "# wrong redirect URI", other: "# wrong redirect URIs" })}`}
        </To>
      )}
      {isOld && <Badge color="yellow" variant="light">{t`secret of ${days} days`}</Badge>}
    </Group>
  );
}

/** Its logo, by way of our own server; where there is none, its first letter. */
function Logo({ of }: { of: Client }) {
  const [isMissing, setMissing] = useState(!of.logo_uri);
  if (!isMissing) return <img className={classes.logo} src={`/oauth2/logo/${encodeURIComponent(of.client_id)}`} alt="" loading="lazy" onError={() => setMissing(true)} />;
  return <span className={classes.logo} aria-hidden>{[...(of.client_name || of.client_id)][0]?.toLocaleUpperCase()}</span>;
}
