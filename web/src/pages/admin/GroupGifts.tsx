/** What rules give somebody, or whoever is in a group or has a role: each with the way by which it comes to them. */
import { Badge, Stack, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Nothing, When } from "../../shell/Page";
import { To } from "../../shell/To";

interface Way {
  readonly kind: "person" | "group" | "role";
  readonly name?: string;
  /** From where they are to the group that is named. */
  readonly path?: readonly string[];
}
export interface Given {
  readonly applications: readonly { client_id: string; label: string; is_disabled: boolean; acr: string; networks: readonly string[]; because: readonly Way[] }[];
  readonly spaces: readonly { label: string; may: string; because: readonly Way[] }[];
  readonly factor_policies: readonly { due_at: string; because: readonly Way[] }[];
}

/** `own` is the group or role that is looked at: a way that begins and ends there needs no words. */
export function Gifts({ of, own = "" }: { of: Given; own?: string }) {
  const { t } = useLingui();
  const may: Readonly<Record<string, string>> = { read: t`may read`, write: t`may read and change`, deny: t`is kept out` };
  return (
    <Stack gap="md">
      <Part title={<Trans>Applications, by their rules</Trans>} none={of.applications.length === 0}>
        {of.applications.map((one) => (
          <li key={one.client_id}>
            <To to={`/admin/applications/${encodeURIComponent(one.client_id)}`}><bdi>{one.label}</bdi></To>
            {one.is_disabled && <> <Badge color="red" variant="light"><Trans>disabled</Trans></Badge></>}
            {one.acr && <Text span size="sm" c="dimmed"> · <Trans>with a second factor</Trans></Text>}
            {one.networks.length > 0 && <Text span size="sm" c="dimmed"> · <Trans>from <bdi>{one.networks.join(", ")}</bdi></Trans></Text>}
            <Ways of={one.because} own={own} />
          </li>
        ))}
      </Part>
      <Part title={<Trans>Files</Trans>} none={of.spaces.length === 0}>
        {of.spaces.map((one, index) => <li key={index}><bdi>{one.label}</bdi>: {may[one.may] ?? one.may}<Ways of={one.because} own={own} /></li>)}
      </Part>
      {of.factor_policies.length > 0 && (
        <Part title={<Trans>A second factor is asked for</Trans>} none={false}>
          {of.factor_policies.map((one, index) => <li key={index}><Trans>due</Trans> <When at={one.due_at} /><Ways of={one.because} own={own} /></li>)}
        </Part>
      )}
    </Stack>
  );
}

function Part({ title, none, children }: { title: ReactNode; none: boolean; children: ReactNode }) {
  return <Stack gap={4}><Text fw={600}>{title}</Text>{none ? <Nothing><Trans>None.</Trans></Nothing> : <ul className="k-points">{children}</ul>}</Stack>;
}

function Ways({ of, own }: { of: readonly Way[]; own: string }) {
  const { t } = useLingui();
  const said = (one: Way): string => {
    if (one.kind === "person") return t`named themselves`;
    if (one.kind === "role") return t`by the role ${one.name ?? ""}`;
    if (one.name === "/") return t`as everybody`;
    const path = one.path ?? [];
    return path.length > 1 ? t`by the group ${path.join(" → ")}` : t`by the group ${one.name ?? ""}`;
  };
  const told = of.filter((one) => one.name !== own || own === "");
  if (told.length === 0) return null;
  return <Text size="sm" c="dimmed" component="div" data-why>{told.map((one) => <bdi key={said(one)}>{said(one)} </bdi>)}</Text>;
}
