import { createContext, use } from "react";
import type { Session } from "./api";

const Context = createContext<Session | null>(null);
export const SessionProvider = Context.Provider;

/** Who is signed in. */
export function useSession(): Session {
  const session = use(Context);
  if (session === null) throw new Error("useSession stands outside its provider");
  return session;
}
