import { cloudDialect } from "./dialect-cloud.ts";
import { jvmDialect } from "./dialect-jvm.ts";
import { meshDialect } from "./dialect-mesh.ts";
import { otlpDialect } from "./dialect-otlp.ts";
import { prometheusDialect } from "./dialect-prometheus.ts";
import type { Dialect } from "./dialects.ts";

export const dialects: readonly Dialect[] = [
  prometheusDialect,
  otlpDialect,
  jvmDialect,
  meshDialect,
  cloudDialect,
];
