import { asJson, type Json, list } from "./blocks/shape-checks.ts";
import type { Parts } from "./parts.ts";
import type { Mark, Place } from "./sending/poster.ts";

type Reading = Pick<Parts, "api" | "logger">;

/**
 * What may have been posted without being known (a crash or a lost answer came in between): the
 * message of the thread, or of the newest in the channel, that carries this mark in its metadata;
 * null when there is none or the place cannot be read.
 */
export async function findPosted(parts: Reading, place: Place, mark: Mark): Promise<string | null> {
  const found = (await messagesOf(parts, place)).find((message) => {
    const metadata = asJson(message.metadata);
    return metadata.event_type === mark.type && asJson(metadata.event_payload).id === mark.id;
  });
  return found ? String(found.ts) : null;
}

/** Messages of ours in a thread after `ts` that carry no mark, such as streams left open. */
export async function findUnmarked(
  parts: Reading & Pick<Parts, "self">,
  place: Place,
  ts: string,
): Promise<string[]> {
  const { botId } = parts.self();
  return (await messagesOf(parts, place))
    .filter((one) => one.bot_id === botId && !asJson(one.metadata).event_type)
    .map((one) => String(one.ts))
    .filter((one) => Number(one) > Number(ts));
}

async function messagesOf({ api, logger }: Reading, { channel, thread }: Place): Promise<Json[]> {
  const method = thread ? "conversations.replies" : "conversations.history";
  const where = thread ? { channel, ts: thread } : { channel };
  try {
    const answer = await api.call(method, { ...where, include_all_metadata: true, limit: 200 });
    return list(answer.messages);
  } catch (error) {
    logger.warn("slack-messages-unreadable", { method, error: String(error) });
    return [];
  }
}
