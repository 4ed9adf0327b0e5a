import { paymentSuccess } from "./alarms.ts";
import type { Fault } from "./fault.ts";
import { decoyDeploy, decoyFlag, settingChange } from "./steps.ts";

/** The payment service stops waiting for its provider before the provider usually answers. */
export const tightTimeout: Fault = {
  name: "tight-timeout",
  folder: "01-amber-harbor",
  id: "INC-4107",
  title: "Payment success rate below 90 %",
  alarm: paymentSuccess,
  seconds: { total: 690, baseline: 270 },
  steps: [
    decoyDeploy(310, "Count turned-away orders under their own reason"),
    decoyFlag(365, "gift-wrap", "Jonas Lind"),
    {
      ...settingChange(390, "guilty", {
        kind: "config",
        service: "payment",
        ref: "config/payment#418",
        title: "Fail over faster when the provider hangs: timeout 260 ms",
        author: "Kenji Mori",
        change: () => ({ providerTimeoutMs: 260 }),
      }),
      onset: true,
    },
    decoyDeploy(415, "Log how many products a listing had"),
  ],
  truth: {
    kind: "fault",
    services: ["payment"],
    resources: [],
    blastRadius: ["checkout", "storefront"],
    remediation: "config-revert",
    priority: "P1",
    priorityReason:
      "A third of all orders fail, in all countries, with lost revenue every minute; a second try often works, so buying is degraded and not down.",
  },
};
