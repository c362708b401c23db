import { Badge, Button, Code, Group, Loader, Stack, ThemeIcon, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconCheck, IconX } from "@tabler/icons-react";
import { CopyBlock } from "../../../shell/CopyBlock";
import { Panel } from "../../../shell/Page";
import { openWindow } from "./browser";
import type { Name, Step } from "./flow";
import classes from "./StepPanel.module.css";

/** One step: how it went, what was sent, what came back, and what was looked at in it. */
export function StepPanel({ step }: { step: Step }) {
  const { t } = useLingui();
  const titles: Record<Name, string> = {
    discovery: t`Discovery`, pushed: t`Pushed authorization request`, authorization: t`Authorization request`, answer: t`Authorization response`,
    device: t`Device authorization`, tokens: t`Token request`, id_token: t`ID token`, userinfo: "UserInfo", refresh: t`Refresh`, introspection: t`Introspection`, end: t`Revocation`,
  };
  const states = { running: t`waiting`, good: t`done`, bad: t`refused` };
  return (
    <Panel title={
      <Group gap="sm" wrap="nowrap">
        {step.state === "running" ? <Loader size={18} role="img" aria-label={states.running} /> : (
          <ThemeIcon radius="xl" size="sm" variant="light" color={step.state === "good" ? "green" : "red"} role="img" aria-label={states[step.state]}>
            {step.state === "good" ? <IconCheck size={14} /> : <IconX size={14} />}
          </ThemeIcon>
        )}
        {titles[step.name]}
      </Group>
    }>
      {step.goesTo && step.state === "running" && <Elsewhere goesTo={step.goesTo} code={step.code} />}
      {step.why && <Text c="red"><bdi>{step.why}</bdi></Text>}
      {step.found && (
        <Group gap="xs">
          {step.found.map((one) => (
            <Badge key={one.name} variant="light" color={one.isGood ? "green" : "red"}>{one.name}: {one.isGood ? t`right` : t`wrong`}</Badge>
          ))}
        </Group>
      )}
      {/* What went well is folded up: whoever waits or looks for a fault sees it without scrolling. */}
      <details open={step.state !== "good"}>
        <summary className={classes.summary}><Trans>What was sent and answered</Trans></summary>
        <Stack mt="sm">
          {step.sent && <CopyBlock label={t`Sent`} text={step.sent} />}
          {step.curl && <CopyBlock label={t`As a command`} text={step.curl} />}
          {step.came && <CopyBlock label={step.name === "id_token" ? t`Decoded` : t`Came back`} text={step.came} />}
        </Stack>
      </details>
    </Panel>
  );
}

/** What the person does in the other window. No browser tells for sure that it was closed: so whoever closed it opens it again. */
function Elsewhere({ goesTo, code }: { goesTo: string; code: string | undefined }) {
  return (
    <Stack gap="xs">
      {code ? <Text><Trans>Allow it in the other window, which shows the code <Code>{code}</Code>.</Trans></Text> : <Text><Trans>Sign in, in the other window.</Trans></Text>}
      <Group gap="xs">
        <Text size="sm" c="dimmed"><Trans>If it was closed, this page does not hear of it.</Trans></Text>
        <Button size="compact-sm" variant="default" onClick={() => openWindow(goesTo)}><Trans>Open it again</Trans></Button>
      </Group>
    </Stack>
  );
}
