import { Alert, Button, Text } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { IconSearch, IconZoomQuestion } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { ApiError, said } from "../../api";
import { useSession } from "../../session";
import bar from "./Bar.module.css";
import classes from "./FilesPage.module.css";
import { known } from "./known";
import { FoundNodes } from "./FoundNodes";
import { search } from "./nodes";
import { SearchFilters } from "./SearchFilters";
import { type Asked, beyond, isAsked, isFiltered, joined } from "./sought";
import { SearchField } from "./SpacesPage";
import { forgetRecent, readTyped, recentOf } from "./typed";

const TRIES = 3;

/** Seconds after which the server takes a search that has to wait for another one; 0 for what has not. */
function waitOf(error: Error | null): number {
  return error instanceof ApiError && error.status === 429 ? error.wait : 0;
}

/** What was found, in the same list and with the same actions as in a folder. */
export function SearchPage() {
  const { t } = useLingui();
  const asked = useSearch({ from: "/search" });
  const { q = "" } = asked;
  useDocumentTitle(`${t`Search`} · Keycell`);
  const navigate = useNavigate();
  const found = useInfiniteQuery({
    queryKey: ["list", "search", asked],
    queryFn: ({ pageParam, signal }) => search(asked, pageParam, signal),
    initialPageParam: 0,
    getNextPageParam: (_last, parts) => beyond(parts),
    enabled: isAsked(asked),
    retry: (failures, error) => waitOf(error) > 0 || (!(error instanceof ApiError) && failures < TRIES),
    retryDelay: (failures, error) => (waitOf(error) || 2 ** failures) * 1000,
  });
  const isWaiting = found.isFetching && waitOf(found.failureReason) > 0;
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
        {isWaiting ? (
          <Trans>Another search of yours is still at work. This one begins when it ends.</Trans>
        ) : found.hasNextPage ? (
          <Trans>The first {folder.total} are shown. Scroll on for more.</Trans>
        ) : isCut && folder.total > 0 ? (
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
          <Text size="sm" c="dimmed">
            <Trans>Filters can be typed, too:</Trans> <code dir="ltr">kind:image by:me days:7 in:personal-files tag:x</code>
          </Text>
          <Recent />
        </div>
      ) : nodes?.length === 0 ? (
        <div className={classes.empty}>
          <IconZoomQuestion size={56} stroke={1.2} aria-hidden />
          <Text>
            <Nothing asked={asked} isCut={isCut} />
          </Text>
          {q !== "" && asked.within === undefined && (
            <Button variant="default" onClick={() => void navigate({ to: "/search", search: { ...asked, within: "text" } })}>
              <Trans>Look in the text of small files</Trans>
            </Button>
          )}
        </div>
      ) : (
        <FoundNodes folder={folder} label={t`Search`} />
      )}
    </div>
  );
}

function Nothing({ asked: { q = "", ...filters }, isCut }: { asked: Asked; isCut: boolean }) {
  if (isCut) return <Trans>Nothing was found among the first files, and there are too many to look at all. A filter leaves fewer of them.</Trans>;
  const { within, ...others } = filters;
  if (isFiltered(others)) return <Trans>Nothing is like that. Fewer filters find more.</Trans>;
  return within === "text" ? <Trans>No small file has “{q}” in its text.</Trans> : <Trans>Nothing has “{q}” in its name.</Trans>;
}

/** What this person looked for last in this browser. */
function Recent() {
  const { sub, login } = useSession();
  const [recent, setRecent] = useState(() => recentOf(sub));
  if (recent.length === 0) return null;
  return (
    <section className={classes.recent}>
      <Text component="h2" size="sm" fw={600}>
        <Trans>Looked for lately</Trans>
      </Text>
      <ul>
        {recent.map((one) => (
          <li key={one}>
            <Link to="/search" search={readTyped(one, {}, login)} className="k-link">
              <bdi>{one}</bdi>
            </Link>
          </li>
        ))}
      </ul>
      <Button
        variant="subtle"
        size="compact-sm"
        onClick={() => {
          forgetRecent(sub);
          setRecent([]);
        }}
      >
        <Trans>Forget these</Trans>
      </Button>
    </section>
  );
}
