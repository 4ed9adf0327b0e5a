import type { Mark, Spec } from "vega";
import type { Report } from "../core/report.ts";
import { type ChartTheme, chartFont } from "./chart-theme.ts";
import type { Words } from "./languages.ts";
import { layoutMap, type MapEdge, type MapLayout, type MapNode, nodeSize } from "./map-layout.ts";

const legendHeight = 34;
const arrowHead = { length: 7, half: 4 };

/** Who calls whom, with the cause, the first to fail and the victims; null without a topology. */
export async function mapSpec(
  report: Report,
  words: Words,
  theme: ChartTheme,
): Promise<Spec | null> {
  const layout = await layoutMap(report);
  if (!layout) return null;
  const height = layout.height + legendHeight;
  return {
    width: Math.max(layout.width, 520),
    height,
    padding: 20,
    background: theme.background,
    marks: [
      edgeMarks(layout, theme),
      ...layout.nodes.flatMap((node) => nodeMarks(node, words, theme)),
      ...legendMarks(layout, height, words, theme),
    ],
  };
}

/** Lines in grey first, so that those between services that suffer lie on top. */
function edgeMarks(layout: MapLayout, theme: ChartTheme): Mark {
  const fine = new Set(layout.nodes.filter((n) => n.role === "fine").map((n) => n.service));
  const values = layout.edges
    .map((edge) => ({ edge, isHurt: !fine.has(edge.from) && !fine.has(edge.to) }))
    .sort((a, b) => Number(a.isHurt) - Number(b.isHurt))
    .map(({ edge, isHurt }) => ({
      path: arrow(edge.points),
      color: isHurt ? theme.victim : theme.node,
      wide: isHurt ? 2.2 : 1,
    }));
  return {
    type: "group",
    data: [{ name: "edges", values }],
    marks: [
      {
        type: "path",
        from: { data: "edges" },
        encode: {
          enter: {
            path: { field: "path" },
            stroke: { field: "color" },
            strokeWidth: { field: "wide" },
          },
        },
      },
    ],
  };
}

/** A line that leaves, passes and arrives level, with an arrow head at its end. */
function arrow(points: MapEdge["points"]): string {
  const [first, ...rest] = points;
  const end = rest.at(-1);
  if (!first || !end) return "";
  const curves = rest.map((point, i) => {
    const { x, y } = rest[i - 1] ?? first;
    const middle = (x + point.x) / 2;
    return `C${middle},${y} ${middle},${point.y} ${point.x},${point.y}`;
  });
  const back = end.x - Math.sign(end.x - first.x) * arrowHead.length;
  const { half } = arrowHead;
  const head = `M${back},${end.y - half}L${end.x},${end.y}L${back},${end.y + half}`;
  return `M${first.x},${first.y}${curves.join("")}${head}`;
}

function colorOf(role: MapNode["role"], theme: ChartTheme): string {
  if (role === "cause") return theme.cause;
  return role === "fine" ? theme.node : role === "victim" ? theme.victim : theme.onset;
}

function nodeMarks(node: MapNode, words: Words, theme: ChartTheme): Mark[] {
  const color = colorOf(node.role, theme);
  const isCause = node.role === "cause";
  const middle = node.x + nodeSize.width / 2;
  const label = {
    x: { value: middle },
    align: { value: "center" as const },
    baseline: { value: "middle" as const },
    font: { value: chartFont },
    limit: { value: nodeSize.width - 16 },
    fill: { value: isCause ? theme.background : theme.text },
  };
  const isFine = node.role === "fine";
  return [
    {
      type: "rect",
      encode: {
        enter: {
          x: { value: node.x },
          y: { value: node.y },
          width: { value: nodeSize.width },
          height: { value: nodeSize.height },
          cornerRadius: { value: 8 },
          stroke: { value: color },
          strokeWidth: { value: isFine ? 1 : 2.4 },
          strokeDash: { value: node.role === "victim" ? [6, 4] : [] },
          fill: { value: isCause ? color : theme.background },
        },
      },
    },
    {
      type: "text",
      encode: {
        enter: {
          ...label,
          y: { value: node.y + nodeSize.height / 2 - (isFine ? 0 : 8) },
          text: { value: node.service },
          fontSize: { value: 13 },
          fontWeight: { value: 700 },
        },
      },
    },
    ...(isFine
      ? []
      : [
          {
            type: "text" as const,
            encode: {
              enter: {
                ...label,
                y: { value: node.y + nodeSize.height / 2 + 10 },
                text: { value: words.say(`chart.map.${node.role}`) },
                fontSize: { value: 11 },
              },
            },
          },
        ]),
  ];
}

/** Names of the roles that occur, in their colours, and how many services had no room. */
function legendMarks(layout: MapLayout, y: number, words: Words, theme: ChartTheme): Mark[] {
  const roles = (["cause", "first", "victim", "fine"] as const).filter((role) =>
    layout.nodes.some((node) => node.role === role),
  );
  const labels = roles.map((role) => ({
    text: `${role === "cause" ? "■" : "□"} ${words.say(`chart.map.${role}`)}`,
    color: colorOf(role, theme),
  }));
  if (layout.hidden > 0) {
    const text = words.say("report.more", { count: layout.hidden });
    labels.push({ text, color: theme.faint });
  }
  return labels.map((label, i) => ({
    type: "text",
    encode: {
      enter: {
        x: { value: i * 150 },
        y: { value: y },
        text: { value: label.text },
        font: { value: chartFont },
        fontSize: { value: 11.5 },
        fill: { value: label.color },
      },
    },
  }));
}
