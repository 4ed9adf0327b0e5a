import { type Imagined, isOn, onset } from "./imagined.ts";

const lines = (
  service: string,
  severity: "INFO" | "WARN" | "ERROR",
  at: readonly number[],
  body: string,
) => at.map((minute) => ({ minute, service, severity, body }));

/** What no change of the team made: certificates, names, disks, machines, partners, demand. */
export const outsideIncidents: readonly Imagined[] = [
  {
    name: "certificate-expiry",
    fault: {
      cut: (caller, callee, minute) =>
        caller === "orders" && callee === "payments" && isOn(minute)
          ? [
              "tls: failed to verify certificate: x509: certificate has expired or is not yet valid",
              4,
            ]
          : undefined,
    },
    alarm: { service: "orders", measure: "errors", summary: "orders: error rate above 5 %" },
    services: ["payments", "orders"],
    guilty: [],
  },
  {
    name: "dns-failure",
    fault: {
      cut: (caller, callee, minute) =>
        caller === "inventory" && callee === "mysql" && isOn(minute) && minute % 0.05 < 0.03
          ? ["getaddrinfo EAI_AGAIN mysql.prod.internal", 5004]
          : undefined,
    },
    alarm: { service: "orders", measure: "errors", summary: "orders: error rate above 5 %" },
    services: ["inventory"],
    guilty: [],
  },
  {
    name: "disk-full",
    fault: {
      fails: ({ service, minute, chance }) =>
        service === "mysql" && isOn(minute) && chance() < 0.5
          ? "ERROR 1021 (HY000): Disk full (/var/lib/mysql/#sql); No space left on device"
          : undefined,
      resource: (service, name, minute, usual) =>
        service === "mysql" && name === "disk"
          ? Math.min(1, usual + 0.0115 * (minute + 40))
          : undefined,
    },
    alarm: { service: "gateway", measure: "errors", summary: "gateway 5xx above 2 %" },
    services: ["mysql"],
    guilty: [],
  },
  {
    name: "cache-restart",
    fault: {
      calls: (caller, callee, minute) =>
        caller === "search" && callee === "elastic" && isOn(minute) ? 1 : undefined,
      slow: ({ service, minute }) =>
        service === "elastic" && isOn(minute) ? { times: 12 } : undefined,
      resource(service, name, minute, usual) {
        if (service === "redis" && name === "memory" && isOn(minute)) {
          return Math.min(usual, 2e7 * (minute - onset + 1));
        }
        return service === "elastic" && name === "cpu" && isOn(minute) ? 0.93 : undefined;
      },
      lines: [
        ...lines("redis", "INFO", [onset], "Server initialized, Redis version=7.4.1"),
        ...lines("redis", "INFO", [onset + 0.01], "Ready to accept connections tcp"),
        ...lines(
          "search",
          "WARN",
          [3.1, 3.2, 3.5, 4, 5, 7, 9],
          "cache miss ratio high, falling back to index",
        ),
      ],
    },
    alarm: { service: "search", measure: "meanMs", summary: "search is slow" },
    services: ["redis", "elastic", "search"],
    guilty: [],
  },
  {
    name: "noisy-neighbour",
    fault: {
      slow: ({ service, minute }) =>
        (service === "inventory" || service === "search") && isOn(minute)
          ? { times: 6 }
          : undefined,
      resource: (service, name, minute, usual) =>
        (service === "inventory" || service === "search") && name === "cpu" && isOn(minute)
          ? usual * 1.6
          : undefined,
      lines: [
        ...lines(
          "inventory",
          "WARN",
          [3.4, 4.4, 6.1],
          "event loop delayed: cpu steal 71% on node ip-10-2-7-14",
        ),
        ...lines(
          "search",
          "WARN",
          [3.6, 5.2, 6.6],
          "slow tick: cpu steal 69% on node ip-10-2-7-14",
        ),
      ],
    },
    alarm: { service: "web", measure: "p95Ms", summary: "web p95 latency is high" },
    services: ["inventory", "search"],
    guilty: [],
  },
  {
    name: "rate-limited",
    fault: {
      fails: ({ service, minute, chance }) =>
        service === "acquirer" && isOn(minute) && chance() < 0.6
          ? "429 Too Many Requests from api.acquirer-pay.example.com, retry-after 30"
          : undefined,
    },
    alarm: { service: "payments", measure: "errors", summary: "payments fail" },
    services: ["payments"],
    guilty: [],
  },
  {
    name: "clock-skew",
    fault: {
      fails: ({ service, minute, chance }) =>
        service === "gateway" && isOn(minute) && chance() < 0.4
          ? "token rejected: issued in the future (iat 95 s ahead), clock skew beyond leeway"
          : undefined,
    },
    alarm: { service: "web", measure: "errors", summary: "logins fail now and then" },
    services: ["gateway"],
    guilty: [],
  },
  {
    name: "partition",
    fault: {
      cut: (caller, callee, minute) =>
        caller === "orders" && callee === "inventory" && isOn(minute)
          ? ["dial tcp 10.8.3.11:8080: i/o timeout", 3000]
          : undefined,
    },
    alarm: { service: "gateway", measure: "errors", summary: "checkout fails" },
    services: ["inventory", "orders"],
    guilty: [],
  },
  {
    name: "surge",
    fault: {
      load: (minute) => (isOn(minute) ? 3.5 : 1),
      slow: ({ service, minute }) =>
        service === "search" && isOn(minute) ? { times: 8 } : undefined,
      resource: (service, name, minute, usual) =>
        isOn(minute) && name === "cpu"
          ? Math.min(0.98, usual * (service === "search" ? 5 : 1.6))
          : undefined,
    },
    alarm: { service: "web", measure: "p95Ms", summary: "web is slow" },
    services: ["search", "web", "gateway"],
    guilty: [],
  },
  {
    name: "crash-seen-by-caller",
    fault: {
      cut: (caller, callee, minute) =>
        caller === "orders" && callee === "inventory" && isOn(minute) && minute % 2 < 1.2
          ? ["dial tcp 10.8.3.11:8080: connect: connection refused", 1]
          : undefined,
    },
    alarm: { service: "orders", measure: "errors", summary: "orders: many errors" },
    without: ["baseline", "changes", "inventory"],
    window: [-6, 15],
    services: ["inventory"],
    guilty: [],
  },
  {
    name: "pool-seen-by-caller",
    fault: {
      slow: ({ service, minute }) =>
        service === "inventory" && isOn(minute) ? { addMs: 2500 } : undefined,
      fails: ({ service, minute, chance }) =>
        service === "orders" && minute > onset + 1 && chance() < 0.5
          ? "no worker slot free after 2000 ms (slots 16 of 16 in use)"
          : service === "inventory" && isOn(minute) && chance() < 0.3
            ? "timeout acquiring connection from pool (max 10)"
            : undefined,
      resource: (service, name, minute) =>
        service === "inventory" && name === "pool" && isOn(minute)
          ? 10
          : service === "orders" && name === "threads" && minute > onset + 1
            ? 200
            : undefined,
    },
    alarm: { service: "orders", measure: "errors", summary: "orders: many errors" },
    without: ["baseline", "changes"],
    window: [-6, 15],
    services: ["inventory"],
    guilty: [],
  },
];
