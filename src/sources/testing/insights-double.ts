/** One log event of a group. */
export interface LogEvent {
  readonly group: string;
  readonly at: number;
  readonly message: string;
}

type Row = Record<string, string>;

/**
 * The commands of Logs Insights that the sources send (fields, filter with `like`, sort, limit,
 * stats by bin, pattern), after AWS's documentation of the language. Anything else throws.
 */
export function runInsightsText(text: string, events: readonly LogEvent[], limit: number): Row[] {
  let kept = events;
  let rows: Row[] | null = null;
  let most = limit;
  for (const command of text.split(/\n\|\s*|\n?\s\|\s/)) {
    const [word = "", ...rest] = command.trim().split(/\s+/);
    const tail = rest.join(" ");
    if (word === "filter") kept = kept.filter(filterOf(tail));
    else if (word === "stats") rows = counted(tail, kept);
    else if (word === "pattern") rows = patterns(kept);
    else if (word === "limit") most = Math.min(most, Number(tail));
    else if (word !== "fields" && word !== "sort") throw new Error(`unknown command ${word}`);
  }
  return (rows ?? lines(kept)).slice(0, most);
}

function filterOf(text: string): (event: LogEvent) => boolean {
  const parts = [...text.matchAll(/@message like \/((?:\\.|[^/])*)\//g)].map((match) => {
    const source = match[1] ?? "";
    return new RegExp(source.replace(/^\(\?i\)/, ""), source.startsWith("(?i)") ? "i" : "");
  });
  const left = text.replace(/@message like \/((?:\\.|[^/])*)\//g, "").replace(/\band\b/g, "");
  if (left.trim() !== "" || parts.length === 0) throw new Error(`unknown filter ${text}`);
  return ({ message }) => parts.every((part) => part.test(message));
}

function time(at: number): string {
  return new Date(at).toISOString().replace("T", " ").slice(0, 23);
}

/** `@log` is the account and the name, as AWS sends it. */
function log(group: string): string {
  return `123456789012:${group}`;
}

function lines(events: readonly LogEvent[]): Row[] {
  return events
    .toSorted((a, b) => b.at - a.at)
    .map(({ at, message, group }) => ({
      "@timestamp": time(at),
      "@message": message,
      "@log": log(group),
      "@ptr": "p",
    }));
}

function counted(text: string, events: readonly LogEvent[]): Row[] {
  const found = /^count\(\*\) as (\w+) by bin\((\d+)s\) as (\w+), @log$/.exec(text);
  if (!found) throw new Error(`unknown stats ${text}`);
  const [, name = "", seconds = "1", at = ""] = found;
  const stepMs = Number(seconds) * 1_000;
  const groups = Map.groupBy(
    events,
    (event) => `${Math.floor(event.at / stepMs) * stepMs} ${log(event.group)}`,
  );
  return [...groups].map(([key, all]) => {
    const [bin = "", ...group] = key.split(" ");
    return { [at]: time(Number(bin)), "@log": group.join(" "), [name]: String(all.length) };
  });
}

/** Words with a digit in them, and what stands behind `user=`, are taken for variable. */
function patterns(events: readonly LogEvent[]): Row[] {
  const groups = Map.groupBy(events, ({ message }) =>
    message.replace(/[\w.-]*\d[\w.-]*/g, "<*>").replace(/(<\*>[ :,/-]?)+(?=<\*>)/g, ""),
  );
  return [...groups]
    .toSorted((a, b) => b[1].length - a[1].length)
    .map(([pattern, all]) => ({
      "@pattern": pattern,
      "@ratio": String(all.length / events.length),
      "@sampleCount": String(all.length),
      "@logSamples": JSON.stringify(
        sample(all).map(({ at, message }) => ({ timestamp: at, message })),
      ),
    }));
}

/** The first, the last, and a few between. */
function sample(all: readonly LogEvent[]): readonly LogEvent[] {
  if (all.length <= 10) return all;
  return Array.from({ length: 10 }, (_, i) => all[Math.round((i * (all.length - 1)) / 9)]).filter(
    (each) => each !== undefined,
  );
}
