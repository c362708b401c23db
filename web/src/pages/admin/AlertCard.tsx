/** One rule: what it is about, its numbers, whom it tells, and what it raised last. */
import { Button, Group, MultiSelect, Select, Stack, Switch, Text, TextInput } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState, type ReactNode } from "react";
import { api } from "../../api";
import { useDoing } from "../../shell/doing";
import { Failed, Panel, When } from "../../shell/Page";
import { To } from "../../shell/To";
import classes from "./Alert.module.css";
import { ALERTS, type Administrator, EVERY, type Rule, RULES } from "./alerting";

type Whom = "every" | "some" | "none";
interface Said {
  readonly most: number;
  readonly within: number | null;
  readonly quiet: number | null;
  readonly whom: Whom;
  readonly told: readonly string[];
}

function saidOf({ most, within, quiet, told }: Rule): Said {
  const isEvery = told.includes(EVERY);
  return { most, within, quiet, whom: isEvery ? "every" : told.length > 0 ? "some" : "none", told: isEvery ? [] : told };
}

export function AlertCard({ alert, administrators }: { alert: Rule; administrators: readonly Administrator[] }) {
  const { t, i18n } = useLingui();
  const at = `${ALERTS}/${alert.rule}`;
  const words = RULES[alert.rule];
  const title = words ? i18n._(words.title) : alert.rule;
  const turn = useDoing((isOn: boolean) => api.put(at, { is_on: isOn }), ["alerts"], t`Saved.`);
  const test = useDoing(() => api.post<{ letters: number }>(`${at}/test`), ["alerts"], t`A test goes to whom this alert goes.`);
  return (
    <Panel title={title}>
      <Group justify="space-between" align="flex-start">
        <Stack gap={4} className="k-most">
          {words && <Text size="sm" c="dimmed">{i18n._(words.about)}</Text>}
          <Last of={alert} />
        </Stack>
        <Switch label={alert.is_on ? t`on` : t`off`} aria-label={t`Alert: ${title}`} checked={alert.is_on} disabled={turn.isPending} onChange={(event) => turn.mutate(event.currentTarget.checked)} />
      </Group>
      {alert.is_on && <Numbers key={JSON.stringify(saidOf(alert))} alert={alert} title={title} administrators={administrators} test={<Button variant="default" loading={test.isPending} aria-label={t`Send a test: ${title}`} onClick={() => test.mutate(undefined)}><Trans>Send a test</Trans></Button>} />}
      {turn.error && <Failed error={turn.error} />}
    </Panel>
  );
}

function Last({ of: { raised, raised_at: at } }: { of: Rule }) {
  if (at === null) return <Text size="sm"><Trans>It raised nothing yet.</Trans></Text>;
  return (
    <Text size="sm">
      <Trans>Last:</Trans> <When at={at} />{raised && <> · <To to="/admin/audit" search={{ action: raised.action }}><bdi>{raised.sentence}</bdi></To></>}
    </Text>
  );
}

function Numbers({ alert, title, administrators, test }: { alert: Rule; title: string; administrators: readonly Administrator[]; test: ReactNode }) {
  const { t, i18n } = useLingui();
  const before = saidOf(alert);
  const [said, setSaid] = useState(before);
  const say = (more: Partial<Said>) => setSaid({ ...said, ...more });
  const save = useDoing(() => {
    const { whom, told, ...numbers } = said;
    return api.put(`${ALERTS}/${alert.rule}`, { ...without(numbers), told: whom === "every" ? [EVERY] : whom === "some" ? told : [] });
  }, ["alerts"], t`Saved.`);
  const most = RULES[alert.rule]?.most;
  const isChanged = JSON.stringify(said) !== JSON.stringify(before);
  return (
    <form aria-label={title} onSubmit={(event) => { event.preventDefault(); save.mutate(undefined); }}>
      <Stack>
        <div className={classes.numbers}>
          {most && <Numbered label={i18n._(most)} least={1} most={10_000} value={said.most} onChange={(value) => say({ most: value })} />}
          {said.within !== null && <Numbered label={t`Within minutes`} least={1} most={60} value={said.within} onChange={(within) => say({ within })} />}
          {said.quiet !== null && <Numbered label={t`Minutes until the next of it`} least={10} most={10_080} value={said.quiet} onChange={(quiet) => say({ quiet })} />}
          <Select className={classes.whom} label={t`Letters go to`} allowDeselect={false} value={said.whom} onChange={(whom) => say({ whom: (whom ?? "every") as Whom })}
            data={[{ value: "every", label: t`Every administrator` }, { value: "some", label: t`Some of them` }, { value: "none", label: t`Nobody` }]} />
        </div>
        {said.whom === "some" && (
          <MultiSelect label={t`Administrators`} searchable clearable clearButtonProps={{ "aria-label": t`Clear` }} value={[...said.told]} onChange={(told) => say({ told })}
            data={administrators.map((one) => ({ value: one.login, label: nameOf(one, t`no confirmed address`) }))} />
        )}
        {save.error && <Failed error={save.error} />}
        <Group>
          {isChanged ? (
            <>
              <Button type="submit" loading={save.isPending} disabled={said.whom === "some" && said.told.length === 0}><Trans>Save</Trans></Button>
              <Button variant="default" onClick={() => setSaid(before)}><Trans>Cancel</Trans></Button>
            </>
          ) : test}
        </Group>
      </Stack>
    </form>
  );
}

function Numbered({ label, least, most, value, onChange }: { label: string; least: number; most: number; value: number; onChange: (value: number) => void }) {
  return <TextInput type="number" label={label} required withAsterisk={false} min={least} max={most} value={value || ""} onChange={(event) => onChange(Number(event.currentTarget.value))} />;
}

function nameOf({ login, name, is_reached: isReached }: Administrator, unreached: string): string {
  const named = name && name !== login ? `${name} (${login})` : login;
  return isReached ? named : `${named} – ${unreached}`;
}

/** What a rule has no number for is not said. */
function without(numbers: Readonly<Record<string, number | null>>): Record<string, number> {
  return Object.fromEntries(Object.entries(numbers).filter((one): one is [string, number] => one[1] !== null));
}
