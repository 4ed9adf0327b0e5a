import { html } from "hono/html";
import type { Incident } from "../../core/incident.ts";
import type { AcceptedAlarm, Settlement } from "../../core/intake.ts";
import { hasRole, type Principal } from "../../core/principal.ts";
import { httpLimits } from "../limits.ts";
import type { PageWords } from "../words/page-words.ts";
import { subnav } from "./incident-status.ts";
import { clean, page, when } from "./layout.ts";

/** Every alarm of an incident with the reasons that put it there; a person may split and merge. */
export function alarmLog(options: {
  readonly incident: Incident;
  readonly log: readonly (AcceptedAlarm & Settlement)[];
  readonly principal: Principal;
  readonly words: PageWords;
}) {
  const { incident, log, principal, words } = options;
  const title = clean(incident.title, 150);
  const isResponder = hasRole(principal, "responder");
  return page(
    { title: words.say("alarms.title", { title }), principal, words },
    html`${subnav(incident.id, words)}
      <h1>${words.say("alarms.heading", { title })}</h1>
      <form method="post" action="/reports/${incident.id}/split">
        <div class="scroll" role="region" aria-label="${words.say("alarms.region")}" tabindex="0">
          <table class="wide">
            <thead>
              <tr>
                ${isResponder ? html`<th scope="col">${words.say("alarms.split")}</th>` : ""}
                <th scope="col">${words.say("alarms.alarm")}</th>
                <th scope="col">${words.say("alarms.service")}</th>
                <th scope="col">${words.say("alarms.state")}</th>
                <th scope="col">${words.say("alarms.times")}</th>
                <th scope="col">${words.say("alarms.first-last")}</th>
                <th scope="col">${words.say("alarms.why")}</th>
              </tr>
            </thead>
            <tbody>
              ${incident.alarms.map((item) => row(item, isResponder, words))}
            </tbody>
          </table>
        </div>
        ${isResponder ? html`<button>${words.say("alarms.split-button")}</button>` : ""}
      </form>
      ${isResponder ? mergeForm(incident.id, words) : ""}
      <h2>${words.say("alarms.order")}</h2>
      ${
        log.length >= httpLimits.alarmsPerPage
          ? html`<p class="notice">${words.say("alarms.first", { count: httpLimits.alarmsPerPage })}</p>`
          : ""
      }
      <ol class="steps">
        ${log.map(
          (item) => html`<li>
            <small>${when(item.receivedAt)}</small> ${clean(item.alarm.name, 120)}
            <span class="faint">${words.name("disposition", item.disposition)}: ${clean(because(item.reasons, words), 300)}</span>
          </li>`,
        )}
      </ol>`,
  );
}

function row(
  { alarm, count, firstAt, lastAt, reasons }: Incident["alarms"][number],
  isResponder: boolean,
  words: PageWords,
) {
  const label = words.say("alarms.split-one", { name: clean(alarm.name, 120) });
  return html`<tr>
    ${
      isResponder
        ? html`<td><input type="checkbox" name="fingerprint" value="${alarm.fingerprint}" aria-label="${label}" /></td>`
        : ""
    }
    <td class="title">${clean(alarm.name, 150)}</td>
    <td>${clean(alarm.service ?? "–", 80)}</td>
    <td>${words.name("alarm", alarm.state)}</td>
    <td>${count}</td>
    <td class="time">${when(firstAt)}<br />${when(lastAt)}</td>
    <td>${clean(because(reasons, words), 300)}</td>
  </tr>`;
}

function because(reasons: readonly string[], words: PageWords): string {
  return reasons.map((said) => words.reason(said)).join("; ");
}

function mergeForm(id: string, words: PageWords) {
  return html`<form class="row" method="post" action="/reports/${id}/merge">
    <div>
      <label for="into">${words.say("alarms.merge")}</label>
      <input id="into" name="into" required pattern="inc_[a-z0-9]+" placeholder="inc_…" />
    </div>
    <button>${words.say("alarms.merge-button")}</button>
  </form>`;
}
