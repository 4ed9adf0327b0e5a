import { html } from "hono/html";
import type { Incident } from "../../core/incident.ts";
import { hasRole, type Principal } from "../../core/principal.ts";
import type { Step } from "../../core/step.ts";
import type { PageWords } from "../words/page-words.ts";
import { clean, followLink, page } from "./layout.ts";
import { stepLine } from "./steps.ts";

const refreshSeconds = 5;
const stepsShown = 30;

/** What is known of an incident that has no report yet. */
export function incidentStatus(options: {
  readonly incident: Incident;
  readonly steps: readonly Step[];
  readonly principal: Principal;
  readonly words: PageWords;
  /** Renews itself, as its reader asked for. */
  readonly isLive: boolean;
}) {
  const { incident, steps, principal, words, isLive } = options;
  const isMoving = incident.state === "queued" || incident.state === "investigating";
  return page(
    {
      title: incident.title,
      principal,
      words,
      ...(isMoving && isLive ? { refreshSeconds } : {}),
    },
    html`${subnav(incident.id, words)}
      <h1>${clean(incident.title, 150)}</h1>
      <p role="status">${sentence(incident, words)}</p>
      ${isMoving ? followLink(`/reports/${incident.id}`, isLive, refreshSeconds, words) : ""}
      ${isMoving && hasRole(principal, "responder") ? cancelForm(incident.id, words) : ""}
      ${alarmSummary(incident, words)}
      ${
        steps.length === 0
          ? ""
          : html`<h2>${words.say("status.so-far")}</h2>
              <ol class="steps">
                ${steps.slice(-stepsShown).map((step) => stepLine(step, words))}
              </ol>`
      }`,
  );
}

/** The ways from one page of an incident to the others. */
export function subnav(id: string, words: PageWords) {
  return html`<nav aria-label="${words.say("nav.label")}"><ul class="subnav">
    <li><a href="/reports/${id}">${words.say("nav.report")}</a></li>
    <li><a href="/reports/${id}/replay">${words.say("nav.replay")}</a></li>
    <li><a href="/reports/${id}/alarms">${words.say("nav.alarms")}</a></li>
    <li><a href="/reports/${id}/print">${words.say("nav.print")}</a></li>
    <li><a href="/api/incidents/${id}/report">${words.say("nav.json")}</a></li>
  </ul></nav>`;
}

function sentence(incident: Incident, words: PageWords) {
  if (incident.mergedInto) {
    return html`${words.say("status.merged")}
      <a href="/reports/${incident.mergedInto}">${incident.mergedInto}</a>`;
  }
  return html`${words.say(`status.${incident.state}`)}`;
}

function cancelForm(id: string, words: PageWords) {
  return html`<form class="row" method="post" action="/reports/${id}/cancel">
    <button>${words.say("status.stop")}</button>
  </form>`;
}

function alarmSummary(incident: Incident, words: PageWords) {
  if (incident.alarms.length === 0) return "";
  return html`<h2>${words.say("status.alarms")}</h2>
    <ul>
      ${incident.alarms.slice(0, 20).map(
        ({ alarm, count, lastAt }) => html`<li>
            ${words.say("status.alarm", {
              name: clean(alarm.name, 120),
              service: clean(alarm.service ?? words.say("status.no-service"), 80),
              state: words.name("alarm", alarm.state),
              count,
              time: `${new Date(lastAt).toISOString().slice(0, 19).replace("T", " ")} UTC`,
            })}
          </li>`,
      )}
    </ul>
    ${
      incident.alarms.length > 20
        ? html`<p>
            <a href="/reports/${incident.id}/alarms">${words.say("status.more", { count: incident.alarms.length - 20 })}</a>
          </p>`
        : ""
    }`;
}
