import { html } from "hono/html";
import type { Incident, IncidentState } from "../../core/incident.ts";
import type { Principal } from "../../core/principal.ts";
import { httpLimits } from "../limits.ts";
import { clean, page, when } from "./layout.ts";

export const states: readonly IncidentState[] = [
  "queued",
  "investigating",
  "reported",
  "failed",
  "cancelled",
  "resolved",
];

export interface ListOptions {
  readonly principal: Principal;
  readonly incidents: readonly Incident[];
  readonly state: IncidentState | null;
  readonly service: string | null;
  readonly isPaged: boolean;
}

const refreshSeconds = 15;

/** All incidents, newest first, with what a manager wants to know of each. */
export function incidentList(options: ListOptions) {
  const { incidents, state, service, principal } = options;
  const isMoving = incidents.some((item) => ["queued", "investigating"].includes(item.state));
  const isFirst = !options.isPaged;
  return page(
    {
      title: "Incidents",
      principal,
      ...(isMoving && isFirst ? { refreshSeconds } : {}),
    },
    html`<h1>Incidents</h1>
      <form class="filter" method="get" action="/">
        <div>
          <label for="state">State</label>
          <select id="state" name="state">
            <option value="">all</option>
            ${states.map(
              (item) =>
                html`<option value="${item}" ${item === state ? "selected" : ""}>${item}</option>`,
            )}
          </select>
        </div>
        <div>
          <label for="service">Service</label>
          <input id="service" name="service" value="${service ?? ""}" maxlength="100" />
        </div>
        <button>Show</button>
      </form>
      ${incidents.length === 0 ? html`<p>There is no such incident.</p>` : table(incidents)}
      ${more(options)}`,
  );
}

function table(incidents: readonly Incident[]) {
  return html`<div class="scroll" role="region" aria-label="Incidents" tabindex="0">
    <table class="wide">
      <thead>
        <tr>
          <th scope="col">Priority</th>
          <th scope="col">Incident</th>
          <th scope="col">State</th>
          <th scope="col">Service</th>
          <th scope="col">Alarms</th>
          <th scope="col">Opened (UTC)</th>
        </tr>
      </thead>
      <tbody>
        ${incidents.map(row)}
      </tbody>
    </table>
  </div>`;
}

function row(incident: Incident) {
  const level = incident.override?.level ?? incident.priority?.level;
  const merged = incident.mergedInto;
  return html`<tr>
    <td>${level ? html`<span class="level ${level}">${level}</span>` : html`<span class="faint">–</span>`}</td>
    <td class="title">
      <a href="/reports/${incident.id}">${clean(incident.title, 150)}</a>
      ${incident.summary ? html`<br /><small>${clean(incident.summary, 260)}</small>` : ""}
      ${merged ? html`<br /><small>part of <a href="/reports/${merged}">${merged}</a></small>` : ""}
    </td>
    <td class="state ${incident.state}">${merged ? "merged" : incident.state}${conclusion(incident)}</td>
    <td>${clean(incident.service ?? "–", 80)}</td>
    <td>${alarmCount(incident)}</td>
    <td class="time">${when(incident.openedAt)}</td>
  </tr>`;
}

function alarmCount(incident: Incident): string {
  const count = incident.alarms.reduce((sum, item) => sum + item.count, 0);
  return `${count} ${count === 1 ? "alarm" : "alarms"}`;
}

function conclusion(incident: Incident): string {
  return incident.conclusion ? `, ${incident.conclusion}` : "";
}

function more({ incidents, state, service }: ListOptions) {
  const last = incidents.at(-1);
  if (!last || incidents.length < httpLimits.incidentsPerPage) return "";
  const query = new URLSearchParams({ before: last.id });
  if (state) query.set("state", state);
  if (service) query.set("service", service);
  return html`<p class="pager"><a rel="next" href="/?${query.toString()}">Older incidents</a></p>`;
}
