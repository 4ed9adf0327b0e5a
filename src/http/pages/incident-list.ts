import { html } from "hono/html";
import type { Incident, IncidentState } from "../../core/incident.ts";
import type { Principal } from "../../core/principal.ts";
import { httpLimits } from "../limits.ts";
import type { PageWords } from "../words/page-words.ts";
import { clean, followLink, page, when } from "./layout.ts";

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
  readonly words: PageWords;
  readonly incidents: readonly Incident[];
  readonly state: IncidentState | null;
  readonly service: string | null;
  readonly isPaged: boolean;
  /** Renews itself, as its reader asked for. */
  readonly isLive: boolean;
}

const refreshSeconds = 15;

/** All incidents, newest first, with what a manager wants to know of each. */
export function incidentList(options: ListOptions) {
  const { incidents, state, service, principal, words } = options;
  const isMoving = incidents.some((item) => ["queued", "investigating"].includes(item.state));
  const canFollow = isMoving && !options.isPaged && state === null && service === null;
  return page(
    {
      title: words.say("list.title"),
      principal,
      words,
      ...(canFollow && options.isLive ? { refreshSeconds } : {}),
    },
    html`<h1>${words.say("list.title")}</h1>
      <form class="filter" method="get" action="/">
        <div>
          <label for="state">${words.say("list.state")}</label>
          <select id="state" name="state">
            <option value="">${words.say("state.all")}</option>
            ${states.map(
              (item) =>
                html`<option value="${item}" ${item === state ? "selected" : ""}>${words.name("state", item)}</option>`,
            )}
          </select>
        </div>
        <div>
          <label for="service">${words.say("list.service")}</label>
          <input id="service" name="service" value="${service ?? ""}" maxlength="100" />
        </div>
        <button>${words.say("list.show")}</button>
      </form>
      ${canFollow ? followLink("/", options.isLive, refreshSeconds, words) : ""}
      ${incidents.length === 0 ? nothing(options) : table(incidents, words)}
      ${more(options)}`,
  );
}

function nothing({ state, service, isPaged, words }: ListOptions) {
  const isAll = state === null && service === null && !isPaged;
  return html`<p>${words.say(isAll ? "list.empty" : "list.none")}</p>`;
}

function table(incidents: readonly Incident[], words: PageWords) {
  return html`<div class="scroll" role="region" aria-label="${words.say("list.title")}" tabindex="0">
    <table class="wide">
      <thead>
        <tr>
          <th scope="col">${words.say("list.priority")}</th>
          <th scope="col">${words.say("list.incident")}</th>
          <th scope="col">${words.say("list.state")}</th>
          <th scope="col">${words.say("list.service")}</th>
          <th scope="col">${words.say("list.alarms")}</th>
          <th scope="col">${words.say("list.opened")}</th>
        </tr>
      </thead>
      <tbody>
        ${incidents.map((incident) => row(incident, words))}
      </tbody>
    </table>
  </div>`;
}

function row(incident: Incident, words: PageWords) {
  const level = incident.override?.level ?? incident.priority?.level;
  const merged = incident.mergedInto;
  return html`<tr>
    <td>${level ? html`<span class="level ${level}">${level}</span>` : html`<span class="faint">–</span>`}</td>
    <td class="title">
      <a href="/reports/${incident.id}">${clean(incident.title, 150)}</a>
      ${incident.summary ? html`<br /><small>${clean(incident.summary, 260)}</small>` : ""}
      ${merged ? html`<br /><small>${words.say("list.part-of")} <a href="/reports/${merged}">${merged}</a></small>` : ""}
    </td>
    <td class="state ${incident.state}">${words.name("state", merged ? "merged" : incident.state)}${conclusion(incident, words)}</td>
    <td>${clean(incident.service ?? "–", 80)}</td>
    <td class="count">${alarmCount(incident, words)}</td>
    <td class="time">${when(incident.openedAt)}</td>
  </tr>`;
}

function alarmCount(incident: Incident, words: PageWords): string {
  const count = incident.alarms.reduce((sum, item) => sum + item.count, 0);
  return words.say(count === 1 ? "list.alarm" : "list.alarms-many", { count });
}

function conclusion(incident: Incident, words: PageWords) {
  if (!incident.conclusion) return "";
  return html`<br /><small>${words.name("conclusion", incident.conclusion)}</small>`;
}

function more({ incidents, state, service, words }: ListOptions) {
  const last = incidents.at(-1);
  if (!last || incidents.length < httpLimits.incidentsPerPage) return "";
  const query = new URLSearchParams({ before: last.id });
  if (state) query.set("state", state);
  if (service) query.set("service", service);
  return html`<p class="pager"><a rel="next" href="/?${query.toString()}">${words.say("list.older")}</a></p>`;
}
