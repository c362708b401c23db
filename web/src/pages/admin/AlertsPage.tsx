/** What administrators are told of at once: each rule, whom it tells, and what it raised last. */
import { Alert, Stack, Text } from "@mantine/core";
import { Trans } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { api } from "../../api";
import { Asked, Page } from "../../shell/Page";
import { To } from "../../shell/To";
import { ALERTS, type Found } from "./alerting";
import { AlertCard } from "./AlertCard";

export default function AlertsPage() {
  const found = useQuery({ queryKey: ["alerts"], queryFn: ({ signal }) => api.get<Found>(ALERTS, { signal }), refetchInterval: 10_000 });
  return (
    <Page title={<Trans>Alerts</Trans>} about={<Trans>What somebody should look at goes by mail to administrators, and to webhooks. An alert is an event of the audit trail too.</Trans>}>
      <Asked of={found}>
        {(data) => (
          <>
            <Reached of={data} />
            {data.items.map((one) => <AlertCard key={one.rule} alert={one} administrators={data.administrators} />)}
          </>
        )}
      </Asked>
    </Page>
  );
}

/** Whether anybody hears of an alert at all. */
function Reached({ of }: { of: Found }) {
  const hooks = of.webhooks.join(", ");
  const isMailed = of.is_mail_set && of.administrators.some((one) => one.is_reached);
  return (
    <Stack gap="xs">
      {!isMailed && (
        <Alert color="yellow" title={<Trans>No letter leaves</Trans>}>
          {of.is_mail_set ? <Trans>No administrator has a confirmed mail address.</Trans> : <Trans>No mail server is set.</Trans>}
        </Alert>
      )}
      <Text size="sm">
        {hooks ? <Trans>Webhooks that are told too: <bdi>{hooks}</bdi>.</Trans> : <Trans>No webhook is told: one that wants alert.* would be.</Trans>}{" "}
        <To to="/admin/webhooks"><Trans>Webhooks</Trans></To>
      </Text>
    </Stack>
  );
}
