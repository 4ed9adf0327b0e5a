import { diff, type Imagined, isOn, onset } from "./imagined.ts";

/** What a change of the team made. */
export const changeIncidents: readonly Imagined[] = [
  {
    name: "lock-contention",
    fault: {
      slow: ({ service, minute }) =>
        service === "mysql" && isOn(minute) ? { addMs: 1800 } : undefined,
      fails: ({ service, minute, chance }) =>
        service === "mysql" && isOn(minute) && chance() < 0.15
          ? "Lock wait timeout exceeded; try restarting transaction (orders)"
          : undefined,
      resource: (service, name, minute) =>
        name === "pool" && isOn(minute) && (service === "orders" || service === "inventory")
          ? 20
          : service === "mysql" && name === "pool" && isOn(minute)
            ? 148
            : undefined,
    },
    alarm: { service: "orders", measure: "meanMs", summary: "orders are slow" },
    changes: [
      {
        ...{ minute: onset - 0.3, kind: "infrastructure", service: "mysql", ref: "migration/118" },
        title: "Add a column to orders",
        diff: "--- /dev/null\n+++ b/migrations/118.sql\n@@ -0,0 +1,2 @@\n+ALTER TABLE orders ADD COLUMN channel VARCHAR(20) NOT NULL DEFAULT 'web', LOCK=EXCLUSIVE;\n+UPDATE orders SET channel = 'app' WHERE source LIKE '%app%';\n",
      },
    ],
    services: ["mysql"],
    guilty: ["migration/118"],
  },
  {
    name: "consumer-lag",
    fault: {
      slow: ({ service, minute }) =>
        service === "mailer" && isOn(minute) ? { addMs: 4000 } : undefined,
      resource: (service, name, minute) =>
        service === "mailer" && name === "lag" && isOn(minute)
          ? 4 + (minute - onset) * 60
          : undefined,
      lines: [4, 5, 6, 7, 8, 9].map((minute) => ({
        ...{ minute, service: "mailer", severity: "WARN" as const },
        body: "poll interval exceeded, partition order-events-3 revoked",
      })),
    },
    alarm: {
      service: "mailer",
      measure: "lag",
      threshold: 200,
      summary: "mailer: consumer lag above 200",
    },
    changes: [
      {
        ...{ minute: onset - 0.1, kind: "deploy", service: "mailer", ref: "mailer@3.2.0" },
        title: "Attach the invoice to each mail",
        diff: diff(
          "src/mail.ts",
          "  await send(mail);",
          "  for (const page of invoice.pages) await renderPdf(page);\n+  await send(mail);",
        ),
      },
    ],
    services: ["mailer"],
    guilty: ["mailer@3.2.0"],
  },
  {
    name: "bad-config",
    fault: {
      fails: ({ service, minute, chance }) =>
        service === "inventory" && isOn(minute) && chance() < 0.45
          ? "reservation timed out after 20 ms"
          : undefined,
    },
    alarm: { service: "web", measure: "errors", summary: "web: 5xx above 1 %" },
    changes: [
      {
        ...{
          minute: onset - 0.2,
          kind: "config",
          service: "inventory",
          ref: "config/inventory#88",
        },
        title: "Tighten limits",
        diff: diff(
          "config/inventory.yaml",
          "reservation_timeout_ms: 2000",
          "reservation_timeout_ms: 20",
        ),
      },
    ],
    services: ["inventory"],
    guilty: ["config/inventory#88"],
  },
  {
    name: "flag-for-tenant",
    fault: {
      fails: ({ service, minute, tenant }) =>
        service === "payments" && isOn(minute) && tenant === "jp"
          ? "unsupported currency JPY for instant settlement"
          : undefined,
    },
    alarm: { service: "payments", measure: "errors", summary: "payments: some fail" },
    changes: [
      {
        ...{ minute: onset, kind: "flag", service: "payments", ref: "flag/instant-settlement" },
        title: "instant-settlement: on for jp",
      },
    ],
    services: ["payments"],
    guilty: ["flag/instant-settlement"],
  },
  {
    name: "memory-leak",
    fault: {
      slow: ({ service, minute }) =>
        service === "search" && isOn(minute) ? { times: 1 + (minute - onset) * 0.6 } : undefined,
      resource: (service, name, minute, usual) =>
        service === "search" && name === "memory" && minute > -14
          ? usual * (1 + (minute + 14) * 0.12)
          : undefined,
      lines: [5, 7, 8, 9, 10, 11, 12, 13].map((minute) => ({
        ...{ minute, service: "search", severity: "WARN" as const },
        body: "GC overhead: 2140 ms spent in full collection, heap 96% used",
      })),
    },
    alarm: { service: "search", measure: "meanMs", summary: "search is slow" },
    changes: [
      {
        ...{ minute: -14, kind: "deploy", service: "search", ref: "search@7.5.0" },
        title: "Remember what users looked at",
        diff: diff(
          "src/history.ts",
          "  // stateless",
          "const history = new Map();\n+  history.set(request.id, request.hits);",
        ),
      },
    ],
    services: ["search"],
    guilty: ["search@7.5.0"],
  },
  {
    name: "retry-storm",
    fault: {
      calls: (caller, callee, minute) =>
        caller === "orders" && callee === "payments" && isOn(minute) ? 4 : undefined,
      slow: ({ service, minute }) =>
        service === "payments" && isOn(minute) ? { times: 6 } : undefined,
    },
    alarm: { service: "payments", measure: "meanMs", summary: "payments are slow" },
    changes: [
      {
        ...{ minute: onset - 0.1, kind: "deploy", service: "orders", ref: "orders@9.1.0" },
        title: "Be patient with payments",
        diff: diff(
          "src/pay.ts",
          "  await pay(order);",
          "  for (let attempt = 0; attempt < 4; attempt++) await pay(order);",
        ),
      },
    ],
    services: ["orders"],
    guilty: ["orders@9.1.0"],
  },
  {
    name: "data-migration",
    fault: {
      fails: ({ service, minute, chance }) =>
        service === "inventory" && isOn(minute) && chance() < 0.25
          ? "cannot parse quantity 'N/A' of sku 55121"
          : undefined,
    },
    alarm: { service: "inventory", measure: "errors", summary: "inventory: errors" },
    changes: [
      {
        ...{ minute: onset - 0.5, kind: "infrastructure", service: "mysql", ref: "migration/119" },
        title: "Mark unknown quantities",
        diff: "--- /dev/null\n+++ b/migrations/119.sql\n@@ -0,0 +1 @@\n+UPDATE stock SET quantity = 'N/A' WHERE quantity IS NULL;\n",
      },
    ],
    services: ["inventory", "mysql"],
    guilty: ["migration/119"],
  },
  {
    name: "kpi-only",
    fault: { load: (minute, kind) => (kind === "orders" && isOn(minute) ? 0.25 : 1) },
    alarm: { service: "orders", measure: "orders", summary: "orders placed fell by 70 %" },
    changes: [
      {
        ...{ minute: onset, kind: "flag", service: "web", ref: "flag/new-buy-box" },
        title: "new-buy-box: on for all; the buy button moves below the reviews",
      },
    ],
    services: ["web", "orders"],
  },
  {
    name: "two-hops-away",
    fault: {
      calls: (caller, callee, minute) =>
        caller === "inventory" && callee === "mysql" && isOn(minute) ? 24 : undefined,
      resource: (service, name, minute) =>
        service === "mysql" && name === "cpu" && isOn(minute) ? 0.81 : undefined,
    },
    alarm: { service: "web", measure: "p95Ms", summary: "web p95 latency is high" },
    changes: [
      {
        ...{ minute: onset - 0.2, kind: "deploy", service: "inventory", ref: "inventory@4.0.0" },
        title: "Check stock per warehouse",
        diff: diff(
          "src/stock.ts",
          "  return query(sku);",
          "  for (const house of warehouses) stock.push(await query(sku, house));",
        ),
      },
    ],
    services: ["inventory"],
    guilty: ["inventory@4.0.0"],
  },
];
