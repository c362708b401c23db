import { Select, TextInput } from "@mantine/core";
import { useLingui } from "@lingui/react/macro";
import { bounds, CHOSEN, type Lasting } from "./lasting";

/** Asks how long something is good; the field for a day comes where it is wanted. */
export function Lasts({ value, longest, onChange }: { value: Lasting; longest: number; onChange: (lasting: Lasting) => void }) {
  const { t } = useLingui();
  const { min, max } = bounds(longest);
  const data = [...["7", "30", "90", "365"].map((days) => ({ value: days, label: t`${days} days` })), { value: CHOSEN, label: t`Until a day of my choice` }];
  return (
    <>
      <Select label={t`Good for`} allowDeselect={false} data={data} value={value.days} onChange={(days) => onChange({ ...value, days: days ?? value.days })} />
      {value.days === CHOSEN && <TextInput type="date" label={t`Last day`} required min={min} max={max} value={value.date} onChange={(event) => onChange({ ...value, date: event.currentTarget.value })} />}
    </>
  );
}
