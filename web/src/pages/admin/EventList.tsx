/** What happened, as sentences; each opens to all that is kept of it. */
import { Badge, Code, Stack, Table, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import { moment } from "../../format";
import { CopyBlock } from "../../shell/CopyBlock";
import type { Happening } from "../../shell/Happened";
import { Nothing, When, Wide } from "../../shell/Page";
import { To } from "../../shell/To";
import classes from "./EventList.module.css";

export interface Event extends Happening {
  readonly event_id: string;
  readonly actor: string;
  readonly actor_name: string;
  readonly target: string;
  readonly target_name: string;
  readonly client_id: string;
  readonly client_name: string;
  readonly origin: { readonly ip: string; readonly request_id: string; readonly user_agent: string };
  readonly detail: Readonly<Record<string, unknown>>;
}
export interface Events {
  readonly items: readonly Event[];
  readonly next: string | null;
  readonly since?: string | null;
  readonly kept_days?: number;
}

export function EventList({ events }: { events: readonly Event[] }) {
  if (events.length === 0) return <Nothing><Trans>Nothing.</Trans></Nothing>;
  return <ol className={classes.list}>{events.map((one) => <One key={one.event_id} of={one} />)}</ol>;
}

function One({ of }: { of: Event }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <li className={classes.event} data-action={of.action}>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <IconChevronRight className={classes.mark} size={16} aria-hidden />
          <span className={classes.said}>
            <Text component="span" display="block"><bdi>{of.sentence}</bdi> {of.result === "refused" && <Badge color="red" variant="light"><Trans>refused</Trans></Badge>}</Text>
            <Text component="span" display="block" size="sm" c="dimmed"><bdi>{[of.action, of.origin.ip].filter(Boolean).join(" · ")}</bdi></Text>
          </span>
          <Text component="span" size="sm" c="dimmed" className={classes.when}><When at={of.at} /></Text>
        </summary>
        {isOpen && <Whole of={of} />}
      </details>
    </li>
  );
}

const TOLD_ELSEWHERE = new Set(["changes", "sub"]);

function Whole({ of }: { of: Event }) {
  const { t } = useLingui();
  const { changes } = of.detail as { changes?: Record<string, [unknown, unknown]> };
  const more = Object.entries(of.detail).filter(([name]) => !TOLD_ELSEWHERE.has(name));
  return (
    <Stack className={classes.more} gap="sm">
      <dl className={classes.facts}>
        <dt><Trans>When</Trans></dt><dd>{moment(Date.parse(of.at) / 1000)}</dd>
        <Named label={t`By`} name={of.actor_name} id={of.actor} />
        <Named label={t`On`} name={of.target_name} id={of.target} />
        <Named label={t`Application`} name={of.client_name} id={of.client_id} />
        <Named label={t`From`} name={of.origin.ip} id={of.origin.ip} />
        {of.origin.user_agent && <><dt><Trans>Browser or program</Trans></dt><dd><bdi>{of.origin.user_agent}</bdi></dd></>}
        <Named label={t`Request`} name={of.origin.request_id} id={of.origin.request_id} />
        {more.map(([name, value]) => <Fact key={name} label={name} value={value} />)}
      </dl>
      {changes && <Changed changes={changes} />}
      <CopyBlock label={t`As JSON`} text={JSON.stringify(of, null, 2)} />
    </Stack>
  );
}

/** By name and by identifier; one press away, everything else about it. */
function Named({ label, name, id }: { label: string; name: string; id: string }) {
  if (!id) return null;
  return (
    <>
      <dt>{label}</dt>
      <dd><To to="/admin/audit" search={{ who: id }}><bdi>{name || id}</bdi></To>{name !== "" && name !== id && <> <Code>{id}</Code></>}</dd>
    </>
  );
}

function Fact({ label, value }: { label: string; value: unknown }) {
  return <><dt><bdi>{label}</bdi></dt><dd><bdi>{written(value)}</bdi></dd></>;
}

function Changed({ changes }: { changes: Record<string, [unknown, unknown]> }) {
  return (
    <Wide>
      <Table verticalSpacing="xs">
        <Table.Thead><Table.Tr><Table.Th><Trans>What changed</Trans></Table.Th><Table.Th><Trans>Before</Trans></Table.Th><Table.Th><Trans>After</Trans></Table.Th></Table.Tr></Table.Thead>
        <Table.Tbody>
          {Object.entries(changes).map(([name, [before, after]]) => (
            <Table.Tr key={name}>
              <Table.Td><bdi>{name}</bdi></Table.Td>
              <Table.Td className={classes.said}><del><bdi>{written(before)}</bdi></del></Table.Td>
              <Table.Td className={classes.said}><ins><bdi>{written(after)}</bdi></ins></Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}

function written(value: unknown): string {
  if (value === null || value === undefined || value === "") return "—";
  if (Array.isArray(value)) return value.length === 0 ? "—" : value.map(written).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
