import { asJson, type Json, list } from "./blocks/shape-checks.ts";
import type { CaseRecord } from "./cases.ts";
import type { Parts } from "./parts.ts";
import { failureOf } from "./sending/failures.ts";

interface Mark {
  readonly type: string;
  readonly id: string;
}

/**
 * After a crash between posting and writing down: the message in the case's thread that carries this
 * mark in its metadata; null when there is none or Slack does not let us read the thread. Throws while
 * Slack cannot be reached: whoever took that for "not there" would post a second time.
 */
export function findPosted(parts: Parts, record: CaseRecord, mark: Mark): Promise<string | null> {
  const thread = { channel: record.channel, ts: record.thread };
  return find(parts, "conversations.replies", thread, mark);
}

/** The same among the newest messages of a channel. */
export function findInChannel(parts: Parts, channel: string, mark: Mark): Promise<string | null> {
  return find(parts, "conversations.history", { channel }, mark);
}

async function find(parts: Parts, method: string, where: Json, mark: Mark): Promise<string | null> {
  try {
    const args = { ...where, include_all_metadata: true, limit: 200 };
    const answer = await parts.api.call(method, args);
    const found = list(answer.messages).find((message) => {
      const metadata = asJson(message.metadata);
      return metadata.event_type === mark.type && asJson(metadata.event_payload).id === mark.id;
    });
    return found ? String(found.ts) : null;
  } catch (error) {
    if (failureOf(error).kind !== "refused") throw error;
    parts.logger.warn("slack-messages-unreadable", { method, error: String(error) });
    return null;
  }
}
