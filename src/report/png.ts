import { createRequire } from "node:module";
import { shippedFont } from "./chart-theme.ts";

/** Pixels per unit of the SVG: sharp on dense screens, still small. */
const scale = 2;

/**
 * An SVG as PNG. Only the fonts that ship with the package are used, so that the picture is the
 * same on a machine without any. The renderer is loaded when the first picture is drawn.
 */
export async function renderPng(svg: string): Promise<Uint8Array> {
  refuseHugeSvg(svg);
  const { Resvg } = await import("@resvg/resvg-js");
  const image = new Resvg(svg, {
    fitTo: { mode: "zoom", value: scale },
    font: {
      loadSystemFonts: false,
      fontFiles: fontFiles(),
      defaultFontFamily: shippedFont,
      sansSerifFamily: shippedFont,
    },
  });
  return image.render().asPng();
}

/** The renderer aborts the whole process on a picture that it cannot hold. */
const pixelsMax = 20_000_000;

function refuseHugeSvg(svg: string): void {
  const [, width, height] = /<svg[^>]* width="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? [];
  const pixels = Number(width) * Number(height) * scale * scale;
  if (!(pixels > 0 && pixels <= pixelsMax)) {
    throw new Error(`the picture is ${width} x ${height}, which is not drawn`);
  }
}

function fontFiles(): string[] {
  const { resolve } = createRequire(import.meta.url);
  return [
    resolve("@expo-google-fonts/biz-udpgothic/400Regular/BIZUDPGothic_400Regular.ttf"),
    resolve("@expo-google-fonts/biz-udpgothic/700Bold/BIZUDPGothic_700Bold.ttf"),
  ];
}
