import { connectionLeak } from "./connection-leak.ts";
import { cpuHog } from "./cpu-hog.ts";
import { droppedIndex } from "./dropped-index.ts";
import type { Fault } from "./fault.ts";
import { flagCountry } from "./flag-country.ts";
import { flashSale } from "./flash-sale.ts";
import { healthy } from "./healthy.ts";
import { memoryLeak } from "./memory-leak.ts";
import { nPlusOne } from "./n-plus-one.ts";
import { noLogs } from "./no-logs.ts";
import { poisonMessage } from "./poison-message.ts";
import { providerOutage } from "./provider-outage.ts";
import { tightTimeout } from "./tight-timeout.ts";
import { twoFaults } from "./two-faults.ts";

/** Everything that `record` can make. */
export const faults: readonly Fault[] = [
  tightTimeout,
  droppedIndex,
  healthy,
  connectionLeak,
  providerOutage,
  nPlusOne,
  poisonMessage,
  memoryLeak,
  flagCountry,
  flashSale,
  twoFaults,
  cpuHog,
  noLogs,
];
