import { html } from "hono/html";
import type { Incident } from "../../core/incident.ts";
import type { Principal } from "../../core/principal.ts";
import { cleanText } from "../../core/redaction.ts";
import type { Step } from "../../core/step.ts";
import type { PageWords } from "../words/page-words.ts";
import { subnav } from "./incident-status.ts";
import { clean, page } from "./layout.ts";
import { findingIn, sayStep, stepDetail, stepLine } from "./steps.ts";

const detailCharsMax = 20_000;

/** The whole investigation as a list of its steps. */
export function replayList(options: {
  readonly incident: Incident;
  readonly steps: readonly Step[];
  readonly principal: Principal;
  readonly words: PageWords;
}) {
  const { incident, steps, principal, words } = options;
  const title = words.say("replay.title", { title: clean(incident.title, 150) });
  const first = steps[0];
  return page(
    { title, principal, words },
    html`${subnav(incident.id, words)}
      <h1>${title}</h1>
      ${
        first
          ? html`<p class="pager">
                <a href="/reports/${incident.id}/replay/${first.number}">${words.say("replay.step-by-step")}</a>
                <span class="faint">${words.say("replay.steps", { count: steps.length })}</span>
              </p>
              <ol class="steps">
                ${steps.map((step) => stepLine(step, words))}
              </ol>`
          : html`<p>${words.say("replay.none")}</p>`
      }`,
  );
}

/** One step with everything it did, and the way to its neighbours. */
export function replayStep(options: {
  readonly incident: Incident;
  readonly steps: readonly Step[];
  readonly index: number;
  readonly principal: Principal;
  readonly words: PageWords;
}) {
  const { incident, steps, index, principal, words } = options;
  const step = steps[index];
  if (!step) throw new Error(`there is no step ${index}`);
  const at = (n: number) => `/reports/${incident.id}/replay/${steps[n]?.number ?? 1}`;
  const evidence = steps
    .slice(0, index + 1)
    .flatMap((item) => (item.kind === "evidence-added" ? [item.evidence] : []));
  const { usage, number } = step;
  const title = words.say("replay.step-title", { number, title: incident.title });
  const kind = words.name("kind", step.kind);
  const last = steps.at(-1)?.number ?? number;
  return page(
    { title, principal, words },
    html`${subnav(incident.id, words)}
      <h1>${words.say("replay.step", { number, last, kind })}</h1>
      <nav class="pager" aria-label="${words.say("replay.nav")}">
        ${index > 0 ? html`<a rel="prev" accesskey="p" href="${at(index - 1)}">← ${words.say("replay.before")}</a>` : ""}
        ${index < steps.length - 1 ? html`<a rel="next" accesskey="n" href="${at(index + 1)}">${words.say("replay.next")} →</a>` : ""}
        <a href="/reports/${incident.id}/replay">${words.say("replay.all")}</a>
      </nav>
      <p>${clean(sayStep(step, words).said, 1_000)}</p>
      <pre tabindex="0" aria-label="${words.say("replay.detail", { number })}">${cleanText(stepDetail(step), detailCharsMax)}</pre>
      <p class="faint">
        ${words.say("replay.used", {
          tools: usage.toolCalls,
          model: usage.modelCalls,
          seconds: usage.seconds.toFixed(1),
          cost: `$${usage.costUsd.toFixed(2)}`,
        })}
      </p>
      <h2>${words.say("replay.known")}</h2>
      ${
        evidence.length === 0
          ? html`<p>${words.say("replay.nothing")}</p>`
          : html`<ul>
              ${evidence.map((item) => html`<li><b>${item.id}</b> ${clean(findingIn(item, words), 400)}</li>`)}
            </ul>`
      }`,
  );
}
