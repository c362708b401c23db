import { t } from "@lingui/core/macro";

/** So many points each way are enough for what is shown small; and the server takes every such picture. */
const SIDE = 256;

/** The largest square in the middle of what is so wide and so high: where it begins, and its side. */
export function middle(width: number, height: number): { left: number; top: number; side: number } {
  const side = Math.min(width, height);
  return { left: (width - side) / 2, top: (height - side) / 2, side };
}

/** Cut the middle out of a picture and make it small; what else is in the file, a place perhaps, stays here. */
export async function squared(file: Blob): Promise<Blob> {
  const read = await createImageBitmap(file).catch(() => {
    throw new Error(t`The browser sees no picture in this file.`);
  });
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  const { left, top, side } = middle(read.width, read.height);
  canvas.getContext("2d")?.drawImage(read, left, top, side, side, 0, 0, SIDE, SIDE);
  read.close();
  return new Promise((done, fail) => {
    canvas.toBlob((made) => (made === null ? fail(new Error(t`The browser sees no picture in this file.`)) : done(made)), "image/png");
  });
}
