/** How often each kind, person and application stands in what is found; one press narrows to it. */
import { Card, Stack, Text, Title, UnstyledButton } from "@mantine/core";
import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { count as number } from "../../format";
import classes from "./Audit.module.css";
import type { Filters } from "./filters";
import { useKind } from "./kinds";

interface Facet {
  readonly value: string;
  readonly count: number;
  readonly name?: string;
}
export interface Facets {
  readonly kinds: readonly Facet[];
  readonly results: readonly Facet[];
  readonly actors: readonly Facet[];
  readonly clients: readonly Facet[];
  readonly among: number;
}

export function Counts({ of, filters, onChange }: { of: Facets; filters: Filters; onChange: (more: Filters) => void }) {
  const kindOf = useKind();
  const kinds = of.kinds.map((one) => ({ ...one, name: kindOf(one.value) }));
  const among = number(of.among);
  return (
    <Card className="k-card" padding="lg" component="section">
      <div className={classes.counts}>
        <Counted title={<Trans>By kind</Trans>} of={kinds} chosen={filters.action} onChoose={(action) => onChange({ action })} />
        <Counted title={<Trans>By whom</Trans>} of={of.actors} chosen={filters.who} onChoose={(who) => onChange({ who })} />
        <Counted title={<Trans>By application</Trans>} of={of.clients} chosen={filters.client_id} onChoose={(client_id) => onChange({ client_id })} />
        <Text size="xs" c="dimmed"><Trans>Counted among the latest {among} events.</Trans></Text>
      </div>
    </Card>
  );
}

function Counted({ title, of, chosen, onChoose }: { title: ReactNode; of: readonly Facet[]; chosen: string | undefined; onChoose: (value: string) => void }) {
  if (of.length === 0) return null;
  return (
    <Stack gap={2}>
      <Title order={2} size="h6">{title}</Title>
      {of.map((one) => (
        <UnstyledButton key={one.value} fz="sm" className={classes.facet} aria-pressed={one.value === chosen} onClick={() => onChoose(one.value === chosen ? "" : one.value)}>
          <bdi>{one.name || one.value}</bdi><span>{number(one.count)}</span>
        </UnstyledButton>
      ))}
    </Stack>
  );
}
