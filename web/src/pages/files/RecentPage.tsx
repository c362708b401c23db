import { Alert, Text } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { IconClock } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { said } from "../../api";
import bar from "./Bar.module.css";
import classes from "./FilesPage.module.css";
import { FoundNodes } from "./FoundNodes";
import { known } from "./known";
import { Lately } from "./Lately";
import { latest } from "./nodes";
import { beyond, joined } from "./sought";

/** The files that were changed last, by whomever, in every space. */
export function RecentPage() {
  const { t } = useLingui();
  useDocumentTitle(`${t`Recent`} · Keycell`);
  const found = useInfiniteQuery({
    queryKey: ["list", "recent"],
    queryFn: ({ pageParam }) => latest(pageParam),
    initialPageParam: 0,
    getNextPageParam: (_last, parts) => beyond(parts),
  });
  const nodes = useMemo(() => found.data && joined(found.data.pages), [found.data]);
  const goOn = () => {
    if (!found.isFetching && !found.isError) void found.fetchNextPage();
  };
  const folder = known(nodes, found.isLoading, found.error, found.hasNextPage ? goOn : undefined);
  return (
    <div className={classes.page}>
      <div className={bar.bar}>
        <h1 className={bar.here}>
          <Trans>Recent</Trans>
        </h1>
      </div>
      <div className={classes.count} role="status">
        {found.hasNextPage ? (
          <Trans>The first {folder.total} are shown. Scroll on for more.</Trans>
        ) : (
          nodes !== undefined && <Plural value={folder.total} one="# item" other="# items" />
        )}
      </div>
      <Lately />
      {found.error !== null && (
        <Alert color="red" m="md">
          {said(found.error)}
        </Alert>
      )}
      {nodes?.length === 0 ? (
        <div className={classes.empty}>
          <IconClock size={56} stroke={1.2} aria-hidden />
          <Text fw={600}>
            <Trans>No files yet</Trans>
          </Text>
          <Text size="sm">
            <Trans>What you or others upload or change is found here, the latest first.</Trans>
          </Text>
        </div>
      ) : (
        <FoundNodes folder={folder} label={t`Recent`} sort="-changed" />
      )}
    </div>
  );
}
