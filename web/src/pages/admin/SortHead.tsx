import { Table, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Asked } from "./asked";

/** The head of a column that the list can be in the order of; a second press turns it round. */
export function SortHead({ by, asked, usual, onChange, children }: {
  by: string; asked: Asked; usual: string; onChange: (more: Partial<Asked>) => void; children: ReactNode;
}) {
  const isSorted = (asked.sort || usual) === by;
  const Icon = asked.backwards ? IconChevronDown : IconChevronUp;
  return (
    <Table.Th aria-sort={isSorted ? (asked.backwards ? "descending" : "ascending") : "none"}>
      <UnstyledButton fw={700} fz="sm" onClick={() => onChange({ sort: by, backwards: isSorted && !asked.backwards })} style={{ whiteSpace: "nowrap" }}>
        {children}{isSorted && <Icon size={14} aria-hidden style={{ verticalAlign: "middle", marginInlineStart: 4 }} />}
      </UnstyledButton>
    </Table.Th>
  );
}
