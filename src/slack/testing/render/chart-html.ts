import { asJson, type Json, list } from "../../blocks/shape-checks.ts";
import { escapeHtml } from "./text-html.ts";

const width = 520;
const height = 150;
const left = 44;
const colors = ["#2563eb", "#dc2626", "#059669", "#d97706", "#7c3aed", "#0891b2"];

/** A native chart as SVG. */
export function chartHtml(block: Json): string {
  const chart = asJson(block.chart);
  const axis = asJson(chart.axis_config);
  const categories = Array.isArray(axis.categories) ? axis.categories.map(String) : [];
  const series = list(chart.series);
  const values = series.flatMap((one) => list(one.data).map((point) => Number(point.value)));
  const top = Math.max(...values, 1e-9);
  const x = (i: number) => left + (i * (width - left - 12)) / Math.max(1, categories.length - 1);
  const y = (value: number) => height - 24 - (value / top) * (height - 40);
  const lines = series.map((one, s) => {
    const points = list(one.data).map(
      (p, i) => `${x(i).toFixed(1)},${y(Number(p.value)).toFixed(1)}`,
    );
    return `<polyline fill="none" stroke="${colors[s % colors.length]}" stroke-width="2" points="${points.join(" ")}"/>`;
  });
  const ticks = [0, top / 2, top].map(
    (value) =>
      `<line x1="${left}" x2="${width - 12}" y1="${y(value)}" y2="${y(value)}" stroke="#e5e7eb"/><text x="${left - 6}" y="${y(value) + 4}" text-anchor="end">${Number(value.toPrecision(3))}</text>`,
  );
  const names = categories
    .map((name, i) =>
      i % 4 === 0
        ? `<text x="${x(i)}" y="${height - 6}" text-anchor="middle">${escapeHtml(name)}</text>`
        : "",
    )
    .join("");
  const legend = series
    .map(
      (one, s) =>
        `<span><i style="background:${colors[s % colors.length]}"></i>${escapeHtml(String(one.name))}</span>`,
    )
    .join("");
  const unit = axis.y_label ? ` (${escapeHtml(String(axis.y_label))})` : "";
  return `<div class="chart"><div class="caption">${escapeHtml(String(block.title))}${unit}</div><svg viewBox="0 0 ${width} ${height}">${ticks.join("")}${lines.join("")}${names}</svg><div class="legend">${legend}</div></div>`;
}
