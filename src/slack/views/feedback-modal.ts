import type { Language } from "../../core/language.ts";
import { blockLimits as max } from "../blocks/block-limits.ts";
import { plainText } from "../blocks/blocks.ts";
import type { ModalView } from "../blocks/types.ts";
import { wordsOf } from "../messages/words.ts";
import { inputIds, viewIds } from "./action-ids.ts";

/** A thumbs-down asks why: one choice, and words if the reader has them. */
export function feedbackModal(metadata: string, language: Language): ModalView {
  const words = wordsOf(language);
  return {
    type: "modal",
    callback_id: viewIds.feedback,
    title: plainText(words.modal.feedbackTitle, max.modalTitle),
    submit: plainText(words.modal.feedbackSubmit, max.modalTitle),
    close: plainText(words.modal.cancel, max.modalTitle),
    private_metadata: metadata,
    blocks: [
      {
        type: "input",
        block_id: inputIds.feedbackReason,
        label: plainText(words.modal.feedbackWhy, max.inputLabel),
        element: {
          type: "static_select",
          action_id: inputIds.feedbackReason,
          options: words.modal.feedbackReasons.map(([value, text]) => ({
            text: plainText(text, max.optionText),
            value,
          })),
        },
      },
      {
        type: "input",
        block_id: inputIds.feedbackText,
        optional: true,
        label: plainText(words.modal.feedbackText, max.inputLabel),
        element: {
          type: "plain_text_input",
          action_id: inputIds.feedbackText,
          multiline: true,
          max_length: 1_000,
        },
      },
    ],
  };
}
