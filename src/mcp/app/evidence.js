import { clock, el } from "./dom.js";

/** The findings; clicking one shows the quote and the query that found it. */
export function evidenceList(report, scene) {
  const layers = [...new Set(report.evidence.map((item) => item.layer))];
  const chips = layers.map((layer) =>
    el(
      "button",
      {
        "aria-pressed": scene.layer === layer,
        onclick: () => scene.show(scene.layer === layer ? null : layer),
      },
      layer,
    ),
  );
  const service = scene.service
    ? el(
        "button",
        { "aria-pressed": true, onclick: () => scene.choose(null) },
        `${scene.service} ×`,
      )
    : null;
  const shown = report.evidence.filter(
    (item) =>
      (!scene.layer || item.layer === scene.layer) &&
      (!scene.service || item.service === scene.service),
  );
  const count = `${shown.length} of ${report.evidence.length}`;
  const list = el("ul", {}, ...shown.slice(0, 200).map((item) => itemOf(item, scene)));
  return el(
    "div",
    {},
    el("div", { class: "row" }, ...chips, service, el("span", { class: "quiet" }, count)),
    shown.length > 0 ? list : el("p", { class: "quiet" }, "No evidence with these filters."),
  );
}

function itemOf(item, scene) {
  const isOpen = scene.opened === item.id;
  const button = el(
    "button",
    { "aria-expanded": isOpen, onclick: () => scene.open(isOpen ? null : item.id) },
    el("b", {}, item.id),
    item.statement,
  );
  return el("li", { class: "item", id: item.id }, button, isOpen ? detailOf(item, scene) : null);
}

function detailOf(item, scene) {
  const facts = [
    item.service,
    item.layer,
    item.at ? `at ${clock(Date.parse(item.at))} UTC` : null,
    item.effect === undefined ? null : `effect ${item.effect} ${item.effectKind ?? ""}`,
  ].filter(Boolean);
  return el(
    "div",
    {},
    el("p", { class: "quiet" }, facts.join(" · ")),
    item.quote ? el("pre", { "aria-label": "Quoted telemetry" }, item.quote) : null,
    ...item.provenance.map((source) => sourceOf(source, scene)),
  );
}

function sourceOf(source, scene) {
  const scanned = `${source.rows} rows, ${source.tookMs} ms${source.truncated ? ", cut by a limit" : ""}`;
  const isLink = typeof source.link === "string" && source.link.startsWith("https://");
  return el(
    "div",
    {},
    el("p", { class: "quiet" }, `${source.source} (${source.signal}): ${scanned}`),
    el("pre", { "aria-label": "Query" }, source.query),
    isLink ? el("button", { onclick: () => scene.follow(source.link) }, "Open in console") : null,
  );
}
