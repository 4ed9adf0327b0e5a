import type { AwsSettings } from "./client.ts";

/** Lets a piece of work begin as soon as there is a place for it. */
export type Pace = <T>(work: () => Promise<T>) => Promise<T>;

interface Gate {
  readonly pace: Pace;
  /** Makes it as narrow as this, if it is wider. */
  narrow(atOnce: number): void;
}

function newGate(atOnce: number): Gate {
  let places = atOnce;
  let busy = 0;
  const waiting: (() => void)[] = [];
  return {
    narrow(wanted) {
      places = Math.min(places, wanted);
    },
    async pace(work) {
      if (busy < places) busy += 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        // The place goes to who waits, unless there are fewer of them by now.
        const next = busy <= places ? waiting.shift() : undefined;
        if (next) next();
        else busy -= 1;
      }
    },
  };
}

const gates = new Map<string, Gate>();
const gatesMax = 200;

/**
 * The queries of Logs Insights that may run at once in an account and region, over all sources that
 * read it, as its quota is one too; of several wishes the smallest holds. An account is told by the
 * role, else by the profile: that two of them lead to the same one is not known without a call.
 */
export function insightsPace(settings: AwsSettings, atOnce: number): Pace {
  const { region, profile, roleArn, endpoint } = settings;
  const key = JSON.stringify([roleArn?.split(":")[4] ?? profile, region, endpoint]);
  const known = gates.get(key);
  if (known) {
    known.narrow(atOnce);
    return known.pace;
  }
  const made = newGate(atOnce);
  const [oldest] = gates.keys();
  if (gates.size >= gatesMax && oldest !== undefined) gates.delete(oldest);
  gates.set(key, made);
  return made.pace;
}
