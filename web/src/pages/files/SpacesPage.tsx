import { Alert, Card, Group, Progress, SimpleGrid, Skeleton, Text, TextInput, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconSearch, IconShare, IconUser, IconUsersGroup } from "@tabler/icons-react";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, lazy, Suspense, useState } from "react";
import { said } from "../../api";
import { later } from "../../later";
import { size } from "../../format";
import { useSpaces } from "./folder";
import type { Space } from "./nodes";
import { PasskeyOffer } from "./PasskeyOffer";
import { useSession } from "../../session";
import { areWanted } from "./newcomer";
import { type Asked, isAsked } from "./sought";
import { keepRecent, readTyped, recentOf, typedOf } from "./typed";
import classes from "./SpacesPage.module.css";

const loadSteps = later(() => import("./FirstSteps"), "places");
const FirstSteps = lazy(() => loadSteps().then((found) => ({ default: found.FirstSteps })));

/** All that the person can reach, space by space. */
export function SpacesPage() {
  const { t } = useLingui();
  useDocumentTitle(`${t`Files`} · Keycell`);
  const spaces = useSpaces();
  const { sub } = useSession();
  const own = spaces.data?.find((space) => space.kind === "personal");
  return (
    <div className="k-page">
      <Group justify="space-between" mb="lg">
        <Title order={1} size="h2">
          <Trans>Files</Trans>
        </Title>
        <SearchField />
      </Group>
      <PasskeyOffer />
      {own !== undefined && areWanted(sub, own.used === 0) && <Suspense fallback={null}><FirstSteps own={own} /></Suspense>}
      {spaces.error !== null && <Alert color="red">{said(spaces.error)}</Alert>}
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }}>
        {spaces.isPending && [1, 2, 3].map((one) => <Skeleton key={one} height={132} radius="lg" />)}
        {spaces.data?.map((space) => (
          <SpaceCard key={space.slug} space={space} />
        ))}
      </SimpleGrid>
    </div>
  );
}

function SpaceCard({ space }: { space: Space }) {
  const { t } = useLingui();
  const Icon = space.kind === "personal" ? IconUser : space.kind === "cell" ? IconShare : IconUsersGroup;
  const isReadOnly = !space.permissions.includes("w");
  return (
    <Card
      className={`k-card ${classes.space ?? ""}`}
      padding="lg"
      renderRoot={(props) => <Link to="/files/$" params={{ _splat: space.slug }} {...props} />}
    >
      <Group wrap="nowrap" mb="md">
        <span className={classes.icon}>
          <Icon size={24} stroke={1.7} aria-hidden />
        </span>
        <div style={{ minWidth: 0 }}>
          <Text fw={650} truncate>
            <bdi>{space.label}</bdi>
          </Text>
          <Text size="xs" c="dimmed">
            {isReadOnly ? t`To look at` : t`To read and write`}
          </Text>
          {space.description !== "" && (
            <Text size="sm" lineClamp={2} title={space.description}>
              <bdi>{space.description}</bdi>
            </Text>
          )}
        </div>
      </Group>
      <Text size="sm" c="dimmed">
        {space.quota === null ? (
          <Trans>{size(space.used)} used</Trans>
        ) : (
          <Trans>
            {size(space.used)} of {size(space.quota)} used
          </Trans>
        )}
      </Text>
      {space.quota !== null && (
        <Progress
          mt={6}
          size="sm"
          value={Math.min(100, (100 * space.used) / Math.max(1, space.quota))}
          {...(space.used > 0.9 * space.quota && { color: "red" })}
          aria-label={t`Used room`}
        />
      )}
    </Card>
  );
}

export function SearchField({ asked = {} }: { asked?: Asked }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const { sub, login } = useSession();
  const [words, setWords] = useState(asked.q ?? "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = readTyped(words.trim(), asked, login);
    if (!isAsked(wanted)) return;
    keepRecent(sub, typedOf(wanted));
    void navigate({ to: "/search", search: wanted });
  };
  return (
    <form role="search" onSubmit={submit}>
      <TextInput
        w={{ base: "100%", xs: 280 }}
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
        placeholder={t`Search all files`}
        aria-label={t`Search all files`}
        leftSection={<IconSearch size={16} aria-hidden />}
        list="searched"
        autoComplete="off"
        maxLength={200}
      />
      <datalist id="searched">
        {recentOf(sub).map((one) => (
          <option key={one} value={one}>{one}</option>
        ))}
      </datalist>
    </form>
  );
}
