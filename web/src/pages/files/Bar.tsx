import { ActionIcon, Anchor, Breadcrumbs, Button, FileButton, Group, Menu, TextInput, Tooltip } from "@mantine/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { IconFilePlus, IconFilter, IconFolderPlus, IconFolderUp, IconUpload } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef } from "react";
import { chosen, type Dropped } from "../../transfers/drop";
import classes from "./Bar.module.css";
import type { Space } from "./nodes";

interface Props {
  readonly path: string;
  readonly space: Space | undefined;
  readonly canWrite: boolean;
  readonly filter: string;
  readonly onFilter: (filter: string) => void;
  readonly view: ReactNode;
  readonly onFiles: (found: Dropped) => void;
  readonly onNewFolder: () => void;
  readonly onNewText: () => void;
}

/** Where one is, and what can be added here. */
export function Bar(props: Props) {
  const { t } = useLingui();
  const { path, canWrite } = props;
  return (
    <div className={classes.bar}>
      <Crumbs path={path} space={props.space} />
      <Group gap="xs" wrap="nowrap" className={classes.tools}>
        <TextInput
          id="filter"
          size="sm"
          className={classes.filter}
          value={props.filter}
          onChange={(event) => props.onFilter(event.currentTarget.value)}
          placeholder={t`Filter this folder`}
          aria-label={t`Filter this folder`}
          leftSection={<IconFilter size={16} aria-hidden />}
          onKeyDown={(event) => {
            if (event.key === "Escape") props.onFilter("");
          }}
        />
        {props.view}
        {canWrite && <Add {...props} />}
      </Group>
    </div>
  );
}

function Add({ path, onFiles, onNewFolder, onNewText }: Props) {
  const { t } = useLingui();
  const folder = useRef<HTMLInputElement>(null);
  useEffect(() => folder.current?.setAttribute("webkitdirectory", ""), []);
  return (
    <>
      <Button variant="default" leftSection={<IconFolderPlus size={18} />} onClick={onNewFolder} visibleFrom="xs">
        <Trans>New folder</Trans>
      </Button>
      <Tooltip label={t`New text file`}>
        <ActionIcon variant="default" size={36} aria-label={t`New text file`} onClick={onNewText} visibleFrom="xs">
          <IconFilePlus size={18} />
        </ActionIcon>
      </Tooltip>
      <input
        ref={folder}
        id="folder-input"
        type="file"
        multiple
        hidden
        onChange={(event) => {
          onFiles(chosen(event.currentTarget.files ?? [], path));
          event.currentTarget.value = "";
        }}
      />
      <FileButton multiple onChange={(files) => onFiles(chosen(files, path))} inputProps={{ id: "files-input" }}>
        {(pick) => (
          <Menu position="bottom-end">
            <Menu.Target>
              <Button leftSection={<IconUpload size={18} />}>
                <Trans>Upload</Trans>
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconUpload size={16} />} onClick={pick.onClick}>
                <Trans>Files</Trans>
              </Menu.Item>
              <Menu.Item leftSection={<IconFolderUp size={16} />} onClick={() => folder.current?.click()}>
                <Trans>A folder</Trans>
              </Menu.Item>
              <Menu.Item leftSection={<IconFolderPlus size={16} />} onClick={onNewFolder} hiddenFrom="xs">
                <Trans>New folder</Trans>
              </Menu.Item>
              <Menu.Item leftSection={<IconFilePlus size={16} />} onClick={onNewText} hiddenFrom="xs">
                <Trans>New text file</Trans>
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </FileButton>
    </>
  );
}

function Crumbs({ path, space }: { path: string; space: Space | undefined }) {
  const { t } = useLingui();
  const names = path.split("/");
  return (
    <nav aria-label={t`Where you are`} className={classes.crumbs}>
      <Breadcrumbs separatorMargin={6}>
        <Anchor renderRoot={(props) => <Link to="/files" {...props} />}>
          <Trans>Files</Trans>
        </Anchor>
        {names.map((name, at) => {
          const shown = at === 0 ? (space?.label ?? name) : name;
          const to = names.slice(0, at + 1).join("/");
          return at === names.length - 1 ? (
            <h1 key={to} className={classes.here} aria-current="page">
              <bdi>{shown}</bdi>
            </h1>
          ) : (
            <Anchor key={to} renderRoot={(props) => <Link to="/files/$" params={{ _splat: to }} {...props} />}>
              <bdi>{shown}</bdi>
            </Anchor>
          );
        })}
      </Breadcrumbs>
    </nav>
  );
}
