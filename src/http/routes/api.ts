import { z } from "zod";
import type { CallOutcome } from "../../core/analyst.ts";
import type { Incident } from "../../core/incident.ts";
import { redactDeep } from "../../core/redaction.ts";
import { regroupSchema } from "../../core/regroup.ts";
import { reportEvidenceSchema, reportSchema } from "../../core/report.ts";
import { isoWindow, toIso } from "../../core/window.ts";
import { httpLimits } from "../limits.ts";
import { states } from "../pages/incident-list.ts";
import { regroup } from "../regroup.ts";
import type { Route, RouteContext } from "../route.ts";
import { fault, notFound } from "./answers.ts";

const incidentSchema = z.object({
  id: z.string(),
  title: z.string(),
  state: z.enum(states as [string, ...string[]]),
  service: z.string().nullable(),
  openedAt: z.string(),
  updatedAt: z.string(),
  resolvedAt: z.string().nullable(),
  priority: z.string().nullable(),
  conclusion: z.string().nullable(),
  summary: z.string().nullable(),
  alarms: z.number().int(),
  mergedInto: z.string().nullable(),
});

const startSchema = z.strictObject({
  question: z.string().min(1).max(2_000),
  service: z.string().max(200).optional(),
  window: isoWindow.optional(),
  model: z.string().max(200).optional(),
  language: z.enum(["en", "ja"]).optional(),
  /** The same key starts nothing new. */
  idempotencyKey: z.string().min(1).max(200).optional(),
});

const feedbackSchema = z.strictObject({
  verdict: z.enum(["helpful", "not-helpful"]),
  reason: z.string().max(500).optional(),
});
const doneSchema = z.object({ done: z.literal(true) });

const listQuery = z.object({
  state: z.enum(states as [string, ...string[]]).optional(),
  service: z.string().max(200).optional(),
  before: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(httpLimits.incidentsPerPage).default(20),
});

const list: Route = {
  method: "GET",
  path: "/api/incidents",
  access: "viewer",
  summary: "Incidents, newest first",
  kind: "api",
  query: listQuery,
  answer: z.object({ incidents: z.array(incidentSchema), next: z.string().nullable() }),
  run: async (c) => {
    const query = listQuery.safeParse(c.req.query());
    if (!query.success) return invalid(c, query.error);
    const { state, service, before, limit } = query.data;
    const found = await c.get("parts").analyst.incidents({
      limit,
      ...(state ? { states: states.filter((item) => item === state) } : {}),
      ...(service ? { service } : {}),
      ...(before ? { before } : {}),
    });
    const next = found.length < limit ? null : (found.at(-1)?.id ?? null);
    return c.json({ incidents: found.map(toApi), next });
  },
};

const start: Route = {
  method: "POST",
  path: "/api/incidents",
  access: "responder",
  summary: "Start an investigation of a question",
  kind: "api",
  body: startSchema,
  answer: incidentSchema,
  run: async (c) => {
    const body = await bodyOf(c, startSchema);
    if (!body.success) return invalid(c, body.error);
    const { question, service, window, model, language, idempotencyKey } = body.data;
    const principal = c.get("principal");
    const incident = await c.get("parts").analyst.start({
      alarm: null,
      question,
      service: service ?? null,
      window: window ?? null,
      baseline: null,
      model: model ?? null,
      language: language ?? null,
      principal,
      idempotencyKey: idempotencyKey ? `http:${principal.id}:${idempotencyKey}` : null,
      capture: null,
    });
    return c.json(toApi(incident), 201, { location: `/api/incidents/${incident.id}` });
  },
};

const one: Route = {
  method: "GET",
  path: "/api/incidents/:id",
  access: "viewer",
  summary: "One incident",
  kind: "api",
  answer: incidentSchema,
  run: async (c) => {
    const incident = await c.get("parts").analyst.incident(idOf(c));
    return incident ? c.json(toApi(incident)) : notFound(c, "incident");
  },
};

const report: Route = {
  method: "GET",
  path: "/api/incidents/:id/report",
  access: "viewer",
  summary: "The newest report of an incident",
  kind: "api",
  answer: reportSchema,
  run: async (c) => {
    const found = await c.get("parts").analyst.report(idOf(c));
    return found ? c.json(redactDeep(found)) : notFound(c, "report");
  },
};

