import { paymentSuccess } from "./alarms.ts";
import type { Fault } from "./fault.ts";
import { decoyDeploy, decoyFlag, settingChange } from "./steps.ts";

/** As the too tight timeout, milder, and with the logs gone: reading them is denied. */
export const noLogs: Fault = {
  name: "no-logs",
  folder: "13-mellow-quarry",
  id: "INC-4162",
  title: "Payment success rate below 90 %",
  alarm: { ...paymentSuccess, kind: "alertmanager", name: "PaymentSuccessLow", severity: "page" },
  seconds: { total: 690, baseline: 270 },
  denied: [
    {
      signal: "logs",
      reason:
        "AccessDenied: role telemetry-reader is not authorized to perform logs:StartQuery on /shop/*",
    },
  ],
  steps: [
    decoyFlag(330, "new-search", "Priya Raman"),
    {
      ...settingChange(385, "guilty", {
        kind: "config",
        service: "payment",
        ref: "config/payment#433",
        title: "Shorten provider timeout to 290 ms, one attempt",
        author: "Ana Duarte",
        change: () => ({ providerTimeoutMs: 290, providerAttempts: 1 }),
      }),
      onset: true,
    },
    decoyDeploy(400, "Say that the card was declined"),
    decoyDeploy(430, "Show five reviews on the product page"),
  ],
  truth: {
    kind: "fault",
    services: ["payment"],
    resources: [],
    blastRadius: ["checkout", "storefront"],
    remediation: "config-revert",
    priority: "P1",
    priorityReason:
      "Almost half of all payments fail at the first try, in all countries, and part of the buyers give up.",
  },
};
