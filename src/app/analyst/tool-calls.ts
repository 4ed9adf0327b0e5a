import type { Analyst, CallScope } from "../../core/analyst.ts";
import { UserError } from "../../core/errors.ts";
import { type InvestigationRequest, requestBy } from "../../core/investigation-request.ts";
import { redactDeep } from "../../core/redaction.ts";
import type { ToolContext, ToolResult } from "../../core/tool.ts";
import { failedCall, parseInput, unknownTool } from "../../core/tool-input.ts";
import { chooseWindows } from "../../investigate-windows.ts";
import { type InvestigationParts, openSubject } from "./investigations.ts";

/**
 * Runs one tool outside an investigation: over a window, or over the windows of an incident. The
 * telemetry is opened for the call and closed after it. Never throws for what a caller got wrong.
 */
export async function callTool(
  analyst: Analyst,
  name: string,
  input: unknown,
  scope: CallScope,
  parts: InvestigationParts,
): Promise<ToolResult> {
  const tool = analyst.tools.find((each) => each.name === name);
  if (!tool) return unknownTool(name, analyst.tools);
  const parsed = parseInput(tool, input);
  if (parsed.kind === "failed") return parsed;
  try {
    const subject = await openSubject(await requestFor(analyst, scope), parts, scope.signal);
    try {
      const { telemetry, alarm, kpis, slos } = subject;
      const { runbooks, priority, clock } = parts;
      const times = await chooseWindows(subject);
      const context: ToolContext = {
        ...times,
        telemetry,
        alarm,
        kpis,
        slos,
        runbooks,
        priority,
        findings: [],
        diagnosis: null,
        now: clock.now(),
        signal: scope.signal,
      };
      const result = redactDeep(await tool.run(parsed.input, context));
      const { window, baseline } = times;
      return result.kind === "failed" ? result : { ...result, looked: { window, baseline } };
    } finally {
      await subject.close();
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return failedCall("unavailable", error.message, "Correct this and call again.");
  }
}

/** What a call within an incident, or over a window, reads. */
export async function requestFor(
  analyst: Analyst,
  scope: Pick<CallScope, "incident" | "window" | "principal" | "capture">,
): Promise<InvestigationRequest> {
  const incident = scope.incident === null ? null : await analyst.incident(scope.incident);
  if (scope.incident !== null && !incident) {
    throw new UserError(`There is no incident "${scope.incident}". list_incidents shows them.`);
  }
  const report = incident ? await analyst.report(incident.id) : null;
  const stated = report && { window: msWindow(report.window), baseline: msWindow(report.baseline) };
  return requestBy(scope.principal, {
    alarm: incident?.alarms[0]?.alarm ?? null,
    window: scope.window ?? stated?.window ?? null,
    baseline: scope.window ? null : (stated?.baseline ?? null),
    capture: incident?.capture ?? scope.capture ?? null,
  });
}

function msWindow(window: { from: string; to: string }) {
  return { from: Date.parse(window.from), to: Date.parse(window.to) };
}
