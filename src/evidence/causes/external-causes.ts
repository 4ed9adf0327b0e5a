import type { Finding } from "../../core/evidence.ts";
import type { CauseKind } from "../../core/hypothesis.ts";
import type { Message } from "../../core/message.ts";
import type { Observations } from "../../core/rows.ts";
import { findSurge } from "../metrics/demand.ts";
import { spanOf } from "../metrics/movements.ts";
import { named, type Statement, say } from "../statement.ts";
import {
  type Crossing,
  crossingFinding,
  finding,
  metricFinding,
  type Share,
  textFinding,
} from "./external-findings.ts";
import {
  ourFault,
  outsideParty,
  poisonWords,
  theirFault,
  type Wording,
  wordings,
} from "./external-wording.ts";
import { outsideHosts, outsideParties } from "./outside-hosts.ts";
import { namesService, reportingServices } from "./service-names.ts";
import type { Symptom, Symptoms } from "./symptoms.ts";

/** A cause that no change of ours made, with the evidence for it. */
export interface ExternalCause {
  /** `external:provider:api.example.com` */
  readonly key: string;
  readonly causeKind: CauseKind;
  /** Service it bites first. */
  readonly service: string | null;
  /** Service whose own measured resource it is, where exactly one shows it. */
  readonly home?: string;
  /** Host, record, certificate: what a change would have to touch to be guilty of it. */
  readonly subject: string | null;
  readonly mechanism: string;
  readonly message: Message;
  /** 0..1: how well it is shown. */
  readonly strength: number;
  /** 0..1: how much it takes from changes that do not touch the subject. */
  readonly veto: number;
  /** The party outside answered with a failure of its own; false when it only took too long. */
  readonly isAnswered?: boolean;
  readonly findings: readonly Finding[];
}

/** A share of all failures of the system from which on a cause of some of them is heard in full. */
const prominentShare = 0.15;

/** Everything of that kind that the telemetry shows, strongest first. */
export function findExternalCauses(
  observations: Observations,
  symptoms: Symptoms,
): readonly ExternalCause[] {
  const services = reportingServices(observations);
  return [
    ...wordings.flatMap((wording) => wordedCause(wording, observations, symptoms)),
    ...providerCauses(observations, symptoms, services),
    ...badDataCauses(observations, symptoms),
    ...surgeCause(observations, symptoms),
  ]
    .filter((cause) => cause.strength >= 0.2)
    .sort((a, b) => b.strength - a.strength || a.key.localeCompare(b.key));
}

function mechanism({ statement, message }: Statement) {
  return { mechanism: statement, message };
}

/** The service in whose failing lines and spans a test holds most, as a share of them. */
function shareOf(symptoms: Symptoms, test: (symptom: Symptom) => boolean): Share | null {
  const failing = symptoms.texts.filter(
    (s) => s.isError && (s.source === "log" || s.source === "span"),
  );
  const shares: Share[] = [];
  for (const service of new Set(failing.map((s) => s.service))) {
    for (const source of ["log", "span"] as const) {
      const mine = failing.filter((s) => s.service === service && s.source === source);
      const matched = mine.filter(test);
      const sum = (list: readonly Symptom[]) => list.reduce((n, s) => n + s.count, 0);
      if (matched.length > 0) {
        const all = failing.filter((s) => s.source === source);
        const prominence = Math.min(1, sum(matched) / (prominentShare * sum(all)));
        shares.push({ service, matched, count: sum(matched), total: sum(mine), prominence });
      }
    }
  }
  return shares.sort((a, b) => heard(b) - heard(a) || b.count - a.count)[0] ?? null;
}

/** Share of the failing lines or spans that say so, 0..1; a line or two may say anything. */
function heard({ count, total, prominence }: Share): number {
  return (count / total) * (count / (count + 1)) * prominence;
}

