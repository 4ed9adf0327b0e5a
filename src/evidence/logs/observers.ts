import type { LogPattern, Observations, Series } from "../../core/rows.ts";
import { knownServices, serviceOfText } from "../causes/service-names.ts";

/** Feeds of a platform: what they say is about others, and they are nobody's culprit. */
const feed =
  /^(?:(?:kubernetes|k8s|kube|eks|aks|gke)[-_. ]?)?(?:events?|event[-_]?(?:exporter|router|logger))$|^kube[-_](?:state[-_]metrics|events?)$|^kubelet$|^kube-(?:controller-manager|scheduler)$|^cadvisor$/i;
/** Labels by which an exporter says whom it measures, the most telling first. */
const labels = ["service", "deployment", "statefulset", "app", "container", "pod"];

/**
 * Hands what a platform's own feeds report to the services they report on: an event that names a
 * pod of `checkout` is about `checkout`. What names no known service stays where it is.
 */
export function aboutServices(observations: Observations): Observations {
  const services = knownServices(observations).filter((service) => !feed.test(service));
  if (!observations.logPatterns.some(isFed) && !observations.series.some(isFed)) {
    return observations;
  }
  return {
    ...observations,
    logPatterns: observations.logPatterns.map((pattern) =>
      isFed(pattern) ? { ...pattern, service: subjectOf(pattern, services) } : pattern,
    ),
    series: observations.series.map((series) =>
      isFed(series) ? { ...series, service: measuredBy(series, services) } : series,
    ),
  };
}

function isFed({ service }: { readonly service: string }): boolean {
  return feed.test(service);
}

function subjectOf({ service, example, pattern }: LogPattern, services: readonly string[]): string {
  return serviceOfText(example || pattern, services) ?? service;
}

function measuredBy({ service, resource }: Series, services: readonly string[]): string {
  const pairs = new Map(
    (resource ?? "").split(/[ ,]/).map((pair) => pair.split("=", 2) as [string, string]),
  );
  for (const label of labels) {
    const value = pairs.get(label);
    if (value) return serviceOfText(value, services) ?? (label === "pod" ? service : value);
  }
  return service;
}
