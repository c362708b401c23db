import { Alert, Text } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { IconSearch, IconZoomQuestion } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { said } from "../../api";
import bar from "./Bar.module.css";
import classes from "./FilesPage.module.css";
import { known } from "./known";
import { FoundNodes } from "./FoundNodes";
import { search } from "./nodes";
import { SearchFilters } from "./SearchFilters";
import { beyond, isAsked, isFiltered, joined } from "./sought";
import { SearchField } from "./SpacesPage";

/** What was found, in the same list and with the same actions as in a folder. */
export function SearchPage() {
  const { t } = useLingui();
  const asked = useSearch({ from: "/search" });
  const { q = "" } = asked;
  useDocumentTitle(`${t`Search`} · Keycell`);
  const navigate = useNavigate();
  const found = useInfiniteQuery({
    queryKey: ["list", "search", asked],
    queryFn: ({ pageParam }) => search(asked, pageParam),
    initialPageParam: 0,
    getNextPageParam: (_last, parts) => beyond(parts),
    enabled: isAsked(asked),
  });
  const nodes = useMemo(() => found.data && joined(found.data.pages), [found.data]);
  const goOn = () => {
    // After a refusal it is the person who asks again.
    if (!found.isFetching && !found.isError) void found.fetchNextPage();
  };
  const folder = known(nodes, found.isLoading, found.error, found.hasNextPage ? goOn : undefined);
  const isCut = found.data?.pages.at(-1)?.hasMore === true;
  return (
    <div className={classes.page}>
      <div className={bar.bar}>
        <h1 className={bar.here}>
          <Trans>Search</Trans>
        </h1>
        <SearchField key={q} asked={asked} />
      </div>
      <SearchFilters asked={asked} onAsk={(wanted) => void navigate({ to: "/search", search: wanted })} />
      <div className={classes.count} role="status">
        {found.hasNextPage ? (
          <Trans>The first {folder.total} are shown. Scroll on for more.</Trans>
        ) : isCut ? (
          <Trans>The first {folder.total} of more are shown. Another word or a filter finds fewer.</Trans>
        ) : (
          found.data !== undefined && <Plural value={folder.total} one="# found" other="# found" />
        )}
      </div>
      {found.error !== null && (
        <Alert color="red" m="md">
          {said(found.error)}
        </Alert>
      )}
      {!isAsked(asked) ? (
        <div className={classes.empty}>
          <IconSearch size={56} stroke={1.2} aria-hidden />
          <Text>
            <Trans>Type a part of a name, or choose a filter.</Trans>
          </Text>
        </div>
      ) : nodes?.length === 0 ? (
        <div className={classes.empty}>
          <IconZoomQuestion size={56} stroke={1.2} aria-hidden />
          <Text>
            {isFiltered(asked) ? (
              <Trans>Nothing is like that. Fewer filters find more.</Trans>
            ) : (
              <Trans>Nothing has “{q}” in its name.</Trans>
            )}
          </Text>
        </div>
      ) : (
        <FoundNodes folder={folder} label={t`Search`} />
      )}
    </div>
  );
}
