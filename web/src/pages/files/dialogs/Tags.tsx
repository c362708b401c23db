import { Alert, Button, Text, TagsInput } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { said } from "../../../api";
import { useSession } from "../../../session";
import { useMayWrite } from "../folder";
import type { Node } from "../nodes";
import { allowTags, tag, tags } from "../sayings";

const MOST = 50;
const LONGEST = 200;

/** The tags of a file or folder; everybody sees them who sees it. */
export function Tags({ node, onChanged }: { node: Node; onChanged: () => Promise<void> }) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const mayWrite = useMayWrite();
  const { is_admin } = useSession();
  const known = useQuery({ queryKey: ["tags"], queryFn: tags });
  const [value, setValue] = useState<readonly string[]>(node.tags);
  const keep = useMutation({
    mutationFn: (wanted: readonly string[]) => tag(node, wanted),
    // One after the other: the last choice is the one that stays.
    scope: { id: `tags-${node.id}` },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["tags"] });
      await onChanged();
    },
  });
  const allow = useMutation({ mutationFn: allowTags, onSuccess: () => queries.invalidateQueries({ queryKey: ["tags"] }) });
  if (known.data === undefined) return null;
  if (known.data === null)
    return is_admin ? (
      <Button variant="default" size="compact-sm" loading={allow.isPending} onClick={() => allow.mutate()}>
        <Trans>Allow tags for everybody</Trans>
      </Button>
    ) : null;
  if (!mayWrite(node.path)) return value.length === 0 ? null : <Text size="sm">{value.join(", ")}</Text>;
  const change = (wanted: string[]) => {
    const clean = [...new Set(wanted.map((one) => one.split(/\s+/).filter(Boolean).join(" ").slice(0, LONGEST)))].filter(Boolean);
    setValue(clean);
    keep.mutate(clean);
  };
  return (
    <>
      <TagsInput
        label={t`Tags`}
        description={t`Everybody who sees this sees its tags. Enter or a comma ends one.`}
        value={[...value]}
        data={[...known.data]}
        maxTags={MOST}
        onChange={change}
      />
      {keep.error !== null && <Alert color="red">{said(keep.error)}</Alert>}
    </>
  );
}
