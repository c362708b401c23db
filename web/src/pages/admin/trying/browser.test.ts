import { expect, test } from "vitest";
import { awaitAnswer, tellAnswer } from "./browser";

test("RFC6749-10.12: only the answer with our state is taken, and giving up is none", async () => {
  const stop = new AbortController();
  const answer = awaitAnswer("mine", stop.signal);
  tellAnswer("?state=other&code=evil");
  tellAnswer("?state=mine&code=good");
  expect((await answer)?.get("code")).toBe("good");
  const given = awaitAnswer("mine", stop.signal);
  stop.abort();
  expect(await given).toBeNull();
  expect(await awaitAnswer("mine", stop.signal)).toBeNull();
});