const evidence: Route = {
  method: "GET",
  path: "/api/incidents/:id/evidence/:evidence",
  access: "viewer",
  summary: "One item of evidence, with the query that gives it again",
  kind: "api",
  answer: reportEvidenceSchema,
  run: async (c) => {
    const found = await c.get("parts").analyst.report(idOf(c));
    const item = found?.evidence.find(({ id }) => id === c.req.param("evidence"));
    return item ? c.json(redactDeep(item)) : notFound(c, "evidence");
  },
};

const steps: Route = {
  method: "GET",
  path: "/api/incidents/:id/steps",
  access: "viewer",
  summary: "Steps of the newest investigation, after a number",
  kind: "api",
  query: z.object({ after: z.coerce.number().int().min(0).default(0) }),
  answer: z.object({ steps: z.array(z.looseObject({ number: z.number(), kind: z.string() })) }),
  run: async (c) => {
    const after = Number(c.req.query("after") ?? 0);
    const { analyst } = c.get("parts");
    const found = await analyst.steps(idOf(c), Number.isFinite(after) ? after : 0);
    return c.json({ steps: redactDeep(found.slice(0, httpLimits.stepsPerAnswer)) });
  },
};

const cancel: Route = {
  method: "POST",
  path: "/api/incidents/:id/cancel",
  access: "responder",
  summary: "Stop the investigation; the partial report is kept",
  kind: "api",
  answer: doneSchema,
  run: async (c) => outcome(c, await c.get("parts").analyst.cancel(idOf(c), c.get("principal"))),
};

const feedback: Route = {
  method: "POST",
  path: "/api/incidents/:id/feedback",
  access: "viewer",
  summary: "Say whether the report helped",
  kind: "api",
  body: feedbackSchema,
  answer: doneSchema,
  run: async (c) => {
    const body = await bodyOf(c, feedbackSchema);
    if (!body.success) return invalid(c, body.error);
    const { verdict, reason = null } = body.data;
    const by = c.get("principal");
    return outcome(c, await c.get("parts").analyst.feedback(idOf(c), verdict, reason, by));
  },
};

const regrouping: Route = {
  method: "POST",
  path: "/api/regroup",
  access: "responder",
  summary: "Merge two incidents, or split alarms off one",
  kind: "api",
  body: regroupSchema,
  answer: doneSchema,
  run: async (c) => {
    const body = await bodyOf(c, regroupSchema);
    if (!body.success) return invalid(c, body.error);
    await regroup(c.get("parts"), body.data, c.get("principal"));
    return c.json({ done: true }, 202);
  },
};

function idOf(c: RouteContext): string {
  return c.req.param("id") ?? "";
}

function outcome(c: RouteContext, done: CallOutcome): Response {
  return done.kind === "done"
    ? c.json({ done: true })
    : c.json(fault("refused", done.message), 409);
}

async function bodyOf<T extends z.ZodType>(c: RouteContext, schema: T) {
  return schema.safeParse(await c.req.json().catch(() => undefined));
}

function invalid(c: RouteContext, error: z.ZodError): Response {
  const lines = error.issues.map(
    (issue) => `${issue.path.map(String).join(".")}: ${issue.message}`,
  );
  return c.json(fault("invalid", lines.join("; ")), 400);
}

function toApi(incident: Incident): z.infer<typeof incidentSchema> {
  const { id, title, state, service, conclusion, summary, mergedInto } = incident;
  return redactDeep({
    id,
    title,
    state,
    service,
    openedAt: toIso(incident.openedAt),
    updatedAt: toIso(incident.updatedAt),
    resolvedAt: incident.resolvedAt === null ? null : toIso(incident.resolvedAt),
    priority: incident.override?.level ?? incident.priority?.level ?? null,
    conclusion,
    summary,
    alarms: incident.alarms.reduce((sum, item) => sum + item.count, 0),
    mergedInto,
  });
}

export const apiRoutes: readonly Route[] = [
  list,
  start,
  one,
  report,
  evidence,
  steps,
  cancel,
  feedback,
  regrouping,
];
