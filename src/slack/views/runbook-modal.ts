import type { Language } from "../../core/language.ts";
import type { PriorityLevel } from "../../core/priority.ts";
import type { Runbook, RunbookAction } from "../../core/runbook.ts";
import type { EpochMs } from "../../core/window.ts";
import { blockLimits as max } from "../blocks/block-limits.ts";
import { context, plainText, richCode, section } from "../blocks/blocks.ts";
import { mrkdwn, plain, preformatted } from "../blocks/foreign-text.ts";
import type { Block, ModalView } from "../blocks/types.ts";
import { wordsOf } from "../messages/words.ts";
import { inputIds, viewIds } from "./action-ids.ts";
import { localTime } from "./numbers.ts";
import { reasonInput } from "./priority-modal.ts";

/** Shown at once, because a trigger lives three seconds and reading the runbook may take longer. */
export function loadingModal(language: Language): ModalView {
  const words = wordsOf(language);
  return {
    type: "modal",
    callback_id: viewIds.runbook,
    title: plainText(words.modal.runbookTitle, max.modalTitle),
    close: plainText(words.modal.close, max.modalTitle),
    blocks: [section(words.modal.loading)],
  };
}

/** S6: exactly what would run, what it touches, how to undo it, and who may decide. */
export function runbookModal(options: {
  readonly runbook: Runbook;
  readonly action: RunbookAction;
  readonly service: string | null;
  readonly level: PriorityLevel | null;
  readonly expiresAt: EpochMs;
  readonly metadata: string;
  readonly language: Language;
}): ModalView {
  const words = wordsOf(options.language);
  const { action, runbook } = options;
  const blastRadius = `${words.modal.blastRadius}: ${plain(action.blastRadius, 600)}`;
  const typed: Block[] =
    options.level === "P0" && options.service
      ? [serviceInput(options.service, options.language)]
      : [];
  return {
    type: "modal",
    callback_id: viewIds.runbook,
    title: plainText(words.modal.runbookTitle, max.modalTitle),
    submit: plainText(words.modal.runbookSubmit, max.modalTitle),
    close: plainText(words.modal.cancel, max.modalTitle),
    private_metadata: options.metadata,
    blocks: [
      { type: "alert", level: "warning", text: plainText(blastRadius, 700) },
      section(`*${mrkdwn(runbook.title, 150)}* · ${mrkdwn(action.name, 100)}`),
      section(`*${words.modal.command}*`),
      richCode(preformatted(action.command, 2_000)),
      section(`*${words.modal.rollback}*`),
      richCode(preformatted(action.rollback, 1_000)),
      decisionInput(options.language),
      reasonInput(options.language),
      ...typed,
      context(
        words.modal.approver(words.role[action.approver]),
        words.modal.expires(localTime(options.expiresAt)),
      ),
      context(words.modal.nothingRuns),
    ],
  };
}

function decisionInput(language: Language): Block {
  const words = wordsOf(language);
  return {
    type: "input",
    block_id: inputIds.decision,
    label: plainText(words.modal.decision, max.inputLabel),
    element: {
      type: "radio_buttons",
      action_id: inputIds.decision,
      options: [
        { text: plainText(words.modal.approve, max.optionText), value: "approved" },
        { text: plainText(words.modal.reject, max.optionText), value: "rejected" },
      ],
    },
  };
}

function serviceInput(service: string, language: Language): Block {
  return {
    type: "input",
    block_id: inputIds.service,
    label: plainText(wordsOf(language).modal.typeService(plain(service, 80)), max.inputLabel),
    element: { type: "plain_text_input", action_id: inputIds.service },
  };
}