/** What a text says itself: the frames of a stack name code, not parties. */
const stackFrame = /\n\s*(?:at |\.{3} \d+ more|File "|Caused by: \S+$).*/g;

function wordedCause(
  wording: Wording,
  observations: Observations,
  symptoms: Symptoms,
): ExternalCause[] {
  const share = shareOf(symptoms, (s) => wording.pattern.test(s.text));
  const moved = symptoms.movements.filter((m) => m.isHarmful && wording.metric?.test(m.metric));
  const crossing = wording.id === "expiry" ? zeroCrossing(observations) : null;
  const byText = share ? wording.trust * (0.5 + 0.5 * heard(share)) : 0;
  const byMetric = crossing ? 0.8 : moved.length > 0 ? wording.trust * 0.5 : 0;
  const strength = 1 - (1 - byText) * (1 - byMetric);
  const findings = [
    ...(share ? [textFinding(wording.id, share, wording.sentence, observations)] : []),
    ...(crossing ? [crossingFinding(crossing, observations)] : []),
    ...moved.slice(0, 2).map((m) => metricFinding(wording.id, m, observations)),
  ];
  if (findings.length === 0) return [];
  const short = new Set(moved.filter((m) => m.meaning.signal === "resource").map((m) => m.service));
  const [home] = wording.kind === "saturation" && short.size === 1 ? short : [];
  const service = home ?? share?.service ?? moved[0]?.service ?? crossing?.service ?? null;
  return [
    {
      key: `external:${wording.id}`,
      causeKind: wording.kind,
      service,
      subject: null,
      ...mechanism(
        service
          ? say("mechanism.outside-on", { sentence: wording.sentence, service })
          : say("mechanism.outside", { sentence: wording.sentence }),
      ),
      strength,
      veto: wording.veto,
      ...(home ? { home } : {}),
      findings,
    },
  ];
}

/** A remaining-lifetime metric that reaches zero. */
function zeroCrossing(observations: Observations): Crossing | null {
  const span = spanOf(observations);
  for (const { service, metric, points } of observations.series) {
    if (!/expir|not_?after|cert.*(days|seconds|left|remaining)/i.test(metric)) continue;
    for (let i = 1; i < points.values.length; i++) {
      const at = points.times[i]!;
      if (at < span.from || at >= span.to) continue;
      if (points.values[i - 1]! > 0 && points.values[i]! <= 0) return { service, metric, at };
    }
  }
  return null;
}

/** Failures that name a host or a party outside, which answers badly or not at all. */
function providerCauses(
  observations: Observations,
  symptoms: Symptoms,
  services: readonly string[],
): ExternalCause[] {
  const isTheirs = (s: Symptom) => theirFault.test(s.text) || !ourFault.test(s.text);
  const parties = outsideParties(observations);
  const hostsOf = (s: Symptom) => {
    if (!isTheirs(s)) return [];
    const said = s.text.replace(stackFrame, "");
    const named = parties.filter((party) => namesService(said, party));
    return [...new Set([...outsideHosts(said, services), ...named])];
  };
  const hosts = new Set(symptoms.texts.filter((s) => s.isError).flatMap(hostsOf));
  const causes: ExternalCause[] = [];
  const named = [...hosts].filter((a) => ![...hosts].some((b) => b !== a && b.includes(a)));
  for (const host of named.sort().slice(0, 5)) {
    const share = shareOf(symptoms, (s) => hostsOf(s).includes(host));
    if (share) causes.push(providerCause(host, share, 0.8, observations, symptoms));
  }
  if (causes.length === 0) {
    const isParty = (s: Symptom) => outsideParty.test(s.text) && theirFault.test(s.text);
    const share = shareOf(symptoms, isParty);
    if (share) causes.push(providerCause("provider", share, 0.65, observations, symptoms));
  }
  return causes;
}

function providerCause(
  host: string,
  share: Share,
  trust: number,
  observations: Observations,
  symptoms: Symptoms,
): ExternalCause {
  const isAnswered = share.matched.some((s) => /\b5\d\d\b|unavailable|bad gateway/i.test(s.text));
  const moved = symptoms.movements.filter(
    (m) => m.isHarmful && /provider|external|third_?party|vendor|partner|egress/i.test(m.metric),
  );
  const byText = (trust + (isAnswered ? 0.1 : 0)) * (0.4 + 0.6 * heard(share));
  const strength = 1 - (1 - byText) * (moved.length > 0 ? 0.6 : 1);
  const sentence =
    host === "provider" ? "a party outside the system fails" : `${host}, outside the system, fails`;
  return {
    key: `external:provider:${host}`,
    causeKind: "external-provider",
    service: share.service,
    subject: host === "provider" ? null : host,
    ...mechanism(
      host === "provider"
        ? say("mechanism.provider-unnamed", { service: share.service })
        : say("mechanism.provider", { party: named(host), service: share.service }),
    ),
    strength,
    isAnswered,
    veto: isAnswered || moved.length > 0 ? 0.9 : 0.7,
    findings: [
      textFinding(`provider:${host}`, share, sentence, observations),
      ...moved.slice(0, 2).map((m) => metricFinding("provider", m, observations)),
    ],
  };
}

/** The same record in every failure, or lines about a record that cannot be processed. */
function badDataCauses(observations: Observations, symptoms: Symptoms): ExternalCause[] {
  const record = symptoms.segments.find((segment) => segment.isRecord);
  const share = shareOf(symptoms, (s) => poisonWords.test(s.text));
  if (record) {
    const { service, failures: count, allFailures: total, passing } = record;
    const carried = named(`${record.key}=${record.value}`);
    const statement = say("external.bad-record", {
      ...{ service, count, total, passing, record: carried },
    });
    const wide = Math.min(1, record.failures / 10);
    return [
      {
        key: `external:bad-data:${record.key}`,
        causeKind: "bad-data",
        service: record.service,
        subject: record.value,
        ...mechanism(say("mechanism.bad-record", { record: carried })),
        strength: 0.6 + 0.2 * wide + (share ? 0.15 : 0),
        veto: 0.85,
        findings: [
          finding("bad-data", statement, 0.9, "span-attributes", observations, record.service),
        ],
      },
    ];
  }
  if (!share) return [];
  return [
    {
      key: "external:bad-data",
      causeKind: "bad-data",
      service: share.service,
      subject: null,
      ...mechanism(say("mechanism.bad-input", { service: share.service })),
      strength: 0.6 * (0.5 + 0.5 * heard(share)) + (symptoms.effects.has("queue") ? 0.15 : 0),
      veto: 0.4,
      findings: [textFinding("bad-data", share, "input cannot be processed", observations)],
    },
  ];
}

function surgeCause(observations: Observations, symptoms: Symptoms): ExternalCause[] {
  const surge = findSurge(observations, symptoms);
  if (!surge) return [];
  const { entry, following } = surge;
  const times = (ratio: number) => `${ratio.toFixed(1)}×`;
  const { service } = entry;
  const ratio = times(entry.ratio);
  const others = following.map((f) => `${named(f.service)} (${times(f.ratio)})`).join(", ");
  const statement =
    others === ""
      ? say("external.surge", { service, ratio })
      : say("external.surge-with", { service, ratio, others });
  return [
    {
      key: "external:surge",
      causeKind: "demand-surge",
      service: entry.service,
      subject: null,
      ...mechanism(say("mechanism.surge", { service, ratio })),
      strength: Math.min(0.9, (following.length > 0 ? 0.4 : 0.25) + 0.25 * (entry.ratio - 1.5)),
      veto: following.length > 0 ? 0.8 : 0.5,
      findings: [
        {
          ...finding("surge", statement, 0.8, "metric-series", observations, entry.service),
          value: entry.after,
          baseline: entry.before,
          effect: entry.ratio,
          effectKind: "ratio",
        },
      ],
    },
  ];
}
