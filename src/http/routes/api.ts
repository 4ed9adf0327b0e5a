import { z } from "zod";
import type { Incident } from "../../core/incident.ts";
import { requestBy } from "../../core/investigation-request.ts";
import { languageSchema } from "../../core/language.ts";
import { redactDeep } from "../../core/redaction.ts";
import { regroupSchema } from "../../core/regroup.ts";
import { reportEvidenceSchema, reportSchema } from "../../core/report.ts";
import { toIso, windowSchema } from "../../core/window.ts";
import { httpLimits } from "../limits.ts";
import { states } from "../pages/incident-list.ts";
import { regroup } from "../regroup.ts";
import type { Route } from "../route.ts";
import { adminRoutes } from "./admin-api.ts";
import { notFound } from "./answers.ts";
import { apiRoute, doneSchema, outcome } from "./api-route.ts";

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
  window: windowSchema.optional(),
  model: z.string().max(200).optional(),
  language: languageSchema.optional(),
  /** The same key starts nothing new. */
  idempotencyKey: z.string().min(1).max(200).optional(),
});

const feedbackSchema = z.strictObject({
  verdict: z.enum(["helpful", "not-helpful"]),
  reason: z.string().max(500).optional(),
});

const listQuery = z.object({
  state: z.enum(states as [string, ...string[]]).optional(),
  service: z.string().max(200).optional(),
  before: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(httpLimits.incidentsPerPage).default(20),
});

/** The JSON API; `openapi.ts` describes it from the same table. */
export const apiRoutes: readonly Route[] = [
  apiRoute({
    method: "GET",
    path: "/api/incidents",
    access: "viewer",
    summary: "Incidents, newest first",
    query: listQuery,
    answer: z.object({ incidents: z.array(incidentSchema), next: z.string().nullable() }),
    run: async ({ c, parts, query }) => {
      const { state, service, before, limit } = query;
      const found = await parts.analyst.incidents({
        limit,
        ...(state ? { states: states.filter((item) => item === state) } : {}),
        ...(service ? { service } : {}),
        ...(before ? { before } : {}),
      });
      const next = found.length < limit ? null : (found.at(-1)?.id ?? null);
      return c.json({ incidents: found.map(toApi), next });
    },
  }),
  apiRoute({
    method: "POST",
    path: "/api/incidents",
    access: "responder",
    summary: "Start an investigation of a question",
    body: startSchema,
    answer: incidentSchema,
    status: 201,
    run: async ({ c, parts, by: principal, body }) => {
      const { question, service, window, model, language, idempotencyKey } = body;
      const incident = await parts.analyst.start(
        requestBy(principal, {
          question,
          service: service ?? null,
          window: window ?? null,
          model: model ?? null,
          language: language ?? null,
          idempotencyKey: idempotencyKey ? `http:${principal.id}:${idempotencyKey}` : null,
        }),
      );
      return c.json(toApi(incident), 201, { location: `/api/incidents/${incident.id}` });
    },
  }),
  apiRoute({
    method: "GET",
    path: "/api/incidents/:id",
    access: "viewer",
    summary: "One incident",
    answer: incidentSchema,
    run: async ({ c, parts, id }) => {
      const incident = await parts.analyst.incident(id);
      return incident ? c.json(toApi(incident)) : notFound(c, "incident");
    },
  }),
  apiRoute({
    method: "GET",
    path: "/api/incidents/:id/report",
    access: "viewer",
    summary: "The newest report of an incident",
    answer: reportSchema,
    run: async ({ c, parts, id }) => {
      const found = await parts.analyst.report(id);
      return found ? c.json(redactDeep(found)) : notFound(c, "report");
    },
  }),
  apiRoute({
    method: "GET",
    path: "/api/incidents/:id/evidence/:evidence",
    access: "viewer",
    summary: "One item of evidence, with the query that gives it again",
    answer: reportEvidenceSchema,
    run: async ({ c, parts, id }) => {
      const found = await parts.analyst.report(id);
      const item = found?.evidence.find((each) => each.id === c.req.param("evidence"));
      return item ? c.json(redactDeep(item)) : notFound(c, "evidence");
    },
  }),
  apiRoute({
    method: "GET",
    path: "/api/incidents/:id/steps",
    access: "viewer",
    summary: "Steps of the newest investigation, after a number",
    query: z.object({ after: z.coerce.number().int().min(0).default(0) }),
    answer: z.object({
      steps: z.array(z.looseObject({ number: z.number(), kind: z.string() })),
      /** `after` of the next page; null when these are all so far. */
      next: z.number().nullable(),
    }),
    run: async ({ c, parts, id, query }) => {
      const found = await parts.analyst.steps(id, query.after);
      const steps = found.slice(0, httpLimits.stepsPerAnswer);
      const next = steps.length < found.length ? (steps.at(-1)?.number ?? null) : null;
      return c.json({ steps: redactDeep(steps), next });
    },
  }),
  apiRoute({
    method: "POST",
    path: "/api/incidents/:id/cancel",
    access: "responder",
    summary: "Stop the investigation, wherever it runs; the partial report is kept",
    answer: doneSchema,
    run: async ({ c, parts, by, id }) => outcome(c, await parts.analyst.cancel(id, by)),
  }),
  apiRoute({
    method: "POST",
    path: "/api/incidents/:id/feedback",
    access: "viewer",
    summary: "Say whether the report helped",
    body: feedbackSchema,
    answer: doneSchema,
    run: async ({ c, parts, by, id, body: { verdict, reason = null } }) =>
      outcome(c, await parts.analyst.feedback(id, verdict, reason, by)),
  }),
  apiRoute({
    method: "POST",
    path: "/api/regroup",
    access: "responder",
    summary: "Merge two incidents, or split alarms off one",
    body: regroupSchema,
    answer: doneSchema,
    status: 202,
    run: async ({ c, parts, by, body }) => {
      const named = body.kind === "merge" ? [body.incident, body.into] : [body.incident];
      const found = await Promise.all(named.map((id) => parts.analyst.incident(id)));
      if (found.includes(null)) return notFound(c, "incident");
      await regroup(parts, body, by);
      return c.json({ done: true }, 202);
    },
  }),
  ...adminRoutes,
];

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
