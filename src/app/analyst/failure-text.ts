import {
  ConfigError,
  HandedOver,
  ModelError,
  UpstreamError,
  UserError,
} from "../../core/errors.ts";
import { cleanLine } from "../../core/redaction.ts";

const charsMax = 300;

/**
 * Why an investigation failed, as may be shown to whoever asked; null when it did not fail but went
 * to another process. A fault of Shodo's own tells nothing of its inside.
 */
export function failureText(error: unknown): string | null {
  if (error instanceof HandedOver) return null;
  const isOurs =
    error instanceof UserError ||
    error instanceof ConfigError ||
    error instanceof UpstreamError ||
    error instanceof ModelError;
  if (isOurs) return cleanLine(error.message, charsMax);
  return "A fault inside Shodo ended it; its log names the fault.";
}
