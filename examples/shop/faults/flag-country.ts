import { checkoutErrors } from "./alarms.ts";
import type { Fault } from "./fault.ts";
import { decoyDeploy, settingChange } from "./steps.ts";

/** A flag turns on regional tax for a country that the tax table does not know. */
export const flagCountry: Fault = {
  name: "flag-country",
  folder: "09-ivory-bridge",
  id: "INC-4144",
  title: "Some checkouts fail at the storefront",
  alarm: {
    ...checkoutErrors,
    threshold: 0,
    points: 3,
    severity: "high",
    summary: (observed) =>
      `Threshold crossed: 3 datapoints were greater than the threshold (0.0). Latest: ${observed} failed checkouts in 10 s.`,
  },
  seconds: { total: 690, baseline: 270 },
  steps: [
    decoyDeploy(335, "Count turned-away orders under their own reason"),
    {
      ...settingChange(400, "guilty", {
        kind: "flag",
        service: "checkout",
        ref: "flag/regional-tax#231",
        title: "Turn on regional-tax for FR",
        author: "Sam Whitfield",
        change: ({ regionalTax }) => ({ regionalTax: [...regionalTax, "FR"] }),
      }),
      onset: true,
    },
    decoyDeploy(420, "Name the order in authorization warnings"),
  ],
  truth: {
    kind: "fault",
    services: ["checkout"],
    resources: [],
    blastRadius: ["storefront"],
    remediation: "feature-flag-disable",
    priority: "P1",
    priorityReason:
      "Nobody in France can buy, a fifth of the orders, without a workaround; all other countries are fine.",
  },
};
