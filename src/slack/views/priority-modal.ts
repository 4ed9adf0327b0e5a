import type { Incident } from "../../core/incident.ts";
import type { Language } from "../../core/language.ts";
import type { PriorityLevel } from "../../core/priority.ts";
import { blockLimits as max } from "../blocks/block-limits.ts";
import { plainText, section } from "../blocks/blocks.ts";
import { mrkdwn } from "../blocks/foreign-text.ts";
import type { Block, ModalView } from "../blocks/types.ts";
import { wordsOf } from "../messages/words.ts";
import { inputIds, viewIds } from "./action-ids.ts";
import { levelTag } from "./case-state.ts";

/** The new level is chosen already; this asks why, since an override is kept with its reason. */
export function priorityModal(options: {
  readonly incident: Incident;
  readonly from: PriorityLevel | null;
  readonly to: PriorityLevel;
  readonly metadata: string;
  readonly language: Language;
}): ModalView {
  const words = wordsOf(options.language);
  const warning: Block[] =
    options.to === "P0"
      ? [{ type: "alert", level: "warning", text: plainText(words.modal.p0Warning, 300) }]
      : [];
  return {
    type: "modal",
    callback_id: viewIds.priority,
    title: plainText(words.modal.priorityTitle, max.modalTitle),
    submit: plainText(words.modal.prioritySubmit, max.modalTitle),
    close: plainText(words.modal.cancel, max.modalTitle),
    private_metadata: options.metadata,
    blocks: [
      section(mrkdwn(options.incident.title, 150)),
      section(words.modal.priorityIntro(levelTag(options.from), levelTag(options.to))),
      ...warning,
      reasonInput(options.language),
    ],
  };
}

/** The required reason of every decision. */
export function reasonInput(language: Language): Block {
  const words = wordsOf(language);
  return {
    type: "input",
    block_id: inputIds.reason,
    label: plainText(words.modal.reason, max.inputLabel),
    hint: plainText(words.modal.reasonHint, max.inputHint),
    element: {
      type: "plain_text_input",
      action_id: inputIds.reason,
      multiline: true,
      min_length: 3,
      max_length: 500,
    },
  };
}
