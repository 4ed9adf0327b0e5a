import type { Analyst } from "../core/analyst.ts";
import { UserError } from "../core/errors.ts";
import type { Incident } from "../core/incident.ts";
import { type InvestigationRequest, requestOf } from "../core/investigation-request.ts";
import { localPrincipal } from "../core/principal.ts";
import { type Options, textOption } from "./command.ts";

/** What sets the window or the question of a new run; one that goes on has them already. */
const settled = ["capture", "service", "since", "until", "language"] as const;

/**
 * The request that lets a run go on which was cut off: of `--resume <incident>`, or of the newest
 * one that has no report. What it is about stands in its steps; only the model may be another.
 */
export async function resumeRequest(
  analyst: Analyst,
  question: string | undefined,
  options: Options,
): Promise<{ readonly request: InvestigationRequest; readonly steps: number }> {
  const extra = [...(question === undefined ? [] : ["a question"]), ...given(options)];
  if (extra.length > 0) {
    throw new UserError(`--resume goes on with what was asked before; leave out ${extra[0]}.`);
  }
  const incident = await wanted(analyst, textOption(options, "resume"));
  const steps = await analyst.steps(incident.id, 0);
  const [first] = steps;
  const before = first?.kind === "started" ? first.driver : null;
  return {
    request: {
      ...requestOf(incident, { model: textOption(options, "model") ?? before }),
      principal: localPrincipal,
    },
    steps: steps.length,
  };
}

function given(options: Options): string[] {
  return settled.filter((name) => options[name] !== undefined).map((name) => `--${name}`);
}

async function wanted(analyst: Analyst, id: string | undefined): Promise<Incident> {
  if (id !== undefined) {
    const incident = await analyst.incident(id);
    if (incident) return incident;
    throw new UserError(`There is no incident ${id}.`);
  }
  const states = ["queued", "investigating", "failed"] as const;
  const [newest] = await analyst.incidents({ states, limit: 1 });
  if (newest) return newest;
  throw new UserError("No investigation was cut off: every one has its report.");
}
