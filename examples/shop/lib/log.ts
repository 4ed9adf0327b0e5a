import { type LogAttributes, logs, SeverityNumber } from "@opentelemetry/api-logs";

/** Structured log lines. Inside a request they carry its trace id. */
export const log = {
  info: (body: string, attributes?: LogAttributes) =>
    emit(SeverityNumber.INFO, "INFO", body, attributes),
  warn: (body: string, attributes?: LogAttributes) =>
    emit(SeverityNumber.WARN, "WARN", body, attributes),
  error: (body: string, attributes?: LogAttributes) =>
    emit(SeverityNumber.ERROR, "ERROR", body, attributes),
};

function emit(
  severityNumber: SeverityNumber,
  severityText: string,
  body: string,
  attributes: LogAttributes = {},
): void {
  logs.getLogger("shop").emit({ severityNumber, severityText, body, attributes });
}
