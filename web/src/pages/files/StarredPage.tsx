import { Alert, Text } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { IconStar } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { said } from "../../api";
import bar from "./Bar.module.css";
import classes from "./FilesPage.module.css";
import { FoundNodes } from "./FoundNodes";
import { known } from "./known";
import { starred } from "./sayings";

/** What the person has starred, wherever it is; nobody else sees it. */
export function StarredPage() {
  const { t } = useLingui();
  useDocumentTitle(`${t`Starred`} · Keycell`);
  const found = useQuery({ queryKey: ["list", "starred"], queryFn: starred });
  const folder = known(found.data, found.isLoading, found.error);
  return (
    <div className={classes.page}>
      <div className={bar.bar}>
        <h1 className={bar.here}>
          <Trans>Starred</Trans>
        </h1>
      </div>
      <div className={classes.count} role="status">
        {found.data !== undefined && <Plural value={folder.total} one="# item" other="# items" />}
      </div>
      {found.error !== null && (
        <Alert color="red" m="md">
          {said(found.error)}
        </Alert>
      )}
      {found.data?.length === 0 ? (
        <div className={classes.empty}>
          <IconStar size={56} stroke={1.2} aria-hidden />
          <Text fw={600}>
            <Trans>Nothing is starred</Trans>
          </Text>
          <Text size="sm">
            <Trans>Choose a file or folder and press Star, to find it here. Only you see your stars.</Trans>
          </Text>
        </div>
      ) : (
        <FoundNodes folder={folder} label={t`Starred`} />
      )}
    </div>
  );
}
