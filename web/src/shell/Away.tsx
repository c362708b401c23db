import { Trans } from "@lingui/react/macro";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { isThere, whenHeard } from "../api";
import classes from "./Away.module.css";

const LOOKED_EVERY = 3000;

/** Says that the server is out of reach, and asks for everything anew once it is not. */
export function Away() {
  const queries = useQueryClient();
  const [isAway, setAway] = useState(!navigator.onLine);
  useEffect(() => {
    const gone = () => setAway(true);
    whenHeard((is) => setAway(!is));
    window.addEventListener("offline", gone);
    return () => window.removeEventListener("offline", gone);
  }, []);
  useEffect(() => {
    if (!isAway) return;
    const look = async () => {
      if (!(await isThere())) return;
      setAway(false);
      await queries.invalidateQueries();
    };
    const timer = setInterval(look, LOOKED_EVERY);
    window.addEventListener("online", look);
    return () => {
      clearInterval(timer);
      window.removeEventListener("online", look);
    };
  }, [isAway, queries]);
  return (
    <div role="status" data-away={isAway || undefined} className={classes.away}>
      {isAway && (
        <>
          <IconPlugConnectedX size={18} aria-hidden />
          <span><Trans>The server is out of reach. It is tried again by itself, and what you typed stays.</Trans></span>
        </>
      )}
    </div>
  );
}
