import type { Window } from "../../core/window.ts";

/** What an address of the console opens, as the console reads it. */
export interface ConsolePage {
  readonly region: string | null;
  /** `metricsV2`, `logsV2`, `events`, `service-map`, … */
  readonly page: string;
  /** The state in the address: the graph, the query, … */
  readonly state: unknown;
  /** The time that is shown; null for a page that takes none. */
  readonly window: Window | null;
}

/** Reads a link back, by its own grammar and not by ours. */
export function readLink(link: string): ConsolePage {
  const url = new URL(link);
  const region = url.searchParams.get("region");
  const fragment = url.hash.slice(1);
  if (fragment.startsWith("/")) {
    const { pathname, searchParams } = new URL(fragment, "https://console");
    const state = Object.fromEntries(searchParams);
    const [start, end] = state.timeRange?.split("~").map((time) => `${time}Z`) ?? [];
    const window = windowOf(state.StartTime ?? start, state.EndTime ?? end);
    return { region, page: pathname.split("/")[1] ?? "", state, window };
  }
  const [, page = "", path = ""] = /^([\w]+):([^~]*)/.exec(fragment) ?? [];
  const at = fragment.indexOf("~");
  const state = at < 0 ? { path } : readJsurl(fragment.slice(at));
  const times = timesIn(state);
  return { region, page, state, window: windowOf(times.start, times.end) };
}

function windowOf(from: unknown, to: unknown): Window | null {
  const [start, end] = [from, to].map((time) => Date.parse(String(time)));
  return start && end ? { from: start, to: end } : null;
}

/** `start` and `end`, which stand beside the query or in its context. */
function timesIn(state: unknown): Record<string, unknown> {
  const all = state as Record<string, unknown> & { context?: { timeRange?: object } };
  return { ...all, ...all.context?.timeRange };
}

/** https://github.com/Sage/jsurl: `~'text`, `~1`, `~(~a~b)`, `~(key~value~key~value)`. */
export function readJsurl(text: string): unknown {
  let at = 0;
  const given = text.replaceAll("%27", "'");
  const isNext = (token: string) => {
    const isThere = given.startsWith(token, at);
    if (isThere) at += token.length;
    return isThere;
  };
  const word = () => {
    const [found = ""] = /^[^~()]*/.exec(given.slice(at)) ?? [];
    at += found.length;
    return found
      .replaceAll("!", "$")
      .replace(/\*\*([0-9a-f]{4})|\*([0-9a-f]{2})/g, (_, long, short) =>
        String.fromCharCode(Number.parseInt(long ?? short, 16)),
      );
  };
  const value = (): unknown => {
    if (!isNext("~")) throw new Error(`no value at ${at} of ${given}`);
    if (isNext("(")) return given[at] === "~" ? list() : pairs();
    if (isNext("'")) return word();
    return JSON.parse(word());
  };
  const list = () => {
    const items: unknown[] = [];
    if (isNext("~)")) return items;
    while (!isNext(")")) items.push(value());
    return items;
  };
  const pairs = () => {
    const found: Record<string, unknown> = {};
    while (!isNext(")")) {
      isNext("~");
      found[word()] = value();
    }
    return found;
  };
  const all = value();
  if (at !== given.length) throw new Error(`more behind the end: ${given.slice(at)}`);
  return all;
}
