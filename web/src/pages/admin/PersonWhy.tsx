/** What somebody may do, and by which rule: asked for when somebody wants to know. */
import { Button, Group, Text } from "@mantine/core";
import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api";
import { Asked, Panel } from "../../shell/Page";
import { Gifts, type Given } from "./GroupGifts";
import { addressOf } from "./whole";

export function Why({ login }: { login: string }) {
  const { t } = useLingui();
  const [isOpen, setOpen] = useState(false);
  const found = useQuery({
    queryKey: ["people", login, "why"], enabled: isOpen,
    queryFn: ({ signal }) => api.get<Given & { is_admin: boolean; open_to_all: number }>(`${addressOf(login)}/why`, { signal }),
  });
  return (
    <Panel title={<Trans>What they may do, and why</Trans>}>
      {!isOpen ? <Group><Button variant="default" onClick={() => setOpen(true)}><Trans>Show it</Trans></Button></Group> : (
        <Asked of={found}>
          {(data) => (
            <>
              {data.is_admin && <Text><Trans>Everything in the administration: another administrator gave them the office.</Trans></Text>}
              <Text size="sm" c="dimmed">{t`${plural(data.open_to_all, { one: "# application is open to everybody.", other: "# applications are open to everybody." })}`}</Text>
              <Gifts of={data} />
            </>
          )}
        </Asked>
      )}
    </Panel>
  );
}
