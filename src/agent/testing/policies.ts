import type { FakeCall, FakeRequest, FixedReply } from "./fake-openai.ts";
import { type ListedCause, linesOf, type ReadRequest, readRequest } from "./read-request.ts";

/** Answers requests as a model would, from what they say alone; it never sees a truth. */
export type Policy = (request: FakeRequest) => FixedReply;

/**
 * A model that does its work: looks into the first suspects once, all at the same time, weighs the
 * second against the first, concludes with cited words, and reviews by what supports a claim.
 */
export const competent: Policy = (request) => {
  const read = readRequest(request);
  if (read.tools.includes("ready")) return calls({ name: "ready", args: { ok: true } });
  if (read.tools.includes("verdicts")) return calls({ name: "verdicts", args: review(read) });
  if (read.tools.includes("narrative")) return calls({ name: "narrative", args: story(read) });
  if (read.tools.includes("answer")) return calls({ name: "answer", args: reply(read) });
  const [first, second] = read.causes;
  const isOpen = read.tools.length > 1 && read.results.length === 0;
  if (isOpen) return calls(...looks(read));
  const evidence = first?.supporting ?? [];
  const args = {
    primary: first?.key ?? "none",
    because: "what was found supports it best",
    evidence,
    note: first ? noteOn(first, read) : "",
  };
  const doubts = second?.supporting.length && read.tools.length > 1 ? [doubt(second)] : [];
  return calls(...doubts, { name: "conclude", args });
};

/** Says the same wherever it is asked: prose, calls that do not exist, evidence out of thin air. */
export function nonsense(seed = 1): Policy {
  let turn = seed;
  return () => {
    turn += 1;
    const replies: readonly FixedReply[] = [
      { kind: "text", text: "The moon is full, so restart everything. E1 E2 E3" },
      calls({ name: "conclude", args: { primary: "moon", evidence: ["E999"], because: "tides" } }),
      calls({ name: "get_topology", args: { service: `planet-${turn}` } }),
      calls({ name: "reboot_the_moon", args: "{not json" }),
    ];
    return replies[turn % replies.length] ?? { kind: "text", text: "" };
  };
}

/**
 * Nonsense in good form: always blames another cause than the computed first, citing whatever
 * supports that one, and approves of its own choice in the review.
 */
export const contrary: Policy = (request) => {
  const read = readRequest(request);
  if (read.tools.includes("verdicts")) return calls({ name: "verdicts", args: review(read) });
  const blamed = read.causes[1] ?? read.causes[0];
  const args = {
    primary: blamed?.key ?? "none",
    because: "because I say so",
    evidence: blamed?.supporting ?? [],
    note: blamed ? noteOn(blamed, read) : "",
  };
  return read.tools.includes("conclude")
    ? calls({ name: "conclude", args })
    : { kind: "text", text: "" };
};

/** Concludes as a competent model does, and then rejects the first claim for no reason. */
export const denying: Policy = (request) => {
  const read = readRequest(request);
  if (!read.tools.includes("verdicts")) return competent(request);
  const verdicts = review(read).verdicts.map((each, i) => ({
    ...each,
    verdict: i === 0 ? "reject" : "keep",
  }));
  return calls({ name: "verdicts", args: { verdicts } });
};

export const policies: Readonly<Record<string, () => Policy>> = {
  competent: () => competent,
  nonsense: () => nonsense(),
  contrary: () => contrary,
  denying: () => denying,
};

function calls(...made: readonly FakeCall[]): FixedReply {
  return { kind: "calls", calls: made };
}

function looks({ causes }: ReadRequest): FakeCall[] {
  const services = [...new Set(causes.slice(0, 3).flatMap((cause) => cause.services))].slice(0, 4);
  const input = services.length > 0 ? { services } : {};
  return [
    { name: "analyze_traces", args: input },
    { name: "compare_log_patterns", args: input },
    { name: "list_changes", args: {} },
  ];
}

function doubt(cause: ListedCause): FakeCall {
  const because = "another cause explains more of what is seen";
  const args = {
    key: cause.key,
    state: "refuted",
    because,
    evidence: cause.supporting.slice(0, 3),
  };
  return { name: "record_hypothesis", args };
}

/** Findings word for word, so that every number is one that a finding states. */
function noteOn(cause: ListedCause, { findings }: ReadRequest): string {
  return cause.supporting
    .flatMap((id) => {
      const statement = findings.get(id);
      return statement && !/[<>`@]|:\/\//.test(statement) ? [[id, statement] as const] : [];
    })
    .slice(0, 3)
    .map(([id, statement]) => `${statement.replace(/\.\s/g, "; ").replace(/\.$/, "")} [${id}].`)
    .join(" ");
}

function story(read: ReadRequest) {
  const [first] = read.causes;
  return { text: first ? noteOn(first, read) : "" };
}

/** Keeps what two findings support, lowers the rest. */
function review({ opening }: ReadRequest) {
  const verdicts = linesOf(opening, "claims").map((line) => {
    const key = line.split(": ")[0] ?? "";
    const supporting = / \| for ([E\d ]*) \| against/.exec(line)?.[1]?.trim().split(" ") ?? [];
    const isShown = supporting.filter((id) => id !== "").length >= 2;
    return { key, verdict: isShown ? "keep" : "downgrade", because: "by what supports it" };
  });
  return { verdicts };
}

/** The findings that share words with the question. */
function reply({ opening, findings }: ReadRequest) {
  const question = linesOf(opening, "question").join(" ").toLowerCase();
  const words = question.split(/[^\p{L}\p{N}]+/u).filter((word) => word.length > 3);
  const found = [...findings]
    .filter(([, statement]) => words.some((word) => statement.toLowerCase().includes(word)))
    .filter(([, statement]) => !/[<>`@]|:\/\//.test(statement))
    .slice(0, 3);
  const text = found.map(
    ([id, statement]) => `${statement.replace(/\.\s/g, "; ").replace(/\.$/, "")} [${id}].`,
  );
  return { text: text.join(" "), open: found.length > 0 ? [] : ["the saved evidence is silent"] };
}
