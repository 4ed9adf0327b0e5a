import { createRequire } from "node:module";
import { chartFont } from "./chart-theme.ts";

/** Pixels per unit of the SVG: sharp on dense screens, still small. */
const scale = 2;

/**
 * An SVG as PNG. Only the fonts that ship with the package are used, so that the picture is the same
 * on a machine without any. The renderer is loaded when the first picture is drawn.
 */
export async function renderPng(svg: string): Promise<Uint8Array> {
  const { Resvg } = await import("@resvg/resvg-js");
  const image = new Resvg(svg, {
    fitTo: { mode: "zoom", value: scale },
    font: {
      loadSystemFonts: false,
      fontFiles: fontFiles(),
      defaultFontFamily: chartFont,
      sansSerifFamily: chartFont,
    },
  });
  return image.render().asPng();
}

function fontFiles(): string[] {
  const { resolve } = createRequire(import.meta.url);
  return [
    resolve("@expo-google-fonts/biz-udpgothic/400Regular/BIZUDPGothic_400Regular.ttf"),
    resolve("@expo-google-fonts/biz-udpgothic/700Bold/BIZUDPGothic_700Bold.ttf"),
  ];
}
