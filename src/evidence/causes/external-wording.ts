import type { CauseKind } from "../../core/hypothesis.ts";

/** Words by which systems report a cause that no change of ours made. */
export interface Wording {
  readonly id: string;
  readonly kind: CauseKind;
  readonly pattern: RegExp;
  /** Metrics that tell the same. */
  readonly metric: RegExp | null;
  /** 0..1: how much such words alone prove. */
  readonly trust: number;
  /** 0..1: how much it takes from changes that do not touch its subject. */
  readonly veto: number;
  readonly sentence: string;
}

/** A name that could not be resolved. */
export const nameWords =
  /no such host|enotfound|eai_again|servfail|nxdomain|name (or service )?(resolution|not known)|getaddrinfo|could not resolve|dns (lookup|resol\w+|query|error|time)|temporary failure in name|unknown ?host/i;

export const wordings: readonly Wording[] = [
  {
    id: "expiry",
    kind: "expiry",
    pattern:
      /certificate (has |is )?(expired|not yet valid)|cert(ificate)?[_ -]?(has[_ -])?expired|x509.{0,60}expir|(licen[cs]e|api[ _-]?key|client secret|access[ _-]?key|password|credentials?) (has |have |is |was )?expired|expired (licen[cs]e|certificate|credentials?|api[ _-]?key)/i,
    metric: /expir|not_?after|cert.*(days|seconds|left|remaining)/i,
    trust: 0.85,
    veto: 0.9,
    sentence: "a certificate or credential reached its end",
  },
  {
    id: "dns",
    kind: "network",
    pattern: nameWords,
    metric: /dns|name_?resol|coredns/i,
    trust: 0.8,
    veto: 0.9,
    sentence: "names could not be resolved",
  },
  {
    id: "region",
    kind: "external-provider",
    pattern:
      /\b(us|eu|ap|sa|ca|af|me)-(east|west|north|south|central|northeast|southeast)-\d[a-z]?\b.{0,80}(unavail|degrad|fail|error|impair|outage|timed? ?out|unreach)|availability zone.{0,60}(unavail|impair|fail|down|lost|unreach)|(region|zone|az)\b.{0,40}(outage|impair|unavailable|degraded)|provider (outage|incident|degrad|unavail|maintenance)|(vendor|third[- ]party).{0,40}(outage|incident|unavail|degrad|down)|status ?page/i,
    metric: /provider|third_?party|vendor|region.*(error|health)|zone.*(error|health)/i,
    trust: 0.75,
    veto: 0.85,
    sentence: "a provider outside the system failed",
  },
  {
    id: "throttling",
    kind: "throttling",
    pattern:
      /throttl|rate[ _-]?limit(ed| exceeded|ing)?|quota (exceeded|exhausted|reached)|too many requests|\b429\b|limit ?exceeded|request limit|provisionedthroughput/i,
    metric: /throttl|rate_?limit|quota|429/i,
    trust: 0.6,
    veto: 0.5,
    sentence: "a quota or rate limit was reached",
  },
  {
    id: "disk",
    kind: "saturation",
    pattern: /no space left|enospc|disk (is )?full|disk quota|filesystem.{0,20}full|out of inodes/i,
    metric: /disk|filesystem|volume|inode/i,
    trust: 0.8,
    veto: 0.5,
    sentence: "a disk filled up",
  },
  {
    id: "node",
    kind: "node",
    pattern:
      /(memory|disk|pid|node)[ _-]?pressure|evict(ed|ing|ion).{0,40}(pod|node)|pod.{0,40}evict|noisy neighbou?r|node.{0,20}(not ?ready|unreachable|drain|cordon|preempt|terminat)|spot (interruption|termination)|hypervisor|host (maintenance|failure|degraded)|steal time|kernel: .*(oom|soft lockup|hung)/i,
    metric: /(^|_)(node|host)_|node_?pressure|steal|load1\b/i,
    trust: 0.7,
    veto: 0.85,
    sentence: "the machine underneath is under pressure",
  },
  {
    id: "clock",
    kind: "node",
    pattern: /clock (skew|drift|jump)|ntp|chrony|time (drift|skew)|clock.{0,20}out of sync/i,
    metric: /clock|ntp|time_?(drift|skew|offset)/i,
    trust: 0.6,
    veto: 0.6,
    sentence: "a clock ran off",
  },
];

/** Somebody else's machine answered badly, or not at all. */
export const theirFault =
  /\b(50[0-9]|52\d)\b|unavailable|bad gateway|time[ds]?[ _-]?out|deadline|refused|reset|overload|maintenance|degraded|internal server error|no response|outage|upstream (error|failure)/i;
/** They answered that we asked wrongly: a change of ours, more likely. */
export const ourFault =
  /\b(400|401|403|404|409|410|415|422)\b|invalid|unauthori[sz]ed|forbidden|malformed/i;
/** Words for a party outside where no host name shows. */
export const outsideParty =
  /\b(payment |sms |email |identity |tax |shipping |card )?(provider|processor|acquirer|third[- ]party|vendor|psp|external (service|api|system)|partner)\b/i;
/** One record that cannot be processed, again and again. */
export const poisonWords =
  /poison|dead.?letter|redeliver|cannot (parse|decode|process)|could not (parse|decode|process)|malformed|corrupt|invalid (payload|record|message|json|event|document)|unexpected (token|end of)|deseriali[sz]|in json at|json parse|end of json|(delivery|retry) attempt|attempt \d+ of/i;
