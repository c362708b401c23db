import { Checkbox } from "@mantine/core";
import { useLingui } from "@lingui/react/macro";
import classes from "./Wide.module.css";

/** Chooses every row of a table; where rows are cards, no column says what it is for, and it does so itself. */
export function ChooseAll({ chosen, of, size, onChoose }: { chosen: number; of: number; size?: string; onChoose: (isAll: boolean) => void }) {
  const { t } = useLingui();
  return (
    <Checkbox className={classes.all ?? ""} {...(size ? { size } : {})} label={t`Choose all`} aria-label={t`Choose all`} disabled={of === 0} checked={of > 0 && chosen === of}
      indeterminate={chosen > 0 && chosen < of} onChange={(event) => onChoose(event.currentTarget.checked)} />
  );
}
