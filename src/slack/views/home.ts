import type { Incident } from "../../core/incident.ts";
import type { Language } from "../../core/language.ts";
import type { Role } from "../../core/principal.ts";
import { context, header, linkButton, section } from "../blocks/blocks.ts";
import { fitBlocks } from "../blocks/fit-blocks.ts";
import { mrkdwn } from "../blocks/foreign-text.ts";
import type { Block, Button, HomeView } from "../blocks/types.ts";
import { type Words, wordsOf } from "../messages/words.ts";
import { acknowledgeButton } from "./acknowledge-button.ts";
import { actionIds, viewIds } from "./action-ids.ts";
import { levelOf, levelTag, whoDid } from "./case-state.ts";
import { failedStatus, isRunning } from "./headline.ts";
import { localTime } from "./numbers.ts";

export interface HomeState {
  readonly open: readonly HomeIncident[];
  readonly recent: readonly HomeIncident[];
  readonly role: Role | null;
  readonly feedback: { readonly good: number; readonly total: number } | null;
  readonly language: Language;
}

export interface HomeIncident {
  readonly incident: Incident;
  /** Permanent link of its thread. */
  readonly link: string | null;
}

/** S8: what is open and who is on it, then what was reported lately, then the reader's own role. */
export function homeView(state: HomeState): HomeView {
  const words = wordsOf(state.language);
  const blocks: Block[] = [
    header(words.home.title),
    context(words.home.how),
    header(words.home.openIncidents),
    ...list(state.open.slice(0, 15), words, true, words.home.noneOpen),
    { type: "divider" },
    header(words.home.recent),
    ...list(state.recent.slice(0, 8), words, false, words.home.noneRecent),
    { type: "divider" },
    header(words.home.settings),
    section(state.role ? words.home.yourRole(words.role[state.role]) : words.home.noRole),
    ...(state.feedback && state.feedback.total > 0
      ? [context(words.home.feedback(state.feedback.good, state.feedback.total))]
      : []),
  ];
  return {
    type: "home",
    callback_id: viewIds.home,
    blocks: fitBlocks(blocks, "home", words.more).blocks,
  };
}

/** By level, what is not known yet after what is urgent; then as given, newest first. */
export function mostUrgentFirst(open: readonly Incident[]): readonly Incident[] {
  const order = ["P0", "P1", null, "P2", "P3"];
  const place = (incident: Incident) => order.indexOf(levelOf(incident, null));
  return [...open].sort((a, b) => place(a) - place(b));
}

function statusOf(incident: Incident, words: Words): string {
  if (isRunning(incident)) return words.investigating;
  if (incident.mergedInto) return words.merged("").replace(/[:：]\s*$/, "");
  if (incident.state === "failed") return failedStatus(incident, words);
  return incident.conclusion ? words.conclusion[incident.conclusion] : words.unknown;
}

function list(
  items: readonly HomeIncident[],
  words: Words,
  isOpen: boolean,
  none: string,
): Block[] {
  if (items.length === 0) return [context(none)];
  return items.flatMap(({ incident, link }) => {
    const tag = levelTag(levelOf(incident, null));
    const status = statusOf(incident, words);
    const taken = incident.acknowledgedBy;
    // That nobody took it matters while it is open.
    const owner = taken ? whoDid(taken) : isOpen ? words.nobody : null;
    const facts = [status, localTime(incident.openedAt), owner && `${words.owner}: ${owner}`];
    const line = `*${tag} · ${mrkdwn(incident.title, 150)}*\n${facts.filter(Boolean).join(" · ")}`;
    const buttons: Button[] = [];
    if (isOpen && !incident.acknowledgedBy) {
      buttons.push(acknowledgeButton(incident, words));
    }
    if (link) {
      buttons.push(linkButton({ text: words.home.view, action: actionIds.openLink, url: link }));
    }
    const actions: Block[] = buttons.length > 0 ? [{ type: "actions", elements: buttons }] : [];
    return [section(line), ...actions];
  });
}
