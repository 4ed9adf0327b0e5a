import { el, short } from "./dom.js";

/** What is broken, how bad, and how sure. */
export function headOf(data, scene) {
  const { report } = data;
  const level = report?.priority.level;
  const sure = report
    ? `${report.conclusion}, confidence ${Math.round(report.confidence * 100)}%`
    : data.state;
  return section(
    "wide",
    null,
    el(
      "div",
      { class: "row" },
      level ? el("span", { class: `badge ${level}` }, level) : null,
      el("h1", {}, data.title ?? "Investigation"),
      el("span", { class: "quiet" }, sure),
      ...scene.buttons,
    ),
    data.recorded_demo ? el("p", { class: "quiet" }, `Demo ${data.recorded_demo}`) : null,
    report ? el("p", {}, report.summary) : null,
    report ? el("p", { class: "quiet" }, metaOf(report)) : null,
  );
}

function metaOf(report) {
  const minute = (iso) => iso.slice(0, 16).replace("T", " ");
  const times = `${minute(report.window.from)} – ${minute(report.window.to).slice(11)} UTC`;
  return `${times} · act within ${report.priority.respondWithin} · ${report.model}`;
}

/** Ranked causes with their confidence, and what was set aside. */
export function causesOf(report, scene) {
  const causes = report.rootCauses
    .slice(0, 4)
    .map((cause) =>
      el(
        "li",
        { class: "cause" },
        el("b", {}, `${Math.round(cause.confidence * 100)}%`),
        el(
          "div",
          {},
          el("div", {}, `${cause.service ?? "no service"}: ${cause.mechanism}`),
          cause.change
            ? el("div", {}, `${cause.change.kind} ${cause.change.ref}: ${cause.change.title}`)
            : null,
          el(
            "div",
            { class: "row" },
            ...ids(cause.supporting, scene),
            ...ids(cause.contradicting, scene, "against "),
          ),
          el("div", { class: "bar", style: `width:${Math.round(cause.confidence * 100)}%` }),
        ),
      ),
    );
  const aside = report.ruledOut.slice(0, 4).map((item) => `${item.claim}: ${item.because}`);
  return section(
    "",
    "Cause",
    causes.length > 0 ? el("ul", {}, ...causes) : el("p", {}, "No cause could be named."),
    aside.length > 0 ? el("p", { class: "quiet" }, `Ruled out – ${aside.join("; ")}`) : null,
  );
}

/** Users, money, objectives, and what to do. */
export function impactOf(report, scene) {
  const { business } = report.impact;
  const lost = business.filter(isLoss).map(lostLine);
  const burning = report.impact.slos.filter((slo) => slo.burnRate >= 1);
  const fine = [
    ...business.filter((kpi) => !isLoss(kpi)).map((kpi) => kpi.kpi),
    ...report.impact.slos.filter((slo) => slo.burnRate < 1).map((slo) => slo.name),
  ];
  const slos = burning.map((slo) => {
    const left = Math.round(slo.budgetLeft * 100);
    return el("p", {}, `SLO ${slo.name}: burns ${short(slo.burnRate)}×, ${left}% of budget left`);
  });
  const actions = report.actions.map((action) =>
    el(
      "li",
      { class: "cause" },
      el("b", {}, "→"),
      el(
        "div",
        {},
        `${action.text} (risk: ${action.risk})`,
        el("div", { class: "row" }, ...ids(action.evidence, scene)),
      ),
    ),
  );
  const gaps = report.gaps.map((gap) =>
    el("p", { class: "quiet" }, `${gap.what}: ${gap.why}; ${gap.effect}`),
  );
  return section(
    "",
    "Impact and next step",
    el("p", {}, report.impact.users),
    ...lost,
    ...slos,
    fine.length > 0 ? el("p", { class: "quiet" }, `As expected: ${fine.join(", ")}`) : null,
    el("ul", {}, ...actions),
    gaps.length > 0 ? el("h2", {}, "Not known") : null,
    ...gaps,
  );
}

/** True when the loss is more than normal variation; a smaller one must not be told as a loss. */
function isLoss(kpi) {
  return kpi.lostInterval ? kpi.lostInterval[0] > 0 : kpi.lost > 0;
}

/** One business metric's loss; its worth in money where that says more. */
function lostLine(kpi) {
  const isShare = kpi.unit === "1" || kpi.unit === "ratio";
  const amount = (value) => (isShare ? `${short(value * 100)}%` : short(value));
  const unit = isShare ? "" : ` ${kpi.unit}`;
  const hasWorth = kpi.lostValue > 0 && kpi.currency !== kpi.unit;
  const worth = hasWorth ? `, worth ${short(kpi.lostValue)} ${kpi.currency ?? ""}` : "";
  const lost = isShare ? "" : ` (${amount(kpi.lost)} lost${worth})`;
  const text = `${kpi.kpi}: ${amount(kpi.actual)}${unit} instead of ${amount(kpi.expected)}${lost}`;
  return el("p", {}, text);
}

/** Progress of an investigation that has no report yet. */
export function progressOf(data) {
  const { progress, findings = [] } = data;
  const counts = progress
    ? `${progress.findings} findings, ${progress.tool_calls} queries, ${progress.seconds} s`
    : "";
  return section(
    "wide",
    data.isFinished ? "Ended without a report" : "Working",
    el("p", {}, progress?.doing ?? ""),
    el("p", { class: "quiet" }, counts),
    el("ul", {}, ...findings.map((item) => el("li", {}, `${item.id} ${item.statement}`))),
  );
}

/** A card with a heading. */
export function section(className, title, ...children) {
  return el("section", { class: className }, title ? el("h2", {}, title) : null, ...children);
}

function ids(list, scene, prefix = "") {
  return list
    .slice(0, 8)
    .map((id) => el("button", { onclick: () => scene.open(id) }, `${prefix}${id}`));
}
