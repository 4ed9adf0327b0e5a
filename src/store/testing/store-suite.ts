import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Clock } from "../../core/clock.ts";
import type { Ids } from "../../core/ids.ts";
import type { Store } from "../../core/store.ts";
import { alarmTests } from "./alarm-tests.ts";
import { auditTests } from "./audit-tests.ts";
import { jobTests } from "./job-tests.ts";
import { recordTests } from "./record-tests.ts";
import { retentionTests } from "./retention-tests.ts";
import { type SteppedClock, type SuiteContext, suiteStart } from "./suite-context.ts";

export interface StoreUnderTest {
  /** Opens the same state once more, as another process would. */
  open(): Promise<Store>;
  /** Runs SQL past the store, as somebody with the database in his hands would. */
  tamper(sql: string): Promise<void>;
  /** Removes the state. */
  drop(): Promise<void>;
}

/** What every engine must do, run against a fresh state for each test. */
export function describeStore(
  name: string,
  prepare: (clock: Clock, ids: Ids) => Promise<StoreUnderTest>,
): void {
  describe(`a store on ${name}`, () => {
    const clock = steppedClock();
    let state: StoreUnderTest;
    let opened: Store[];
    beforeEach(async () => {
      state = await prepare(clock, countedIds());
      opened = [await state.open()];
    });
    afterEach(async () => {
      for (const store of opened) await store.close();
      await state.drop();
    });
    const context: SuiteContext = {
      store: () => opened[0] as Store,
      other: async () => {
        const store = await state.open();
        opened.push(store);
        return store;
      },
      tamper: (sql) => state.tamper(sql),
      clock,
    };
    it("answers a ping", async () => {
      await expect(context.store().ping()).resolves.toBeUndefined();
    });
    describe("records", () => recordTests(context));
    describe("intake", () => alarmTests(context));
    describe("jobs", () => jobTests(context));
    describe("audit", () => auditTests(context));
    describe("retention", () => retentionTests(context));
  });
}

function steppedClock(): SteppedClock {
  let at = suiteStart;
  return {
    now: () => at,
    advance: (ms) => {
      at += ms;
    },
  };
}

/** Unique over all openings of one state, since two processes never make the same id. */
function countedIds(): Ids {
  let count = 0;
  return {
    next: (prefix) => {
      count += 1;
      return `${prefix}_${String(count).padStart(6, "0")}`;
    },
  };
}
