import {
  AIMessage,
  type BaseMessage,
  mapChatMessagesToStoredMessages,
  mapStoredMessagesToChatMessages,
  type StoredMessage,
} from "@langchain/core/messages";
import type { Step } from "../../core/step.ts";

/**
 * Model messages of an interrupted run, in order: given again instead of asking the model again.
 */
export class RecordedMessages {
  readonly #messages: AIMessage[];

  constructor(steps: readonly Step[], job: Extract<Step, { kind: "model-message" }>["job"]) {
    this.#messages = steps.flatMap((step) =>
      step.kind === "model-message" && step.job === job ? (fromStored(step.message) ?? []) : [],
    );
  }

  next(): AIMessage | null {
    return this.#messages.shift() ?? null;
  }
}

/** The form a message has in a step. */
export function toStored(message: BaseMessage): unknown {
  return mapChatMessagesToStoredMessages([message])[0];
}

function fromStored(stored: unknown): AIMessage | null {
  const [message] = mapStoredMessagesToChatMessages([stored as StoredMessage]);
  return message && AIMessage.isInstance(message) ? message : null;
}
