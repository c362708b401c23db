import { Menu } from "@mantine/core";
import { Trans } from "@lingui/react/macro";
import { IconCamera, IconFilePlus, IconFolderPlus, IconFolderUp, IconUpload } from "@tabler/icons-react";

interface Props {
  readonly onFiles: () => void;
  readonly onPicture: () => void;
  readonly onFolder: () => void;
  readonly onNewFolder: () => void;
  readonly onNewText: () => void;
}

/** What can be added to a folder. */
export function UploadItems({ onFiles, onPicture, onFolder, onNewFolder, onNewText }: Props) {
  return (
    <>
      <Menu.Item leftSection={<IconUpload size={16} />} onClick={onFiles}>
        <Trans>Files</Trans>
      </Menu.Item>
      <Menu.Item leftSection={<IconCamera size={16} />} onClick={onPicture} hiddenFrom="xs">
        <Trans>Take a picture</Trans>
      </Menu.Item>
      <Menu.Item leftSection={<IconFolderUp size={16} />} onClick={onFolder}>
        <Trans>A folder</Trans>
      </Menu.Item>
      <Menu.Item leftSection={<IconFolderPlus size={16} />} onClick={onNewFolder} hiddenFrom="xs">
        <Trans>New folder</Trans>
      </Menu.Item>
      <Menu.Item leftSection={<IconFilePlus size={16} />} onClick={onNewText} hiddenFrom="xs">
        <Trans>New text file</Trans>
      </Menu.Item>
    </>
  );
}
