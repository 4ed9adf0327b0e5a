import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { ModelError } from "../../core/errors.ts";

/** The model of a replay: every answer is recorded, so asking it anything means one is missing. */
export class SilentModel extends BaseChatModel {
  constructor() {
    super({ maxRetries: 0 });
  }

  override _llmType(): string {
    return "silent";
  }

  override bindTools(): this {
    return this;
  }

  override _generate(): Promise<never> {
    const message = "the transcript holds no further answer";
    return Promise.reject(new ModelError(message, { retryable: false }));
  }
}
