import { connectHost } from "./bridge.js";
import { chartOf } from "./charts.js";
import { el } from "./dom.js";
import { evidenceList } from "./evidence.js";
import { serviceMap } from "./service-map.js";
import { causesOf, headOf, impactOf, progressOf, section } from "./summary.js";
import { timelineOf } from "./timeline.js";

const refreshMs = 3_000;
let again = 0;
const root = document.getElementById("view");
const shown = {
  data: null,
  incident: null,
  zoom: null,
  service: null,
  layer: null,
  opened: null,
  isWhole: false,
};

const { ready, host } = connectHost({
  input: (given) => {
    shown.incident = given.incident ?? shown.incident;
  },
  result: (result) => take(result),
  context: (context) => {
    if (context.theme) document.documentElement.dataset.theme = context.theme;
    for (const [name, value] of Object.entries(context.styles?.variables ?? {})) {
      if (value && /^--[\w-]+$/.test(name)) document.documentElement.style.setProperty(name, value);
    }
    draw();
  },
});

/** Takes a tool result: the view's own part where the host kept it, else the incident resource. */
async function take(result) {
  const own = result?._meta?.["shodo/view"];
  const facts = result?.structuredContent;
  shown.incident = facts?.incident ?? shown.incident;
  if (own) shown.data = own;
  else if (facts?.kind === "failed") shown.data = { title: facts.message, state: facts.next };
  else shown.data = (await readIncident()) ?? { ...facts, report: undefined };
  draw();
  clearTimeout(again);
  if (shown.data?.isFinished === false) again = setTimeout(refresh, refreshMs);
}

async function readIncident() {
  if (!host.capabilities.serverResources || !shown.incident) return null;
  const uri = `shodo://incidents/${shown.incident}`;
  const read = await host.request("resources/read", { uri }).catch(() => null);
  return read ? JSON.parse(read.contents[0].text) : null;
}

async function refresh() {
  if (!host.capabilities.serverTools || !shown.incident) return;
  const call = { name: "show_investigation", arguments: { incident: shown.incident } };
  await host.request("tools/call", call).then(take, () => null);
}

function draw() {
  const { data } = shown;
  if (!data) return;
  const width = Math.max(280, root.clientWidth - 24);
  const scene = sceneOf(data);
  const cards = data.report ? reportCards(data.report, scene, width) : [progressOf(data)];
  root.replaceChildren(headOf(data, scene), ...cards);
  root.dataset.drawn = "true";
  tellSize();
}

function reportCards(report, scene, width) {
  const inner = width - 26;
  const half = width >= 760 - 24 ? (width - 12) / 2 - 26 : inner;
  const columns = width >= 1100 - 24 ? 3 : width >= 760 - 24 ? 2 : 1;
  const chartWidth = (inner - 12 * (columns - 1)) / columns;
  const charts = report.evidence.filter((item) => item.chart).slice(0, 12);
  const map = serviceMap(report, scene, half);
  const zoom = shown.zoom
    ? el("button", { onclick: () => scene.zoom(null) }, "Whole time range")
    : el("span", { class: "quiet" }, "drag to zoom");
  return [
    causesOf(report, scene),
    impactOf(report, scene),
    section("wide", "Timeline (UTC)", timelineOf(report, scene, inner)),
    charts.length > 0
      ? section(
          "wide",
          "Charts",
          el("div", { class: "row" }, zoom),
          el("div", { class: "charts" }, ...charts.map((item) => chartOf(item, scene, chartWidth))),
        )
      : null,
    map ? section("", "Services", map) : null,
    section(map ? "" : "wide", "Evidence", evidenceList(report, scene)),
  ].filter(Boolean);
}

/** What the drawing functions need to know and may do. */
function sceneOf(data) {
  const { report } = data;
  const changes = new Set(
    report?.evidence.filter((item) => item.kind === "change").map((item) => item.id),
  );
  const set = (change) => {
    Object.assign(shown, change);
    draw();
  };
  return {
    ...(report ? timesOf(report) : {}),
    service: shown.service,
    layer: shown.layer,
    opened: shown.opened,
    isWhole: shown.isWhole,
    showAll: () => set({ isWhole: true }),
    isChange: (id) => changes.has(id),
    zoom: (span) => set({ zoom: span }),
    choose: (service) => set({ service }),
    show: (layer) => set({ layer }),
    follow: (url) => host.request("ui/open-link", { url }).catch(() => null),
    open: (id) => {
      if (id === undefined) return;
      set({ opened: id, ...(id === null ? {} : { service: null, layer: null }) });
      if (id !== null) document.getElementById(id)?.scrollIntoView({ block: "nearest" });
    },
    buttons: buttonsOf(),
  };
}

function buttonsOf() {
  if (!host.capabilities.serverTools) return [];
  return [el("button", { onclick: refresh }, "Refresh")];
}

function timesOf(report) {
  const at = (text) => Date.parse(text);
  const times = [
    ...report.timeline.map((event) => at(event.at)),
    ...report.evidence.flatMap((item) => item.chart?.lines.flatMap((line) => line.times) ?? []),
    at(report.window.from),
    at(report.window.to),
  ].filter(Number.isFinite);
  const whole = times.reduce(
    (span, time) => ({ from: Math.min(span.from, time), to: Math.max(span.to, time) }),
    { from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY },
  );
  return {
    span: shown.zoom ?? whole,
    window: { from: at(report.window.from), to: at(report.window.to) },
    onset: report.onset === null ? null : at(report.onset),
  };
}

/** Hosts give the frame the height that its content asks for. */
function tellSize() {
  const { width, height } = document.documentElement.getBoundingClientRect();
  host.notify("ui/notifications/size-changed", {
    width: Math.ceil(width),
    height: Math.ceil(height),
  });
}

let lastWidth = 0;
new ResizeObserver(() => {
  if (root.clientWidth === lastWidth) return;
  lastWidth = root.clientWidth;
  draw();
}).observe(root);
ready.then(draw, () => null);
