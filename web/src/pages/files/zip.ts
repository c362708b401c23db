/** What lies in a zip, by its directory alone, which is at its end. PKWARE APPNOTE 6.3.10, 4.3.12 to 4.3.16. */
import { ask } from "../../api";

export interface Packed {
  readonly name: string;
  readonly isFolder: boolean;
  readonly size: number;
}

export interface Directory {
  readonly entries: readonly Packed[];
  /** How many there are, more perhaps than are told of. */
  readonly total: number;
}

interface Place {
  readonly offset: number;
  readonly length: number;
  readonly total: number;
}

/** It is no zip, or one that was cut off. */
export class NoZip extends Error {}

const TAIL = 65_536 + 22;
const LONGEST = 4 * 2 ** 20;
export const MOST = 2000;
const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const ENTRY = 0x02014b50;
const ELSEWHERE = 0xffffffff;

/** Finds the directory's place in the last bytes of a file, which begin at `start` of it. */
export function placeOf(tail: DataView, start: number): Place {
  for (let at = tail.byteLength - 22; at >= 0; at -= 1) {
    if (tail.getUint32(at, true) !== END) continue;
    const place = { total: tail.getUint16(at + 10, true), length: tail.getUint32(at + 12, true), offset: tail.getUint32(at + 16, true) };
    return place.offset === ELSEWHERE || place.total === 0xffff ? placeOf64(tail, start, at - 20) : place;
  }
  throw new NoZip("no end of a zip");
}

function placeOf64(tail: DataView, start: number, locator: number): Place {
  if (locator < 0 || tail.getUint32(locator, true) !== LOCATOR_64) throw new NoZip("no locator");
  const at = Number(tail.getBigUint64(locator + 8, true)) - start;
  if (at < 0 || at + 56 > tail.byteLength || tail.getUint32(at, true) !== END_64) throw new NoZip("no end of a large zip");
  const number = (from: number) => Number(tail.getBigUint64(at + from, true));
  return { total: number(32), length: number(40), offset: number(48) };
}

/** Reads a directory, or as much as there is of it. */
export function entriesOf(bytes: DataView): readonly Packed[] {
  const found: Packed[] = [];
  const words = new TextDecoder();
  for (let at = 0; at + 46 <= bytes.byteLength && found.length < MOST; ) {
    if (bytes.getUint32(at, true) !== ENTRY) throw new NoZip("no entry");
    const [names, extra, comment] = [28, 30, 32].map((from) => bytes.getUint16(at + from, true)) as [number, number, number];
    if (at + 46 + names + extra > bytes.byteLength) break;
    const name = words.decode(new Uint8Array(bytes.buffer, bytes.byteOffset + at + 46, names));
    const size = bytes.getUint32(at + 24, true);
    found.push({ name, isFolder: name.endsWith("/"), size: size === ELSEWHERE ? size64(bytes, at + 46 + names, extra) : size });
    at += 46 + names + extra + comment;
  }
  return found;
}

function size64(bytes: DataView, from: number, length: number): number {
  for (let at = from; at + 12 <= from + length; at += 4 + bytes.getUint16(at + 2, true)) {
    if (bytes.getUint16(at, true) === 1) return Number(bytes.getBigUint64(at + 4, true));
  }
  return ELSEWHERE;
}

export async function readDirectory(href: string, size: number, signal: AbortSignal): Promise<Directory> {
  const part = async (from: number, length: number) => {
    const headers = { Range: `bytes=${from}-${from + length - 1}` };
    const response = await ask("GET", href, undefined, { signal, headers });
    return new DataView(await response.arrayBuffer());
  };
  if (size < 22) throw new NoZip("too short");
  const start = Math.max(0, size - TAIL);
  const place = placeOf(await part(start, size - start), start);
  if (place.total === 0) return { entries: [], total: 0 };
  if (place.offset + place.length > size) throw new NoZip("cut off");
  return { entries: entriesOf(await part(place.offset, Math.min(place.length, LONGEST))), total: place.total };
}
