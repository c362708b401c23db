/** What the claims of a token mean: read in the browser, verified by nobody here. */
import { Alert, Code, Stack, Table } from "@mantine/core";
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { moment } from "../../format";
import { useSession } from "../../session";
import { Wide } from "../../shell/Page";
import { TokenTimes } from "./InspectorTimes";

const MEANINGS: Readonly<Record<string, MessageDescriptor>> = {
  iss: msg`who made it`, sub: msg`of whom it tells`, aud: msg`for whom it is meant; others must refuse it`, azp: msg`the application that asked for it`,
  client_id: msg`the application that asked for it`, scope: msg`what it opens`, exp: msg`good until`, iat: msg`made at`, nbf: msg`good from`,
  auth_time: msg`when the person proved who they are`, acr: msg`how strongly they did`, amr: msg`by what they did`, jti: msg`its own name, by which it is ended`,
  nonce: msg`ties it to one request of the application`, sid: msg`the browser session it belongs to`, at_hash: msg`ties it to the access token beside it`,
  cnf: msg`the key that whoever shows it must have`, act: msg`who acts by it for somebody else`, gid: msg`the grant it descends from`,
};
const MOMENTS = new Set(["exp", "iat", "nbf", "auth_time"]);

export function TokenClaims({ claims }: { claims: Readonly<Record<string, unknown>> }) {
  const { i18n } = useLingui();
  const { issuer } = useSession();
  const { iss } = claims;
  return (
    <Stack gap="sm">
      {typeof iss === "string" && iss !== issuer && (
        <Alert color="red" role="alert" title={<Trans>Its issuer is another</Trans>}>
          <Trans>It says <Code>{iss}</Code>, and this server is <Code>{issuer}</Code>: nothing about it can be verified here.</Trans>
        </Alert>
      )}
      <TokenTimes claims={claims} />
      <Wide>
        <Table verticalSpacing={4}>
          <Table.Thead><Table.Tr><Table.Th><Trans>Claim</Trans></Table.Th><Table.Th w="45%"><Trans>Value</Trans></Table.Th><Table.Th><Trans>Meaning</Trans></Table.Th></Table.Tr></Table.Thead>
          <Table.Tbody>
            {Object.entries(claims).map(([name, value]) => (
              <Table.Tr key={name}>
                <Table.Td><bdi>{name}</bdi></Table.Td>
                <Table.Td fz="sm" style={{ overflowWrap: "anywhere" }}><bdi>{MOMENTS.has(name) && typeof value === "number" ? moment(value) : typeof value === "string" ? value : JSON.stringify(value)}</bdi></Table.Td>
                <Table.Td fz="sm" c="dimmed">{MEANINGS[name] ? i18n._(MEANINGS[name]) : "—"}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </Stack>
  );
}
