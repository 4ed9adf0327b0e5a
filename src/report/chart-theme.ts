/** Colours of a chart; none of them carries meaning alone, every mark is also named. */
export interface ChartTheme {
  readonly name: "light" | "dark";
  readonly background: string;
  readonly text: string;
  readonly faint: string;
  readonly grid: string;
  readonly line: readonly string[];
  readonly band: string;
  /** The band where it stands small, in a legend. */
  readonly bandEdge: string;
  readonly onset: string;
  readonly change: string;
  readonly alarm: string;
  readonly cause: string;
  readonly victim: string;
  readonly node: string;
}

/** The font that ships with the package: Latin and Japanese glyphs. */
export const shippedFont = "BIZ UDPGothic";

/** What text in a chart asks for: where an SVG is shown without our font, any plain one. */
export const chartFont = `${shippedFont}, Hiragino Sans, Noto Sans JP, sans-serif`;

export const chartThemes: Readonly<Record<ChartTheme["name"], ChartTheme>> = {
  light: {
    name: "light",
    background: "#ffffff",
    text: "#1c2733",
    faint: "#5b6b7b",
    grid: "#e4e8ed",
    line: ["#1f6fb2", "#7a4fb0", "#2f8f6b", "#a86413"],
    band: "#dbe8f3",
    bandEdge: "#9fc3e3",
    onset: "#c62f2f",
    change: "#7a4fb0",
    alarm: "#b3690a",
    cause: "#c62f2f",
    victim: "#d98a1f",
    node: "#8796a5",
  },
  dark: {
    name: "dark",
    background: "#14191f",
    text: "#e6ebf0",
    faint: "#9aa7b4",
    grid: "#2a323b",
    line: ["#6cb2eb", "#b794f4", "#68d4a4", "#e9b264"],
    band: "#21384a",
    bandEdge: "#3d6787",
    onset: "#ff7b72",
    change: "#b794f4",
    alarm: "#f0a94a",
    cause: "#ff7b72",
    victim: "#f0a94a",
    node: "#77879a",
  },
};
