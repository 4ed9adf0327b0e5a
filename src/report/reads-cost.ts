import type { Report } from "../core/report.ts";
import { bytes } from "./format.ts";
import type { Words } from "./languages.ts";

/** What reading telemetry cost and was expected to, for the last line; empty where it was free. */
export function readsCost({ sourcesUsd, plannedUsd, plannedBytes }: Report["usage"], words: Words) {
  if (sourcesUsd === undefined) return "";
  return words.say("footer.reads", {
    cost: sourcesUsd.toFixed(4),
    planned: (plannedUsd ?? 0).toFixed(4),
    bytes: bytes(plannedBytes ?? 0),
  });
}
