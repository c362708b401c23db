/** What pages of the account and the administration are made of. */
import { Alert, Button, Card, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import type { UseInfiniteQueryResult, UseQueryResult } from "@tanstack/react-query";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { said } from "../api";
import { ago, moment } from "../format";
import { nameCells } from "./cells";
import classes from "./Wide.module.css";

export function Page({ title, about, actions, children }: {
  title: ReactNode; about?: ReactNode; actions?: ReactNode; children: ReactNode;
}) {
  return (
    <Stack gap="lg">
      <Group justify="space-between" align="flex-start">
        <Stack gap={4} flex="1 1 15rem" maw="44rem">
          <Title order={1} size="h2" lineClamp={3}>{title}</Title>
          {about !== undefined && <Text c="dimmed">{about}</Text>}
        </Stack>
        {actions}
      </Group>
      {children}
    </Stack>
  );
}

export function Panel({ title, children }: { title?: ReactNode; children: ReactNode }) {
  return (
    <Card className="k-card" padding="lg" component="section">
      <Stack>
        {title !== undefined && <Title order={2} size="h4">{title}</Title>}
        {children}
      </Stack>
    </Card>
  );
}

/** Shows what was asked for once it is there, and says what went wrong. */
export function Asked<T>({ of, children }: { of: UseQueryResult<T> | UseInfiniteQueryResult<T>; children: (data: T) => ReactNode }) {
  if (of.data !== undefined) return <>{children(of.data)}</>;
  if (of.error) return <Failed error={of.error} />;
  return (
    <Stack aria-busy="true">
      <Skeleton height={18} width="60%" />
      <Skeleton height={18} />
      <Skeleton height={18} width="80%" />
    </Stack>
  );
}

/** Asks for the next part of a long list. */
export function More({ of }: { of: UseInfiniteQueryResult<unknown> }) {
  if (!of.hasNextPage) return null;
  return <Group justify="center"><Button variant="default" loading={of.isFetchingNextPage} onClick={() => void of.fetchNextPage()}><Trans>Show more</Trans></Button></Group>;
}

export function Failed({ error }: { error: unknown }) {
  return (
    <Alert color="red" role="alert" title={<Trans>That did not work</Trans>}>
      <bdi>{said(error)}</bdi>
    </Alert>
  );
}

export function Nothing({ children }: { children: ReactNode }) {
  return <Text c="dimmed" py="md" ta="center">{children}</Text>;
}

/** A table: where there is no room for its columns, each row is a card whose lines are named by them. */
export function Wide({ children }: { children: ReactNode }) {
  const { t } = useLingui();
  const within = useRef<HTMLDivElement>(null);
  const [isCut, setCut] = useState(false);
  useEffect(() => within.current?.querySelectorAll("table").forEach(nameCells));
  useEffect(() => {
    const box = within.current;
    if (!box) return undefined;
    const seen = new ResizeObserver(() => setCut(box.scrollWidth > box.clientWidth));
    [box, ...box.children].forEach((one) => seen.observe(one));
    return () => seen.disconnect();
  }, []);
  // The keyboard stops at it where there is something to scroll, and is told at what.
  const stop = isCut ? { tabIndex: 0, role: "group", "aria-label": t`Table, wider than the page` } : {};
  return <div className={classes.wide}><div ref={within} className={classes.scrolls} {...stop}>{children}</div></div>;
}

/** A moment of the server's, as how long ago; the whole of it when pointed at. */
export function When({ at }: { at: string | null | undefined }) {
  if (!at) return <>—</>;
  const seconds = Date.parse(at) / 1000;
  return <time dateTime={at} title={moment(seconds)}>{ago(seconds)}</time>;
}
