import { html } from "hono/html";
import type { Incident } from "../../core/incident.ts";
import type { AcceptedAlarm, Settlement } from "../../core/intake.ts";
import { hasRole, type Principal } from "../../core/principal.ts";
import { httpLimits } from "../limits.ts";
import { subnav } from "./incident-status.ts";
import { clean, page, when } from "./layout.ts";

/** Every alarm of an incident with the reasons that put it there; a person may split and merge. */
export function alarmLog(options: {
  readonly incident: Incident;
  readonly log: readonly (AcceptedAlarm & Settlement)[];
  readonly principal: Principal;
}) {
  const { incident, log, principal } = options;
  const isResponder = hasRole(principal, "responder");
  return page(
    { title: `Alarms: ${incident.title}`, principal },
    html`${subnav(incident.id)}
      <h1>Alarms of ${clean(incident.title, 150)}</h1>
      <form method="post" action="/reports/${incident.id}/split">
        <div class="scroll" role="region" aria-label="Alarms" tabindex="0">
          <table class="wide">
            <thead>
              <tr>
                ${isResponder ? html`<th scope="col">Split off</th>` : ""}
                <th scope="col">Alarm</th>
                <th scope="col">Service</th>
                <th scope="col">State</th>
                <th scope="col">Times</th>
                <th scope="col">First, last (UTC)</th>
                <th scope="col">Why it belongs here</th>
              </tr>
            </thead>
            <tbody>
              ${incident.alarms.map((item) => row(item, isResponder))}
            </tbody>
          </table>
        </div>
        ${isResponder ? html`<button>Make the chosen alarms an incident of their own</button>` : ""}
      </form>
      ${isResponder ? mergeForm(incident.id) : ""}
      <h2>In the order they came</h2>
      ${
        log.length >= httpLimits.alarmsPerPage
          ? html`<p class="notice">The first ${httpLimits.alarmsPerPage} are shown.</p>`
          : ""
      }
      <ol class="steps">
        ${log.map(
          (item) => html`<li>
            <small>${when(item.receivedAt)}</small> ${clean(item.alarm.name, 120)}
            <span class="faint">${item.disposition}: ${clean(item.reasons.join("; "), 300)}</span>
          </li>`,
        )}
      </ol>`,
  );
}

function row(
  { alarm, count, firstAt, lastAt, reasons }: Incident["alarms"][number],
  isResponder: boolean,
) {
  const label = `Split off ${clean(alarm.name, 120)}`;
  return html`<tr>
    ${
      isResponder
        ? html`<td><input type="checkbox" name="fingerprint" value="${alarm.fingerprint}" aria-label="${label}" /></td>`
        : ""
    }
    <td class="title">${clean(alarm.name, 150)}</td>
    <td>${clean(alarm.service ?? "–", 80)}</td>
    <td>${alarm.state}</td>
    <td>${count}</td>
    <td class="time">${when(firstAt)}<br />${when(lastAt)}</td>
    <td>${clean(reasons.join("; "), 300)}</td>
  </tr>`;
}

function mergeForm(id: string) {
  return html`<form class="row" method="post" action="/reports/${id}/merge">
    <div>
      <label for="into">Same problem as incident</label>
      <input id="into" name="into" required pattern="inc_[a-z0-9]+" placeholder="inc_…" />
    </div>
    <button>Merge into it</button>
  </form>`;
}
