import { z } from "zod";
import { redactDeep } from "../../core/redaction.ts";
import { toIso } from "../../core/window.ts";
import { forgetIncident, forgetPerson } from "../forget.ts";
import type { Route } from "../route.ts";
import { fault, notFound } from "./answers.ts";
import { apiRoute, doneSchema } from "./api-route.ts";

const listMax = 100;
const removedSchema = z.object({ removed: z.record(z.string(), z.number().int()) });

/** What only an administrator does: deletion on request, and work that was given up. */
export const adminRoutes: readonly Route[] = [
  apiRoute({
    method: "DELETE",
    path: "/api/incidents/:id",
    access: "admin",
    summary:
      "Forget an incident whole; its alarms stay counted, and the audit log says that it was",
    answer: removedSchema,
    run: async ({ c, parts, by, id }) => {
      const done = await forgetIncident(parts, id, by);
      if (done.kind === "unknown") return notFound(c, "incident");
      if (done.kind === "running") {
        const message = "Its investigation is still stopping; ask again in a few seconds.";
        return c.json(fault("running", message), 409);
      }
      return c.json({ removed: { ...done.removed } });
    },
  }),
  apiRoute({
    method: "POST",
    path: "/api/people/forget",
    access: "admin",
    summary: "Forget a person's id and name wherever they stand; what was done stays, without them",
    body: z.strictObject({ id: z.string().min(1).max(200) }),
    answer: removedSchema,
    run: async ({ c, parts, by, body }) =>
      c.json({ removed: { ...(await forgetPerson(parts, body.id, by)) } }),
  }),
  apiRoute({
    method: "GET",
    path: "/api/dead-letters",
    access: "admin",
    summary: "Work that was given up, with the last fault of each",
    answer: z.object({
      jobs: z.array(
        z.object({
          id: z.string(),
          kind: z.string(),
          key: z.string(),
          attempts: z.number().int(),
          lastError: z.string().nullable(),
          createdAt: z.string(),
        }),
      ),
    }),
    run: async ({ c, parts }) => {
      const dead = await parts.store.jobs.list("dead", listMax);
      const jobs = dead.map(({ id, kind, key, attempts, lastError, createdAt }) => ({
        ...{ id, kind, key, attempts, lastError },
        createdAt: toIso(createdAt),
      }));
      return c.json(redactDeep({ jobs }));
    },
  }),
  apiRoute({
    method: "POST",
    path: "/api/dead-letters/:id/revive",
    access: "admin",
    summary: "Try work again that was given up",
    answer: doneSchema,
    run: async ({ c, parts, by, id }) => {
      if (!(await parts.store.jobs.revive(id))) return notFound(c, "dead letter");
      const entry = { at: parts.clock.now(), event: "job-revive", by: by.id, incident: null };
      await parts.store.audit.append({ ...entry, detail: { job: id } });
      return c.json({ done: true });
    },
  }),
];
