import { createMiddleware } from "langchain";
import type { Session } from "../session.ts";
import { faultName } from "./model-faults.ts";
import type { OpenModel } from "./open-model.ts";

/**
 * Asks the models in their order. One that stands in for another stays: asking the first again
 * would fail, and wait, at every turn. Throws what the last model failed with.
 */
export function fallbackChain(
  { recorder, signal }: Session,
  models: readonly [OpenModel, ...OpenModel[]],
) {
  let left: readonly OpenModel[] = models;
  return createMiddleware({
    name: "ShodoFallback",
    async wrapModelCall(request, handler) {
      for (;;) {
        const [model = models[0], next] = left;
        try {
          return await handler({ ...request, model: model.chat });
        } catch (error) {
          if (!next || signal.aborted) throw error;
          const text = `${model.name} failed: ${faultName(error)}; going on with ${next.name}`;
          await recorder.append({ kind: "note", text });
          left = left.slice(1);
        }
      }
    },
  });
}
