/** What signing somebody out ends: their browsers, and, by choice, what applications and programs hold for them. */
import { Checkbox, Stack } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";

export function SigningOut({ withGrants, onChange }: { withGrants: boolean; onChange: (isWanted: boolean) => void }) {
  const { t } = useLingui();
  return (
    <Stack gap="sm">
      <span><Trans>They sign in again in every browser.</Trans></span>
      <Checkbox label={t`Programs and applications too`} description={t`Their tokens end at once, those for offline use too. What was allowed stays allowed; access tokens that they made themselves stay.`}
        checked={withGrants} onChange={(event) => onChange(event.currentTarget.checked)} />
    </Stack>
  );
}
