import { Trans } from "@lingui/react/macro";
import { useEffect } from "react";
import { Page } from "../../shell/Page";
import { tellAnswer } from "./trying/browser";

/** Where an application that is tried is answered: it hands the answer to the page that waits, and goes. */
export default function TriedPage() {
  useEffect(() => {
    tellAnswer(window.location.search);
    window.history.replaceState(null, "", window.location.pathname);
    window.close();
  }, []);
  return <Page title={<Trans>Signed in</Trans>} about={<Trans>This window can be closed; the other one goes on.</Trans>}>{null}</Page>;
}
