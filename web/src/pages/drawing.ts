/** Pictures drawn anew in the browser: what else is in their files, a place perhaps, stays there. What to say where there is none comes from the page. */
/** So many points each way are enough for what is shown small; and the server takes every such picture. */
const SIDE = 256;
const LOGO = { width: 576, height: 72 };

/** The largest square in the middle of what is so wide and so high: where it begins, and its side. */
export function middle(width: number, height: number): { left: number; top: number; side: number } {
  const side = Math.min(width, height);
  return { left: (width - side) / 2, top: (height - side) / 2, side };
}

/** How large a picture is that is to fit into so much, without growing. */
export function within(width: number, height: number, most: { width: number; height: number }): { width: number; height: number } {
  const share = Math.min(1, most.width / width, most.height / height);
  return { width: Math.max(1, Math.round(width * share)), height: Math.max(1, Math.round(height * share)) };
}

/** Cut the middle out of a picture and make it small. */
export async function squared(file: Blob, none: string): Promise<Blob> {
  const read = await readPicture(file, none);
  const { left, top, side } = middle(read.width, read.height);
  return drawn(read, { left, top, width: side, height: side }, { width: SIDE, height: SIDE }, none);
}

/** Draw a logo anew, twice as large as it is shown at most. */
export async function drawnWithin(file: Blob, none: string): Promise<Blob> {
  const read = await readPicture(file, none);
  return drawn(read, { left: 0, top: 0, width: read.width, height: read.height }, within(read.width, read.height, LOGO), none);
}

async function readPicture(file: Blob, none: string): Promise<ImageBitmap> {
  return createImageBitmap(file).catch(() => {
    throw new Error(none);
  });
}

function drawn(read: ImageBitmap, from: { left: number; top: number; width: number; height: number }, to: { width: number; height: number }, none: string): Promise<Blob> {
  const canvas = document.createElement("canvas");
  canvas.width = to.width;
  canvas.height = to.height;
  const context = canvas.getContext("2d");
  if (context) context.imageSmoothingQuality = "high";
  context?.drawImage(read, from.left, from.top, from.width, from.height, 0, 0, to.width, to.height);
  read.close();
  return new Promise((done, fail) => {
    canvas.toBlob((made) => (made === null ? fail(new Error(none)) : done(made)), "image/png");
  });
}

/** Give bytes as they stand in a document. */
export async function base64(of: Blob): Promise<string> {
  const bytes = new Uint8Array(await of.arrayBuffer());
  return btoa(Array.from(bytes, (one) => String.fromCharCode(one)).join(""));
}
