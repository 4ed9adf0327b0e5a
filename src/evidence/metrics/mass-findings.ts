import type { Finding } from "../../core/evidence.ts";
import type { Observations } from "../../core/rows.ts";
import { percent } from "../quantity.ts";
import { named, say } from "../statement.ts";
import type { ExcessMass } from "./excess-mass.ts";

/** Key and sentence of a service's share in what was lost, from metrics and the call graph. */
export function massFinding(
  kind: "latency-mass" | "error-mass",
  mass: ExcessMass,
  share: number,
  observations: Observations,
): Finding {
  const passed = mass.total > 0 ? Math.max(0, 1 - mass.self / mass.total) : 0;
  return {
    key: `${kind}:${mass.service}`,
    layer: "application",
    kind: "anomaly",
    service: mass.service,
    ...say(`finding.${kind}`, {
      service: named(mass.service),
      share: percent(share),
      passed: percent(passed),
    }),
    value: share,
    unit: "ratio",
    effect: share,
    effectKind: "share",
    window: observations.window,
    provenance: [
      ...(observations.provenance["metric-series"] ?? []),
      ...(observations.provenance.topology ?? []),
    ],
    weight: share,
  };
}

/** A callee that was never called before, when its losses were blamed on the caller. */
export function newCalleeFinding(mass: ExcessMass, observations: Observations): Finding | null {
  if (mass.byNewCallee.length === 0) return null;
  return {
    key: `new-callee:${mass.service}`,
    layer: "application",
    kind: "edge",
    service: mass.service,
    ...say("finding.new-callee", {
      service: named(mass.service),
      callees: mass.byNewCallee.map(named).join(", "),
    }),
    window: observations.window,
    provenance: observations.provenance["metric-series"] ?? [],
    weight: 0.9,
  };
}
