import { Avatar, Button, FileButton, Group, Stack, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { api } from "../../api";
import { useDoing } from "../../shell/doing";
import { squared } from "../drawing";

const AT = "/a/keycell/account/picture";

/** One's own picture, which is seen small and round: its middle is cut out here. */
export function Picture({ name }: { name: string }) {
  const { t } = useLingui();
  const found = useQuery({ queryKey: ["picture"], queryFn: ({ signal }) => api.get<{ address: string | null }>(AT, { signal }) });
  const keep = useDoing(async (file: File) => api.put(AT, await squared(file, t`The browser sees no picture in this file.`)), ["picture"], t`Your picture is changed.`);
  const remove = useDoing(() => api.delete(AT), ["picture"], t`Your picture is removed.`);
  const address = found.data?.address ?? null;
  // Browsers tell of a file only where it is another than before; and who removed theirs may choose it again.
  const forget = useRef<() => void>(null);
  function chosen(file: File | null) {
    if (file) keep.mutate(file);
    forget.current?.();
  }
  return (
    <Group wrap="nowrap" align="center">
      <Avatar src={address} name={name} alt={t`Your picture`} size={72} radius={72} />
      <Stack gap="xs" style={{ minInlineSize: 0 }}>
        <Group gap="xs">
          <FileButton accept="image/*" resetRef={forget} onChange={chosen} inputProps={{ id: "picture-input", "aria-label": t`Choose a picture` }}>
            {(props) => <Button {...props} variant="default" size="compact-sm" loading={keep.isPending}>{address === null ? <Trans>Choose a picture</Trans> : <Trans>Choose another picture</Trans>}</Button>}
          </FileButton>
          {address !== null && <Button variant="subtle" size="compact-sm" loading={remove.isPending} onClick={() => remove.mutate(undefined)}><Trans>Remove the picture</Trans></Button>}
        </Group>
        <Text size="sm" c="dimmed"><Trans>Its middle is taken. Whoever knows your login can see it.</Trans></Text>
      </Stack>
    </Group>
  );
}
