import { html } from "hono/html";
import type { Incident } from "../../core/incident.ts";
import { hasRole, type Principal } from "../../core/principal.ts";
import type { Step } from "../../core/step.ts";
import { clean, page, when } from "./layout.ts";
import { stepLine } from "./steps.ts";

const refreshSeconds = 5;
const stepsShown = 30;

/** What is known of an incident that has no report yet. */
export function incidentStatus(options: {
  readonly incident: Incident;
  readonly steps: readonly Step[];
  readonly principal: Principal;
}) {
  const { incident, steps, principal } = options;
  const isMoving = incident.state === "queued" || incident.state === "investigating";
  return page(
    {
      title: incident.title,
      principal,
      ...(isMoving ? { refreshSeconds } : {}),
    },
    html`${subnav(incident.id)}
      <h1>${clean(incident.title, 150)}</h1>
      <p role="status">${sentence(incident)}</p>
      ${isMoving && hasRole(principal, "responder") ? cancelForm(incident.id) : ""}
      ${alarmSummary(incident)}
      ${
        steps.length === 0
          ? ""
          : html`<h2>So far</h2>
              <ol class="steps">
                ${steps.slice(-stepsShown).map((step) => stepLine(step))}
              </ol>`
      }`,
  );
}

export function subnav(id: string) {
  return html`<ul class="subnav">
    <li><a href="/reports/${id}">Report</a></li>
    <li><a href="/reports/${id}/replay">Replay</a></li>
    <li><a href="/reports/${id}/alarms">Alarms</a></li>
    <li><a href="/reports/${id}/print">Print or PDF</a></li>
    <li><a href="/api/incidents/${id}/report">JSON</a></li>
  </ul>`;
}

function sentence(incident: Incident) {
  if (incident.mergedInto) {
    return html`This turned out to be part of
      <a href="/reports/${incident.mergedInto}">${incident.mergedInto}</a>.`;
  }
  const words: Record<Incident["state"], string> = {
    queued: "It waits for its investigation.",
    investigating: "The investigation is running. This page renews itself.",
    reported: "The report is being written.",
    failed: "The investigation failed; it is tried again, or waits for a person.",
    cancelled: "A person has stopped the investigation.",
    resolved: "All its alarms are over, and no report was written.",
  };
  return html`${words[incident.state]}`;
}

function cancelForm(id: string) {
  return html`<form class="row" method="post" action="/reports/${id}/cancel">
    <button>Stop the investigation</button>
  </form>`;
}

function alarmSummary(incident: Incident) {
  if (incident.alarms.length === 0) return "";
  return html`<h2>Alarms</h2>
    <ul>
      ${incident.alarms.slice(0, 20).map(
        ({ alarm, count, lastAt }) => html`<li>
            ${clean(alarm.name, 120)} · ${clean(alarm.service ?? "no service", 80)} · ${alarm.state}
            · ${count} times, last ${when(lastAt)}
          </li>`,
      )}
    </ul>
    ${
      incident.alarms.length > 20
        ? html`<p>
            <a href="/reports/${incident.id}/alarms">${incident.alarms.length - 20} more</a>
          </p>`
        : ""
    }`;
}
