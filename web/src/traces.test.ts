import { expect, test } from "vitest";

import { keepDeed } from "./pages/files/deeds";
import { keepRecent } from "./pages/files/typed";
import { forgetTraces } from "./traces";

test("who signs out leaves no names of files behind", () => {
  keepDeed("ann", { kind: "deleted", nodes: [{ id: "1", path: "personal-files/secret" }], to: "", taken: [], copies: [], at: Date.now() });
  keepRecent("ann", "secret");
  localStorage.setItem("keycell-upload:ann:1", "kept");
  forgetTraces();
  expect(Object.keys(localStorage)).toEqual(["keycell-upload:ann:1"]);
  localStorage.clear();
});
