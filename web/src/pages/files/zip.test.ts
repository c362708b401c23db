import { expect, test } from "vitest";
import { entriesOf, NoZip, placeOf } from "./zip";

// Of Python's zipfile: "folder/" and "folder/größe.txt" with five bytes, stored.
const ZIP =
  "UEsDBBQAAAAAAAAAIQAAAAAAAAAAAAAAAAAHAAAAZm9sZGVyL1BLAwQUAAAIAAAAACEAhqYQNgUAAAAFAAAAEgAAAGZvbGRlci9ncsO2w59lLnR4dGhlbGxvUEsBAhQDFAAAAAAAAAAhAAAAAAAAAAAAAAAAAAcAAAAAAAAAAAAAAIABAAAAAGZvbGRlci9QSwECFAMUAAAIAAAAACEAhqYQNgUAAAAFAAAAEgAAAAAAAAAAAAAAgAElAAAAZm9sZGVyL2dyw7bDn2UudHh0UEsFBgAAAAACAAIAdQAAAFoAAAAAAA==";

function bytes(): DataView {
  const raw = Uint8Array.from(atob(ZIP), (one) => one.charCodeAt(0));
  return new DataView(raw.buffer);
}

test("a zip says what lies in it, by its end", () => {
  const whole = bytes();
  const place = placeOf(whole, 0);
  expect(place.total).toBe(2);
  expect(entriesOf(new DataView(whole.buffer, place.offset, place.length))).toEqual([
    { name: "folder/", isFolder: true, size: 0 },
    { name: "folder/größe.txt", isFolder: false, size: 5 },
  ]);
});

test("what is no zip, or one that was cut off, is not read as one", () => {
  expect(() => placeOf(new DataView(new ArrayBuffer(100)), 0)).toThrow(NoZip);
  expect(() => entriesOf(new DataView(new ArrayBuffer(100)))).toThrow(NoZip);
  const whole = bytes();
  const place = placeOf(whole, 0);
  expect(entriesOf(new DataView(whole.buffer, place.offset, place.length - 10))).toHaveLength(1);
});
