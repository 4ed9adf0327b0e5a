import { type Frame, texts } from "../../core/frame.ts";
import { limits } from "../../core/limits.ts";
import type { AlarmsQuery, ChangesQuery } from "../../core/query.ts";
import { completeChanges } from "../changes/change-service.ts";
import { type Answerer, type Capture, cut, inWindow, nothing, rowLimit } from "./answer.ts";
import type { Stop } from "./engine.ts";
import { selectRows } from "./frame-rows.ts";

/** Changes in the window, oldest first. */
export const changes: Answerer<ChangesQuery> = {
  tables: ["changes"],
  async answer(capture, query, window, stop) {
    const sql = `SELECT ms(timestamp) AS timestamp, kind, service, ref, title, author, files,
  left(diff, 100000) AS diff\nFROM changes\nWHERE ${inWindow("timestamp", window)}
ORDER BY changes.timestamp, ref`;
    const read = await capture.store.engine.query(`${sql}\nLIMIT ${limits.rowsMax}`, stop);
    const isOwned = texts(read, "service").every((service) => service);
    const known = isOwned ? [] : await knownServices(capture, read, stop);
    const complete = completeChanges(read, known);
    const service = texts(complete, "service");
    const wanted = query.services
      ? selectRows(complete, (row) => query.services?.includes(service[row] ?? "") ?? true)
      : complete;
    return { ...cut(wanted, rowLimit(query.limit, limits.rowsMax)), sql };
  },
};

async function knownServices(capture: Capture, read: Frame, stop: Stop): Promise<string[]> {
  const { incident, store } = capture;
  const known = new Set([
    ...incident.services,
    incident.trigger.service,
    ...texts(read, "service"),
  ]);
  for (const name of ["metrics", "spans", "logs"] as const) {
    const table = await store.table(name, stop);
    if (table.state !== "ready") continue;
    const frame = await store.engine.query(`SELECT DISTINCT service FROM ${name}`, stop);
    for (const service of texts(frame, "service")) known.add(service);
    // Lines may be many, and whoever logs is nearly always measured too.
    if (name === "spans" && known.size > 1) break;
  }
  return [...known].filter((service): service is string => Boolean(service));
}

/** The alarm that started the incident, as the recording has it. */
export const alarms: Answerer<AlarmsQuery> = {
  tables: [],
  async answer(capture, query, window) {
    const { trigger, title } = capture.incident;
    const firedAt = trigger.firedAt ?? window.to;
    const isAsked = query.names?.includes(trigger.name ?? title) ?? true;
    if (trigger.kind !== "alarm" || firedAt >= window.to || !isAsked)
      return { ...nothing, sql: incidentFile };
    const text = (name: string, value: string | null) => ({
      name,
      type: "text" as const,
      values: [value],
    });
    const frame: Frame = {
      length: 1,
      columns: [
        text("name", trigger.name ?? title),
        text("service", trigger.service ?? null),
        text("state", "firing"),
        { name: "since", type: "time", values: Float64Array.of(firedAt) },
        text("reason", trigger.summary ?? title),
      ],
    };
    return { ...cut(frame, rowLimit(query.limit)), sql: incidentFile };
  },
};

const incidentFile = "trigger of incident.json";
