import { ActionIcon, Anchor, Button, Card, Group, Text, TextInput } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { IconApps, IconExternalLink, IconEye, IconEyeOff, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../api";
import { useSession } from "../../session";
import { Asked, Nothing, Page } from "../../shell/Page";
import classes from "./AppsPage.module.css";
import { hiddenOf, keepHidden } from "./hidden";

interface App {
  readonly client_id: string;
  readonly label: string;
  readonly starts_at: string | null;
  readonly has_logo: boolean;
}

/** So many are seen at a glance. */
const FEW = 6;

/** Every application that the person may use, and the way to it. */
export default function AppsPage() {
  const { t } = useLingui();
  useDocumentTitle(`${t`My apps`} · Keycell`);
  const { is_admin } = useSession();
  const found = useQuery({ queryKey: ["launcher"], queryFn: ({ signal }) => api.get<{ items: App[] }>("/a/keycell/account/launcher", { signal }) });
  return (
    <div className="k-page">
      <Page title={<Trans>My apps</Trans>} about={<Trans>The applications that you sign in to with this account.</Trans>}>
        <Asked of={found}>{({ items }) => (items.length === 0 ? <None isAdmin={is_admin} /> : <Apps apps={items} />)}</Asked>
      </Page>
    </div>
  );
}

function None({ isAdmin }: { isAdmin: boolean }) {
  return (
    <div className={classes.none}>
      <IconApps size={56} stroke={1.2} aria-hidden />
      <Text fw={600}>
        <Trans>No applications yet</Trans>
      </Text>
      {isAdmin ? (
        <Anchor renderRoot={(props) => <Link to="/admin/applications" {...props} />}>
          <Trans>Register one</Trans>
        </Anchor>
      ) : (
        <Text size="sm">
          <Trans>Whoever runs this server registers them.</Trans>
        </Text>
      )}
    </div>
  );
}

function Apps({ apps }: { apps: readonly App[] }) {
  const { t } = useLingui();
  const { sub } = useSession();
  const [text, setText] = useState("");
  const [hidden, setHidden] = useState(() => hiddenOf(sub));
  const [isAll, setAll] = useState(false);
  const turn = (id: string) => {
    const next = hidden.includes(id) ? hidden.filter((one) => one !== id) : [...hidden, id];
    keepHidden(sub, next);
    setHidden(next);
  };
  const away = apps.filter((one) => hidden.includes(one.client_id)).length;
  const wanted = text.trim().toLocaleLowerCase();
  const shown = apps
    .filter((one) => isAll || !hidden.includes(one.client_id))
    .filter((one) => `${one.label} ${one.starts_at ?? ""}`.toLocaleLowerCase().includes(wanted));
  return (
    <>
      {apps.length > FEW && (
        <TextInput maw={320} value={text} onChange={(event) => setText(event.currentTarget.value)} aria-label={t`Search apps`} placeholder={t`Search apps`} leftSection={<IconSearch size={16} aria-hidden />} />
      )}
      {shown.length === 0 && <Nothing>{wanted === "" ? <Trans>All of them are hidden.</Trans> : <Trans>No application is called so.</Trans>}</Nothing>}
      <ul className={classes.apps}>
        {shown.map((one) => (
          <AppCard key={one.client_id} app={one} isHidden={hidden.includes(one.client_id)} onTurn={() => turn(one.client_id)} />
        ))}
      </ul>
      {away > 0 && (
        <Group>
          <Button variant="subtle" size="compact-sm" aria-expanded={isAll} onClick={() => setAll(!isAll)}>
            {isAll ? <Trans>Show no hidden ones</Trans> : <Plural value={away} one="Show # hidden one" other="Show # hidden ones" />}
          </Button>
        </Group>
      )}
    </>
  );
}

function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : address;
}

function AppCard({ app, isHidden, onTurn }: { app: App; isHidden: boolean; onTurn: () => void }) {
  const { t } = useLingui();
  const { label, starts_at: start } = app;
  const act = isHidden ? t`Show ${label}` : t`Hide ${label}`;
  return (
    <Card component="li" className={`k-card ${classes.app ?? ""}`} padding="md" data-hidden={isHidden || undefined}>
      <Sign app={app} />
      <div className={classes.about}>
        {start === null ? (
          <Text fw={650} truncate title={label}>
            <bdi>{label}</bdi>
          </Text>
        ) : (
          <a href={start} target="_blank" rel="noreferrer" className={classes.start} title={label}>
            <bdi>{label}</bdi>
            <IconExternalLink size={15} aria-hidden />
            <span className="k-hidden">{t`opens in a new tab`}</span>
          </a>
        )}
        <Text size="xs" c="dimmed" truncate={start !== null}>
          {start === null ? <Trans>You start it from its own address.</Trans> : <bdi>{hostOf(start)}</bdi>}
        </Text>
      </div>
      <ActionIcon className={classes.turn} variant="subtle" color="gray" aria-label={act} title={act} onClick={onTurn}>
        {isHidden ? <IconEye size={17} aria-hidden /> : <IconEyeOff size={17} aria-hidden />}
      </ActionIcon>
    </Card>
  );
}

/** Its logo, and where there is none, or none that can be fetched, its first letter. */
function Sign({ app: { client_id, label, has_logo } }: { app: App }) {
  const [isMissing, setMissing] = useState(!has_logo);
  if (!isMissing) return <img className={classes.sign} src={`/oauth2/logo/${encodeURIComponent(client_id)}`} alt="" onError={() => setMissing(true)} />;
  return (
    <span className={classes.sign} aria-hidden>
      {[...label][0]?.toLocaleUpperCase() ?? ""}
    </span>
  );
}
