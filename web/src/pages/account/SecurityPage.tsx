import { Button, Group, Stack, Text, ThemeIcon } from "@mantine/core";
import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconAlertTriangle, IconCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { api } from "../../api";
import { Asked, Page, Panel } from "../../shell/Page";
import { To } from "../../shell/To";

/** Where an address is confirmed by what is mailed to it. */
const ADDRESS = "/account/basic#address";
const FACTORS = "/account/basic/factors";

interface Security {
  readonly factors: number;
  readonly recovery_codes: number;
  readonly few_recovery_codes: boolean;
  readonly sessions: number;
  readonly unknown_sessions: number;
  readonly applications: number;
  readonly stale_applications: number;
  readonly tokens: number;
  readonly old_tokens: number;
  readonly has_email: boolean;
  readonly email_verified: boolean;
}

export default function SecurityPage() {
  const { t } = useLingui();
  const found = useQuery({ queryKey: ["security"], queryFn: ({ signal }) => api.get<Security>("/a/keycell/account/security", { signal }) });
  return (
    <Page title={<Trans>Security</Trans>} about={<Trans>What there is to check, each with the place where it is mended.</Trans>}>
      <Panel>
        <Asked of={found}>
          {(data) => (
            <Stack>
              <Row isGood={data.factors > 0} href={FACTORS} action={data.factors > 0 ? t`Change` : t`Add one`}>
                {data.factors === 0
                  ? t`Your password alone opens your account: there is no passkey or second factor`
                  : plural(data.factors, { one: "# passkey or authenticator app protects your account", other: "# passkeys and authenticator apps protect your account" })}
              </Row>
              {data.factors > 0 && (
                <Row isGood={!data.few_recovery_codes} href={FACTORS} action={data.few_recovery_codes ? t`Make new ones` : t`Look`}>
                  {plural(data.recovery_codes, { one: "# recovery code is left", other: "# recovery codes are left" })}
                </Row>
              )}
              <Row isGood={data.unknown_sessions === 0} to="/account/sessions" action={t`Look`}>
                {data.unknown_sessions > 0
                  ? plural(data.unknown_sessions, { one: "# browser is signed in that was never here before", other: "# browsers are signed in that were never here before" })
                  : plural(data.sessions, { one: "# browser or program is signed in", other: "# browsers and programs are signed in" })}
              </Row>
              <Row isGood={data.stale_applications === 0} to="/account/applications" action={t`Look`}>
                {data.stale_applications === 0
                  ? plural(data.applications, { one: "# application is connected", other: "# applications are connected" })
                  : plural(data.stale_applications, { one: "# application was not used for half a year", other: "# applications were not used for half a year" })}
              </Row>
              <Row isGood={data.old_tokens === 0} to="/account/tokens" action={t`Look`}>
                {data.tokens === 0
                  ? t`You have no access token`
                  : data.old_tokens === 0
                  ? plural(data.tokens, { one: "You have # access token", other: "You have # access tokens" })
                  : plural(data.old_tokens, { one: "# access token was not used for half a year", other: "# access tokens were not used for half a year" })}
              </Row>
              {!data.has_email && <Row isGood={false} href={ADDRESS} action={t`Add one`}><Trans>There is no mail address to reach you</Trans></Row>}
              {data.has_email && (
                <Row isGood={data.email_verified} href={ADDRESS} action={data.email_verified ? t`Change` : t`Confirm it`}>
                  {data.email_verified ? <Trans>Your mail address is confirmed</Trans> : <Trans>Your mail address is not confirmed: a lost password cannot be replaced</Trans>}
                </Row>
              )}
            </Stack>
          )}
        </Asked>
      </Panel>
    </Page>
  );
}

interface RowProps {
  readonly isGood: boolean;
  /** A page of ours, or one that the server renders. */
  readonly to?: string;
  readonly href?: string;
  readonly action: string;
  readonly children: ReactNode;
}

function Row({ isGood, to, href, action, children }: RowProps) {
  const { t } = useLingui();
  return (
    <Group justify="space-between" wrap="nowrap">
      <Group wrap="nowrap">
        <ThemeIcon radius="xl" variant="light" color={isGood ? "green" : "orange"} aria-label={isGood ? t`good` : t`to be looked at`} role="img">
          {isGood ? <IconCheck size={16} /> : <IconAlertTriangle size={16} />}
        </ThemeIcon>
        <Text>{children}</Text>
      </Group>
      {href !== undefined && <Button variant="default" size="xs" component="a" href={href}>{action}</Button>}
      {to !== undefined && <Button variant="default" size="xs" renderRoot={(props) => <To to={to} {...props} />}>{action}</Button>}
    </Group>
  );
}
