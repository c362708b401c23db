/** What a link lets be done, in the words that people choose by. */
import { Alert, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconAlertTriangle } from "@tabler/icons-react";
import { kindOf, type Kind } from "../sharing";

export interface Choice {
  readonly value: Kind;
  readonly label: string;
}

/** The kinds of a link to a file, or to a folder. */
export function useKinds(isFolder: boolean): Choice[] {
  const { t } = useLingui();
  const both: Choice[] = [
    { value: "both", label: t`look and download` },
    { value: "look", label: t`look` },
  ];
  if (!isFolder) return both;
  return [
    ...both,
    { value: "more", label: t`look, download, put files in` },
    { value: "drop", label: t`put files in, see nothing` },
    { value: "edit", label: t`change everything in it` },
  ];
}

export function EditRisk({ kind }: { kind: string }) {
  if (kind !== "edit") return null;
  return (
    <Alert color="yellow" icon={<IconAlertTriangle aria-hidden />} title={<Text span inherit c="var(--mantine-color-text)"><Trans>Whoever has the address can change what is in this folder</Trans></Text>}>
      <Trans>
        They replace, rename and delete without signing in, and nobody knows who it was. What a file held stays among its versions, and what is
        deleted in your trash. Better give it a password and an end.
      </Trans>
    </Alert>
  );
}

/** What is said of a link beside its address, where it is more or less than to look and download. */
export function useKindSaid(permissions: readonly string[]): string | false {
  const { t } = useLingui();
  const said: Partial<Record<Kind, string>> = { look: t`to look at`, more: t`to put files in`, drop: t`to put files in`, edit: t`to change what is in it` };
  return said[kindOf(permissions)] ?? false;
}
