import { Trans, useLingui } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { endLink, makeAgain, type ShareLink } from "./sharing";
import { done, failed } from "../../shell/toast";

/** Gives what ends a link, at once; one without a password can be had back at the same address. */
export function useEndLink(): (link: ShareLink) => void {
  const { t } = useLingui();
  const queries = useQueryClient();
  const again = () => Promise.all(["shares", "rights"].map((key) => queries.invalidateQueries({ queryKey: [key] })));
  const end = async (link: ShareLink) => {
    await endLink(link);
    await again();
    // Its password is not known here: made again, it would stand open.
    const undo = async () => {
      await makeAgain(link);
      await again();
    };
    done(<Trans>The link leads nowhere now</Trans>, link.PasswordRequired ? undefined : { label: t`Undo`, run: undo });
  };
  return (link) => void end(link).catch(failed);
}
