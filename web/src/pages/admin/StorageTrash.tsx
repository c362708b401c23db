/** What lies in a space's recycle bin, to be put back for whose it is. */
import { Button, Group, Stack, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Options } from "../../api";
import { size } from "../../format";
import { useDoing } from "../../shell/doing";
import { Asked, More, Nothing, When } from "../../shell/Page";
import { Because } from "./Because";
import type { Space } from "./StorageSpaces";

interface Thrown {
  readonly node_id: string;
  readonly name: string;
  readonly origin: string;
  readonly is_folder: boolean;
  readonly size: number;
  readonly trashed_at: string | null;
}

export function StorageTrash({ of }: { of: Space }) {
  const { t } = useLingui();
  const at = `/a/keycell/admin/storage/spaces/${encodeURIComponent(of.space_id)}/trash`;
  const [asked, ask] = useState<Thrown | null>(null);
  const found = useInfiniteQuery({
    queryKey: ["storage", "trash", of.space_id], initialPageParam: "",
    queryFn: ({ signal, pageParam }) => api.get<{ items: Thrown[]; next: string | null }>(`${at}?${new URLSearchParams({ after: pageParam })}`, { signal }),
    getNextPageParam: (last) => last.next ?? undefined,
    select: (data) => data.pages.flatMap((part) => part.items),
  });
  const restore = useDoing(({ id, options }: { id: string; options: Options }) => api.post(`${at}/${encodeURIComponent(id)}/restore`, {}, options), ["storage"], t`It is back where it was.`);
  return (
    <Stack>
      <Text c="dimmed"><bdi>{of.label}</bdi>{of.owner && <> · <bdi>{of.owner}</bdi></>}</Text>
      <Asked of={found}>
        {(shown) => shown.length === 0 ? <Nothing><Trans>It is empty.</Trans></Nothing> : (
          <Stack component="ul" gap="sm" style={{ listStyle: "none", padding: 0, margin: 0 }}>
            {shown.map((one) => (
              <Group key={one.node_id} component="li" justify="space-between" style={{ gap: "0.25rem var(--mantine-spacing-md)" }}>
                <div className="k-most">
                  <Text><bdi>{one.origin || one.name}</bdi></Text>
                  <Text size="sm" c="dimmed">{one.is_folder ? <Trans>Folder</Trans> : size(one.size)} · <Trans>deleted</Trans> <When at={one.trashed_at} /></Text>
                </div>
                <Button size="compact-sm" variant="light" aria-label={t`Put back: ${one.origin || one.name}`} onClick={() => ask(one)}><Trans>Put back</Trans></Button>
              </Group>
            ))}
          </Stack>
        )}
      </Asked>
      <More of={found} />
      <Because onClose={() => ask(null)} of={asked && {
        title: t`Put it back?`, action: t`Put back`, run: (options) => restore.mutate({ id: asked.node_id, options }),
        warning: <Trans>It comes to where it was, beside what is there now, and counts as changed by you.</Trans>,
      }} />
    </Stack>
  );
}
