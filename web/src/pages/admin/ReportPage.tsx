import { Badge, Group, SegmentedControl, Stack, Text, useDirection } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api";
import { Asked, Nothing, Page, Panel } from "../../shell/Page";

type Verdict = "met" | "advised" | "broken";
interface Finding {
  readonly rule: string;
  readonly profile: "RFC 9700" | "OAuth 2.1" | "FAPI 2";
  readonly section: string;
  readonly asks: string;
  readonly verdict: Verdict;
  readonly found: string;
  readonly mend: string;
}
interface Judged {
  readonly fapi2: boolean;
  readonly findings: readonly Finding[];
}
interface Report {
  readonly counts: Record<Verdict, number>;
  readonly server: Judged;
  readonly clients: readonly (Judged & { readonly client_id: string; readonly label: string })[];
}
const COLORS = { met: "green", advised: "yellow", broken: "red" } as const;

export default function ReportPage() {
  const { t } = useLingui();
  const [shown, setShown] = useState("open");
  const found = useQuery({ queryKey: ["report"], queryFn: ({ signal }) => api.get<Report>("/a/keycell/admin/report", { signal }) });
  const chosen = (one: Finding) =>
    shown === "fapi" ? one.profile === "FAPI 2" : one.profile !== "FAPI 2" && (shown === "all" || one.verdict !== "met");
  return (
    <Page title={<Trans>Report</Trans>} about={<Trans>The server as it runs now, and each application, by the rules of RFC 9700, OAuth 2.1 and FAPI 2.</Trans>}
      actions={
        <SegmentedControl aria-label={t`What is shown`} value={shown} onChange={setShown}
          data={[{ value: "open", label: t`To be looked at` }, { value: "all", label: t`Every rule` }, { value: "fapi", label: "FAPI 2" }]} />
      }>
      <Asked of={found}>
        {(data) => {
          const parts = [
            { id: "", title: <Trans>The server</Trans>, judged: data.server },
            ...data.clients.map((one) => ({ id: one.client_id, title: <bdi>{one.label}</bdi>, judged: one as Judged })),
          ].map((one) => ({ ...one, findings: one.judged.findings.filter(chosen) })).filter((one) => one.findings.length > 0);
          return (
            <>
              <Group>
                <Badge color={data.counts.broken > 0 ? COLORS.broken : "gray"} variant="light">{data.counts.broken} <Trans>broken</Trans></Badge>
                <Badge color={COLORS.advised} variant="light">{data.counts.advised} <Trans>could be better</Trans></Badge>
                <Badge color={COLORS.met} variant="light">{data.counts.met} <Trans>kept</Trans></Badge>
              </Group>
              {parts.length === 0 && <Nothing><Trans>Every rule is kept.</Trans></Nothing>}
              {parts.map((part) => (
                <Panel key={part.id} title={part.title}>
                  <Stack component="ul" gap="md" style={{ listStyle: "none", padding: 0, margin: 0 }}>
                    {part.findings.map((one) => <Row key={one.rule} finding={one} />)}
                  </Stack>
                </Panel>
              ))}
            </>
          );
        }}
      </Asked>
    </Page>
  );
}

function Row({ finding }: { finding: Finding }) {
  const { t } = useLingui();
  const { dir } = useDirection();
  const verdicts = { met: t`kept`, advised: t`could be better`, broken: t`broken` };
  return (
    <Stack component="li" gap={2} align="flex-start">
      <Badge variant="light" color={COLORS[finding.verdict]}>{verdicts[finding.verdict]}</Badge>
      <div>
        <Text fw={600}>{finding.asks}</Text>
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>{finding.found}</Text>
        {finding.mend && <Text size="sm">{dir === "rtl" ? "←" : "→"} {finding.mend}</Text>}
        <Text size="xs" c="dimmed"><bdi>{finding.profile}, {finding.section}</bdi></Text>
      </div>
    </Stack>
  );
}
