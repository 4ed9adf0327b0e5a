import type { Mark, Spec } from "vega";
import type { Report } from "../core/report.ts";
import { type ChartTheme, chartFont } from "./chart-theme.ts";
import type { Words } from "./languages.ts";
import { layoutMap, type MapLayout, type MapNode } from "./map-layout.ts";

const nodeWidth = 168;
const nodeHeight = 46;
const columnGap = 72;
const rowGap = 22;
const legendHeight = 34;

interface Placed extends MapNode {
  readonly x: number;
  readonly y: number;
}

/** Who calls whom, with the cause, the first to fail and the victims; null without a topology. */
export function mapSpec(report: Report, words: Words, theme: ChartTheme): Spec | null {
  const layout = layoutMap(report);
  if (!layout) return null;
  const height = layout.rows * (nodeHeight + rowGap) - rowGap;
  const nodes = layout.nodes.map((node) => place(node, layout, height));
  const width = layout.columns * (nodeWidth + columnGap) - columnGap;
  return {
    width: Math.max(width, 520),
    height: height + legendHeight,
    padding: 20,
    background: theme.background,
    marks: [
      edgeMarks(layout, nodes, theme),
      ...nodes.flatMap((node) => nodeMarks(node, words, theme)),
      ...legendMarks(layout, height + legendHeight, words, theme),
    ],
  };
}

/** Each column is centred on the height of the tallest. */
function place(node: MapNode, layout: MapLayout, height: number): Placed {
  const inColumn = layout.nodes.filter((other) => other.column === node.column).length;
  const tall = inColumn * (nodeHeight + rowGap) - rowGap;
  return {
    ...node,
    x: node.column * (nodeWidth + columnGap),
    y: (height - tall) / 2 + node.row * (nodeHeight + rowGap),
  };
}

function edgeMarks(layout: MapLayout, nodes: readonly Placed[], theme: ChartTheme): Mark {
  const at = new Map(nodes.map((node) => [node.service, node]));
  const isHurt = (service: string) => at.get(service)?.role !== "fine";
  const values = layout.edges.flatMap((edge) => {
    const [from, to] = [at.get(edge.from), at.get(edge.to)];
    if (!from || !to) return [];
    const hurt = isHurt(edge.from) && isHurt(edge.to);
    return [
      { path: curve(from, to), color: hurt ? theme.victim : theme.node, wide: hurt ? 2.2 : 1 },
    ];
  });
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

/** From the right side of the caller to the left side of the callee, with an arrow head. */
function curve(from: Placed, to: Placed): string {
  const [x1, y1] = [from.x + nodeWidth, from.y + nodeHeight / 2];
  const [x2, y2] = [to.x - 2, to.y + nodeHeight / 2];
  const bend = Math.max(columnGap * 0.6, Math.abs(x2 - x1) * 0.4);
  const line = `M${x1},${y1}C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`;
  return `${line}M${x2 - 7},${y2 - 4}L${x2},${y2}L${x2 - 7},${y2 + 4}`;
}

function colorOf(role: MapNode["role"], theme: ChartTheme): string {
  if (role === "cause") return theme.cause;
  return role === "fine" ? theme.node : role === "victim" ? theme.victim : theme.onset;
}

function nodeMarks(node: Placed, words: Words, theme: ChartTheme): Mark[] {
  const color = colorOf(node.role, theme);
  const isCause = node.role === "cause";
  const middle = node.x + nodeWidth / 2;
  const label = {
    x: { value: middle },
    align: { value: "center" as const },
    baseline: { value: "middle" as const },
    font: { value: chartFont },
    limit: { value: nodeWidth - 16 },
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
          width: { value: nodeWidth },
          height: { value: nodeHeight },
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
          y: { value: node.y + nodeHeight / 2 - (isFine ? 0 : 8) },
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
                y: { value: node.y + nodeHeight / 2 + 10 },
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
