import { Trans, useLingui } from "@lingui/react/macro";
import { IconFilePlus, IconFilter, IconFolderPlus, IconUpload } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { type ChangeEvent, lazy, type ReactNode, useRef } from "react";
import { later } from "../../later";
import { MenuButton } from "../../shell/MenuButton";
import { chosen, type Dropped } from "../../transfers/drop";
import classes from "./Bar.module.css";
import type { Space } from "./nodes";

const load = later(() => import("./UploadItems"));
const UploadItems = lazy(() => load().then((found) => ({ default: found.UploadItems })));

/** What is chosen there is a folder. */
const WHOLE = { webkitdirectory: "" };

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
      <div className={classes.tools}>
        <label className={classes.filter}>
          <IconFilter size={16} aria-hidden />
          <input
            id="filter"
            value={props.filter}
            onChange={(event) => props.onFilter(event.currentTarget.value)}
            placeholder={t`Filter this folder`}
            aria-label={t`Filter this folder`}
            onKeyDown={(event) => {
              if (event.key === "Escape") props.onFilter("");
            }}
          />
        </label>
        {props.view}
        {canWrite && <Add {...props} />}
      </div>
    </div>
  );
}

function Add({ path, onFiles, onNewFolder, onNewText }: Props) {
  const { t } = useLingui();
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  const take = (event: ChangeEvent<HTMLInputElement>) => {
    onFiles(chosen(event.currentTarget.files ?? [], path));
    event.currentTarget.value = "";
  };
  const items = (
    <UploadItems
      onFiles={() => files.current?.click()}
      onPicture={() => camera.current?.click()}
      onFolder={() => folder.current?.click()}
      onNewFolder={onNewFolder}
      onNewText={onNewText}
    />
  );
  return (
    <>
      <button type="button" className={`k-button ${classes.wide ?? ""}`} onClick={onNewFolder}>
        <IconFolderPlus size={18} aria-hidden />
        <Trans>New folder</Trans>
      </button>
      <button type="button" className={`k-icon k-framed ${classes.wide ?? ""}`} aria-label={t`New text file`} title={t`New text file`} onClick={onNewText}>
        <IconFilePlus size={18} aria-hidden />
      </button>
      <input ref={files} id="files-input" type="file" multiple hidden onChange={take} />
      <input ref={camera} id="camera-input" type="file" accept="image/*" capture="environment" hidden onChange={take} />
      <input ref={folder} id="folder-input" type="file" multiple hidden onChange={take} {...WHOLE} />
      <MenuButton className="k-button" data-main menu={items}>
        <IconUpload size={18} aria-hidden />
        <Trans>Upload</Trans>
      </MenuButton>
    </>
  );
}

function Crumbs({ path, space }: { path: string; space: Space | undefined }) {
  const { t } = useLingui();
  const names = path.split("/");
  return (
    <nav aria-label={t`Where you are`} className={classes.crumbs}>
      <Link to="/files">
        <Trans>Files</Trans>
      </Link>
      {names.map((name, at) => {
        const shown = at === 0 ? (space?.label ?? name) : name;
        const to = names.slice(0, at + 1).join("/");
        return at === names.length - 1 ? (
          <h1 key={to} className={classes.here} aria-current="page">
            <bdi>{shown}</bdi>
          </h1>
        ) : (
          <Link key={to} to="/files/$" params={{ _splat: to }}>
            <bdi>{shown}</bdi>
          </Link>
        );
      })}
    </nav>
  );
}
