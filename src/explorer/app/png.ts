/**
 * Pictures as PNG: the browser draws the SVG.
 *
 * @module
 */

/** A picture that the browser loads. */
export interface LoadedImage {
  /** Where it is. */
  src: string;
  /** Its width in pixels, once it is loaded. */
  readonly naturalWidth: number;
  /** Its height. */
  readonly naturalHeight: number;
  /** Ends when it can be drawn. */
  readonly decode: () => Promise<void>;
}

/** A surface to draw on. */
export interface Canvas {
  /** Its width in pixels. */
  width: number;
  /** Its height in pixels. */
  height: number;
  /** What draws on it; null if the browser cannot. */
  readonly getContext: (kind: "2d") =>
    | {
      readonly drawImage: (image: LoadedImage, x: number, y: number, w: number, h: number) => void;
    }
    | null;
  /** Makes a file of it; null if the browser cannot. */
  readonly toBlob: (done: (blob: Blob | null) => void, type: string) => void;
}

/** What makes pictures and surfaces. */
export interface Painter {
  /** Makes a picture. */
  readonly newImage: () => LoadedImage;
  /** Makes a surface. */
  readonly newCanvas: () => Canvas;
}

/** So many pixels stand for one of the SVG, so that a print is sharp. */
const SCALE = 2;

/**
 * Draws an SVG document.
 *
 * @param painter the browser
 * @param svg the document
 * @returns a PNG file
 */
export async function pngOf({ newImage, newCanvas }: Painter, svg: string): Promise<Blob> {
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const image = newImage();
    image.src = address;
    await image.decode();
    const canvas = newCanvas();
    canvas.width = image.naturalWidth * SCALE;
    canvas.height = image.naturalHeight * SCALE;
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
    if (blob !== null) return blob;
    throw new Error("Cannot draw the picture: the browser has no room for it");
  } finally {
    URL.revokeObjectURL(address);
  }
}
