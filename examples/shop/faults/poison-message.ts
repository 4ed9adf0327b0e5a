import type { ShopSystem } from "../control/system.ts";
import { confirmationAge } from "./alarms.ts";
import type { Fault } from "./fault.ts";
import { decoyDeploy, decoyFlag, event } from "./steps.ts";

/** One job whose payload was cut off on its way: the worker takes it first, again and again. */
export async function poisonQueue(system: ShopSystem): Promise<void> {
  const payload = '{"order":"MP-88213","country":"DE","totalCents":45';
  await system.sql("INSERT INTO jobs (kind, payload) VALUES ('confirmation', $1)", [payload]);
}

export const poisonMessage: Fault = {
  name: "poison-message",
  folder: "07-gentle-anvil",
  id: "INC-4136",
  title: "Order confirmations are late",
  alarm: confirmationAge,
  seconds: { total: 690, baseline: 270 },
  steps: [
    decoyDeploy(350, "Write totals with two decimals"),
    { ...event(395, poisonQueue), onset: true },
    decoyFlag(410, "new-search", "Priya Raman"),
    decoyDeploy(430, "Return the quantity with the stock check"),
  ],
  truth: {
    kind: "fault",
    services: ["worker"],
    resources: ["worker/queue"],
    blastRadius: [],
    remediation: "purge-bad-data",
    priority: "P2",
    priorityReason:
      "No customer gets a confirmation, but orders and payments work and nothing is lost: the mails go out once the job is removed.",
  },
};
