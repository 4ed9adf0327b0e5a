import { clock, el, short } from "./dom.js";

const shortList = 14;

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
  const ordered = citedFirst(shown, report);
  const isCut = !scene.isWhole && ordered.length > shortList;
  const visible = isCut
    ? ordered.filter((item, index) => index < shortList || item.id === scene.opened)
    : ordered.slice(0, 200);
  const more = isCut
    ? el("button", { onclick: () => scene.showAll() }, `Show all ${ordered.length}`)
    : null;
  const list = el("ul", {}, ...visible.map((item) => itemOf(item, scene)));
  return el(
    "div",
    {},
    el("div", { class: "row" }, ...chips, service, el("span", { class: "quiet" }, count)),
    shown.length > 0
      ? el("div", {}, list, more)
      : el("p", { class: "quiet" }, "No evidence with these filters."),
  );
}

/** What the causes rest on comes first, in the order in which it was found. */
function citedFirst(items, report) {
  const cited = new Set(
    report.rootCauses.slice(0, 2).flatMap((cause) => [...cause.supporting, ...cause.contradicting]),
  );
  return [...items].sort((a, b) => Number(cited.has(b.id)) - Number(cited.has(a.id)));
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
    item.effect === undefined ? null : `effect ${short(item.effect)} ${item.effectKind ?? ""}`,
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
