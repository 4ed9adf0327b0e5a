import { handleOf } from "../tool-text.ts";

const pageChars = 4_000;
const aroundChars = 600;
const hitsMax = 6;

/**
 * Results as text under their handles; of a long one the model sees a digest and may read on. The
 * store holds them whole in the recorded steps: a run that goes on, and a follow-up in another
 * process, fill their shelf from there and read nothing again.
 */
export class ResultShelf {
  readonly #texts = new Map<string, string>();

  /** Keeps a text and returns its handle. The same call gets the same handle again. */
  keep(callId: string, text: string): string {
    const handle = handleOf(callId);
    this.#texts.set(handle, text);
    return handle;
  }

  /** A page from `offset`, or the places where `find` occurs; null for an unknown handle. */
  read(
    handle: string,
    at: { readonly find: string | undefined; readonly offset: number },
  ): { readonly text: string; readonly total: number } | null {
    const whole = this.#texts.get(handle);
    if (whole === undefined) return null;
    const text = at.find ? around(whole, at.find) : whole.slice(at.offset, at.offset + pageChars);
    return { text, total: whole.length };
  }
}

function around(whole: string, find: string): string {
  const low = whole.toLowerCase();
  const hits: string[] = [];
  let from = 0;
  while (hits.length < hitsMax) {
    const place = low.indexOf(find.toLowerCase(), from);
    if (place < 0) break;
    hits.push(whole.slice(Math.max(0, place - aroundChars), place + find.length + aroundChars));
    from = place + find.length + aroundChars;
  }
  return hits.length > 0 ? hits.join("\n…\n") : `"${find}" does not occur.`;
}
