import { useLingui } from "@lingui/react/macro";
import { IconDeviceDesktop, IconMoon, IconSun } from "@tabler/icons-react";

/** Light, dark, or as the system has it. */
export function useLooks() {
  const { t } = useLingui();
  return [
    { value: "light", label: t`Light`, icon: IconSun },
    { value: "dark", label: t`Dark`, icon: IconMoon },
    { value: "auto", label: t`As the system`, icon: IconDeviceDesktop },
  ] as const;
}
