import { nonce } from "./nonce";
import "./base";
import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { DirectionProvider, MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { startTransition, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiError, firstSession, signInAddress } from "./api";
import { chosenLanguage, direction, fetchWords, speak } from "./i18n";
import { tellTimesIn } from "./format";
import { FIRST_PAGE, makeRouter } from "./router";
import { SessionProvider } from "./session";
import { Toasts } from "./shell/toast";
import { Spare } from "./shell/Spare";
import { SignInAgain } from "./shell/SignInAgain";
import { makeTheme } from "./theme";
import { fetchFolder } from "./pages/files/folder";
import { Transfers } from "./transfers/Transfers";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // What the server refused it will refuse again.
      retry: (failures, error) => !(error instanceof ApiError) && failures < 3,
    },
  },
});

const router = makeRouter(queries);

/** Fetch the page that is looked at, and what it will show, while the words are still on their way. */
function fetchPage(): void {
  const { pathname, search } = router.latestLocation;
  const [routes, params] = router.getMatchedRoutes(pathname === "/" ? FIRST_PAGE : pathname);
  const { _splat: path = "" } = params;
  if (routes.some((route) => route.fullPath.startsWith(FIRST_PAGE))) fetchFolder(queries, path, search.sort);
  for (const route of routes) {
    // What fails here is asked for again, and told of, where it is shown.
    void router.loadRouteChunk(route)?.catch(() => undefined);
  }
}

async function start(): Promise<void> {
  const asked = firstSession();
  void fetchWords();
  fetchPage();
  const session = await asked;
  if (!session.signed_in) {
    window.location.replace(signInAddress());
    return;
  }
  // What its person chose counts in every browser.
  if (session.theme !== "") localStorage.setItem("mantine-color-scheme-value", session.theme);
  tellTimesIn(session.zone);
  const language = chosenLanguage(session.language);
  await speak(language);
  const root = document.getElementById("root");
  if (root === null) throw new Error("the page has no root");
  // Told to browsers that do not come this far.
  document.querySelector(".k-old")?.remove();
  // In slices, so that the first touch is not kept waiting.
  startTransition(() => createRoot(root).render(
    <StrictMode>
      <I18nProvider i18n={i18n}>
        <DirectionProvider initialDirection={direction(language)} detectDirection={false}>
          <MantineProvider theme={makeTheme(session.brand?.accent)} defaultColorScheme="auto" getStyleNonce={() => nonce}>
            <QueryClientProvider client={queries}>
              <SessionProvider value={session}>
                <Spare><Toasts /></Spare>
                <Spare><SignInAgain /></Spare>
                <Transfers>
                  <RouterProvider router={router} />
                </Transfers>
              </SessionProvider>
            </QueryClientProvider>
          </MantineProvider>
        </DirectionProvider>
      </I18nProvider>
    </StrictMode>,
  ));
}

void start();
