import { Anchor, Text } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { Page, Panel } from "../../shell/Page";

/** Where the pages for who writes applications are; they need no sign-in, and can be passed on. */
export default function DevelopersPage() {
  const { t } = useLingui();
  const places = [
    { at: "/developers/quickstarts", name: t`Quickstarts`, about: t`First steps in several languages, with the values of this server.` },
    { at: "/developers/api", name: t`API reference`, about: t`Every call, its parameters and its answers.` },
    { at: "/developers/changelog", name: t`Changelog`, about: t`What became different, and what is deprecated.` },
    { at: "/oidc", name: t`Issuer`, about: t`Endpoints, scopes, claims and signing keys, as applications discover them.` },
  ];
  return (
    <Page title={<Trans>For developers</Trans>} about={<Trans>Pages for whoever writes an application that signs people in here. Anybody may read them.</Trans>}>
      {places.map(({ at, name, about }) => (
        <Panel key={at} title={<Anchor href={at} inherit>{name}</Anchor>}>
          <Text>{about}</Text>
        </Panel>
      ))}
    </Page>
  );
}
