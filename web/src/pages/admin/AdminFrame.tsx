import { useLingui } from "@lingui/react/macro";
import { useSession } from "../../session";
import { Denied, Section } from "../../shell/Section";
import { ADMIN_MENU } from "./menu";

export function AdminFrame() {
  const { t } = useLingui();
  const { is_admin } = useSession();
  // The server refuses by itself; this only says so before anything is asked.
  return is_admin ? <Section at="/admin" pages={ADMIN_MENU} label={t`Administration`} /> : <Denied />;
}
