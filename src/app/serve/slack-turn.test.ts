import { expect, it } from "vitest";
import { UserError } from "../../core/errors.ts";
import { silentLogger } from "../../platform/logger.ts";
import type { SlackFace } from "../../slack/slack-face.ts";
import { speakInTurn } from "./slack-turn.ts";

/** One lease, as the store has it, that can be taken away. */
function lease() {
  let owner: string | null = null;
  return {
    hold: async (_name: string, who: string) => {
      owner ??= who;
      return owner === who;
    },
    letGo: async (_name: string, who: string) => {
      if (owner === who) owner = null;
    },
    owner: () => owner,
  };
}

function faceOf(name: string, said: string[], fault?: Error): SlackFace {
  return {
    start: async () => {
      if (fault) throw fault;
      said.push(`${name} starts`);
    },
    stop: async () => void said.push(`${name} stops`),
    settled: async () => {},
    port: () => null,
    load: () => ({ work: 0, calls: 0, waiting: {} }),
  };
}

const common = { clock: { now: () => 0 }, logger: silentLogger };

it("lets one of two processes speak in Slack, and the other when the first has gone", async () => {
  const jobs = lease();
  const said: string[] = [];
  const speak = (owner: string, stop: AbortSignal) =>
    speakInTurn({ ...common, jobs, owner, open: async () => faceOf(owner, said) }, stop);
  const [first, second] = [new AbortController(), new AbortController()];
  const one = speak("one", first.signal);
  await expect.poll(() => said).toEqual(["one starts"]);
  const two = speak("two", second.signal);
  first.abort();
  await one;
  expect(said).toEqual(["one starts", "one stops"]);
  await expect.poll(() => said, { timeout: 8_000 }).toHaveLength(3);
  expect(said.at(-1)).toBe("two starts");
  second.abort();
  await two;
  expect(said.at(-1)).toBe("two stops");
  expect(jobs.owner()).toBeNull();
}, 15_000);

it("ends with the fault of a token that Slack refuses, and lets go of its turn", async () => {
  const jobs = lease();
  const fault = new UserError("Slack refused the bot token (invalid_auth).");
  const open = async () => faceOf("one", [], fault);
  const speaking = speakInTurn({ ...common, jobs, owner: "one", open }, AbortSignal.timeout(5_000));
  await expect(speaking).rejects.toBe(fault);
  expect(jobs.owner()).toBeNull();
});

it("does not wait for ever for a face that cannot let go", async () => {
  const jobs = lease();
  const said: string[] = [];
  const stuck = { ...faceOf("one", said), stop: () => new Promise<void>(() => {}) };
  const stop = new AbortController();
  const speaking = speakInTurn(
    { ...common, jobs, owner: "one", open: async () => stuck },
    stop.signal,
  );
  await expect.poll(() => said).toEqual(["one starts"]);
  stop.abort();
  await speaking;
  expect(jobs.owner()).toBeNull();
}, 15_000);

it("is done at once where Slack is not used", async () => {
  const jobs = lease();
  const open = async () => null;
  await speakInTurn({ ...common, jobs, owner: "one", open }, AbortSignal.timeout(5_000));
  expect(jobs.owner()).toBeNull();
});
