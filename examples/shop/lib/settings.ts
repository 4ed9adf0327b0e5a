import { log } from "./log.ts";

/** Configuration and feature flags that the control plane may change while the service runs. */
export interface Settings {
  providerTimeoutMs: number;
  providerAttempts: number;
  checkoutSlots: number;
  regionalTax: readonly string[];
  flags: Record<string, boolean>;
}

const current = JSON.parse(process.env.SHOP_SETTINGS ?? "{}") as Settings;
let revision = 1;

process.on("message", (message: { settings?: Settings }) => {
  if (!message.settings) return;
  Object.assign(current, message.settings);
  revision += 1;
  log.info(`configuration reloaded, revision ${revision}`, { revision });
});

export function settings(): Readonly<Settings> {
  return current;
}
