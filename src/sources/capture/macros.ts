/**
 * Words of SQL that the capture's views and queries share. They stand in every native query that is
 * shown, and `native` queries may use them too.
 */
export const captureMacros: readonly string[] = [
  // Epoch seconds, milliseconds, microseconds or nanoseconds, told apart by size: the borders lie
  // in the years 5138 (s), 1973 (ms) and 1973 (us).
  `CREATE MACRO time_of_number(n) AS CAST(make_timestamp(CAST(CASE
     WHEN n IS NULL OR NOT isfinite(n) OR abs(n) >= 9e18 THEN NULL
     WHEN abs(n) < 1e11 THEN n * 1e6 WHEN abs(n) < 1e14 THEN n * 1e3
     WHEN abs(n) < 1e17 THEN n ELSE n / 1e3 END AS BIGINT)) AS TIMESTAMPTZ)`,
  // Times as loggers and web servers write them: a comma before the milliseconds, slashes, words.
  `CREATE MACRO time_as_logged(t) AS coalesce(
     try_cast(regexp_replace(t, '(\\d{2}:\\d{2}:\\d{2}),(\\d+)', '\\1.\\2') AS TIMESTAMPTZ),
     CAST(try_strptime(t, ['%Y/%m/%d %H:%M:%S', '%Y/%m/%d %H:%M:%S.%f', '%Y%m%d %H:%M:%S',
       '%a, %d %b %Y %H:%M:%S GMT', '%d/%b/%Y:%H:%M:%S +0000']) AS TIMESTAMPTZ))`,
  // An expression that a macro repeats is computed ahead for every row. Handing it through a list
  // names it once, so that only the rows that need it pay for it.
  `CREATE MACRO time_of_text(t) AS coalesce(try_cast(t AS TIMESTAMPTZ),
     list_transform([try_cast(t AS DOUBLE)], lambda n: time_of_number(n))[1], time_as_logged(t))`,
  `CREATE MACRO is_possible_time(t) AS
     t >= TIMESTAMPTZ '1980-01-01 00:00:00+00' AND t < TIMESTAMPTZ '2200-01-01 00:00:00+00'`,
  // A duration whose column names no unit is in that of the start beside it, as Jaeger and Zipkin
  // write both in microseconds; milliseconds where the start tells none.
  `CREATE MACRO duration_as_start(d, start) AS CASE
     WHEN start >= 1e17 THEN d / 1e6 WHEN start >= 1e14 THEN d / 1e3 ELSE d END`,
  // Of a file without services: what a label says, or the name before the measure, as in
  // `carts-db_mem`. A name before it that says what is measured (`node_cpu`) owns nothing.
  `CREATE MACRO service_of_metric(a, m) AS coalesce(
     list_filter(json_extract_string(a, ['$.service', '$."service.name"', '$.service_name',
       '$.destination_service_name', '$.destination_workload', '$.app', '$.deployment',
       '$.container', '$.pod', '$.job', '$.host']), lambda v: v <> '')[1],
     list_filter([regexp_extract(m, '(?i)^(.+?)[_/](?:(?:container|istio|grpc|http|node)[-_])?'
       || '(?:cpu|mem|memory|disk|diskio|latency|load|workload|errors?|sockets?|network|requests?'
       || '|rps|qps|response|duration|success|throughput)(?:[-_./].*)?$', 1)],
       lambda v: v <> '' AND NOT regexp_matches(v, '(?i)^(?:node|process|container|system|host'
       || '|http|grpc|istio|kube|jvm|go|aws)\\b'))[1], '')`,
  // Epoch milliseconds with their fraction.
  `CREATE MACRO ms(t) AS epoch_us(t) / 1000.0`,
  // Athena's word for what it also writes its way, so that one query reads a capture and a lake.
  `CREATE MACRO json_extract_scalar(value, path) AS json_extract_string(value,
     regexp_replace(path, '\\["([^"]*)"\\]', '."\\1"', 'g'))`,
  // Numbers as OTLP has them up to 24, above that as pino and bunyan do.
  `CREATE MACRO severity_of_number(n) AS CASE
     WHEN n IS NULL OR n < 1 THEN NULL
     WHEN n > 24 THEN CASE WHEN n < 40 THEN 'info' WHEN n < 50 THEN 'warn'
                           WHEN n < 60 THEN 'error' ELSE 'fatal' END
     WHEN n < 5 THEN 'trace' WHEN n < 9 THEN 'debug' WHEN n < 13 THEN 'info'
     WHEN n < 17 THEN 'warn' WHEN n < 21 THEN 'error' ELSE 'fatal' END`,
  `CREATE MACRO severity_of_word(w) AS CASE lower(w)
     WHEN 'info' THEN 'info' WHEN 'error' THEN 'error' WHEN 'warn' THEN 'warn'
     WHEN 'warning' THEN 'warn' WHEN 'debug' THEN 'debug' WHEN 'trace' THEN 'trace'
     WHEN 'fatal' THEN 'fatal' WHEN 'information' THEN 'info' WHEN 'informational' THEN 'info'
     WHEN 'notice' THEN 'info' WHEN 'default' THEN 'info' WHEN 'err' THEN 'error'
     WHEN 'severe' THEN 'error' WHEN 'alert' THEN 'fatal' WHEN 'critical' THEN 'fatal'
     WHEN 'crit' THEN 'fatal' WHEN 'emergency' THEN 'fatal' WHEN 'emerg' THEN 'fatal'
     WHEN 'panic' THEN 'fatal' WHEN 'verbose' THEN 'trace' WHEN 'finest' THEN 'trace'
     WHEN 'finer' THEN 'trace' WHEN 'fine' THEN 'debug' WHEN 'config' THEN 'debug' END`,
  // Forms that are rarer: a word inside other text, a number, a level that the line itself names
  // (level=error, "severity":"warn", or a word near its start), the 5xx of an access log.
  `CREATE MACRO severity_guess(w, b) AS list_transform([[
     regexp_extract(w, '(?i)^\\s*(?:SEVERITY_NUMBER_)?([a-z]+)', 1),
     list_transform([try_cast(w AS DOUBLE)], lambda n: severity_of_number(n))[1],
     regexp_extract(left(b, 400),
       '(?i)(?:^|[^a-z])(?:level|severity|lvl)["'']?\\s*[=:]\\s*["'']?([a-z]+)', 1),
     regexp_extract(left(b, 120), '(?:^|[^A-Za-z])(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE'
       || '|FATAL|CRITICAL|PANIC)(?:[^A-Za-z]|$)', 1),
     CASE WHEN regexp_matches(left(b, 400), 'HTTP/[0-9.]+" 5\\d\\d ') THEN 'error' END]],
     lambda g: coalesce(severity_of_word(g[1]), g[2], severity_of_word(g[3]),
       severity_of_word(g[4]), g[5]))[1]`,
  // The usual spellings first, without folding case for every row; all in one CASE, since a
  // coalesce copies what it chooses.
  `CREATE MACRO severity_of(w, b) AS CASE w
     WHEN 'INFO' THEN 'info' WHEN 'ERROR' THEN 'error' WHEN 'WARN' THEN 'warn'
     WHEN 'DEBUG' THEN 'debug' WHEN 'info' THEN 'info' WHEN 'error' THEN 'error'
     WHEN 'warn' THEN 'warn' WHEN 'debug' THEN 'debug' WHEN 'WARNING' THEN 'warn'
     WHEN 'FATAL' THEN 'fatal' WHEN 'TRACE' THEN 'trace'
     ELSE coalesce(severity_guess(w, b), 'info') END`,
  `CREATE MACRO severity_rank(s) AS CASE s WHEN 'trace' THEN 0 WHEN 'debug' THEN 1
     WHEN 'warn' THEN 3 WHEN 'error' THEN 4 WHEN 'fatal' THEN 5 ELSE 2 END`,
  // OTLP's numbers and names, and plain words in any case.
  `CREATE MACRO span_kind(k) AS CASE k WHEN '0' THEN NULL WHEN '1' THEN 'internal'
     WHEN '2' THEN 'server' WHEN '3' THEN 'client' WHEN '4' THEN 'producer' WHEN '5' THEN 'consumer'
     ELSE nullif(replace(lower(k), 'span_kind_', ''), '') END`,
  // OTLP's status code 2, its names, plain words, and HTTP codes from 500 up; the usual spellings
  // first, without folding case for every row (IN with a list would, as a join).
  `CREATE MACRO is_error_status(s) AS CASE s
     WHEN 'OK' THEN false WHEN 'UNSET' THEN false WHEN 'ERROR' THEN true
     WHEN 'ok' THEN false WHEN 'unset' THEN false WHEN 'error' THEN true
     WHEN 'Ok' THEN false WHEN 'Unset' THEN false WHEN 'Error' THEN true
     ELSE coalesce(list_contains(['error', 'status_code_error', '2', 'err', 'fail', 'failed',
         'failure', 'fault', 'exception', 'timeout', 'internal', 'unavailable',
         'deadline_exceeded'], lower(s))
       OR try_cast(s AS INTEGER) BETWEEN 500 AND 599, false) END`,
  // A status as recorded; where there is none, or it was left unset, what the attributes say in the
  // words of OpenTelemetry, OpenTracing and gRPC. An exception event tells only where no status was
  // recorded at all: an instrumentation that leaves it unset may have handled the exception.
  `CREATE MACRO status_or_attributes(s, a) AS CASE
     WHEN s <> '' AND lower(s) NOT IN ('unset', 'status_code_unset', '0', 'null') THEN s
     WHEN a IS NULL THEN s
     ELSE list_transform([json_extract_string(a, ['$."http.response.status_code"',
         '$."http.status_code"', '$.http.status_code', '$.http.response.status_code',
         '$."otel.status_code"', '$.error', '$."rpc.grpc.status_code"', '$.events'])],
       lambda v: CASE
         WHEN coalesce(try_cast(coalesce(v[1], v[2], v[3], v[4]) AS INTEGER) BETWEEN 500 AND 599
           OR lower(v[5]) = 'error' OR lower(v[6]) IN ('true', '1')
           OR v[7] IN ('2', '4', '12', '13', '14', '15')
           OR (coalesce(s, '') = '' AND regexp_matches(v[8], '"name":s*"exception"')), false)
         THEN 'error' ELSE s END)[1] END`,
  `CREATE MACRO message_of_json(body) AS CASE WHEN json_valid(body) THEN list_transform(
       [json_extract_string(body, ['$.message', '$.msg', '$.log', '$.event', '$.error.message',
         '$.err.message', '$.exception.message', '$.error', '$.err', '$.exception'])],
       lambda v: coalesce(nullif(concat_ws(' ', coalesce(v[1], v[2], v[3], v[4]),
         coalesce(v[5], v[6], v[7], v[8], v[9], v[10])), ''), body))[1] ELSE body END`,
  `CREATE MACRO value_of_pair(body, keys) AS nullif(trim(regexp_extract(body,
     '(?:^|\\s)(?:' || keys || ')=("(?:[^"\\\\]|\\\\.)*"|\\S+)', 1), '"'), '')`,
  `CREATE MACRO message_of_pairs(body) AS CASE
     WHEN regexp_matches(body, '^[\\w.@-]+=(?:[^"\\s]|"[^"]*")+ .*\\b(?:msg|message)=')
       OR regexp_matches(body, '^(?:msg|message)=') THEN coalesce(nullif(concat_ws(' ',
         value_of_pair(body, 'msg|message'), value_of_pair(body, 'err|error')), ''), body)
     ELSE body END`,
  `CREATE MACRO message_of_access(body) AS list_transform([regexp_extract(body,
       '"([A-Z]{3,7}) ([^ "?]+)[^"]* HTTP/[0-9.]+" ([1-5])\\d\\d ', ['method', 'path', 'class'])],
     lambda r: CASE WHEN r.class = '' THEN body ELSE r.method || ' ' || r.path || CASE r.class
       WHEN '5' THEN ' server error' WHEN '4' THEN ' client error' WHEN '3' THEN ' redirect'
       ELSE ' ok' END END)[1]`,
  // What a line says, without its envelope: the message and the error of a JSON object or of
  // key=value pairs; of an access log what was asked and how it ended, since one number tells a
  // failure from a success there. Cheap tests first: most lines are plain text and stay as they
  // are.
  `CREATE MACRO message_of(body) AS CASE
     WHEN starts_with(body, '{') THEN message_of_json(body)
     WHEN contains(body, 'msg=') OR contains(body, 'message=') THEN message_of_pairs(body)
     WHEN contains(body, ' HTTP/') THEN message_of_access(body)
     ELSE body END`,
  `CREATE MACRO first_line_of(m) AS CASE
     WHEN contains(m, chr(10)) THEN left(split_part(ltrim(m), chr(10), 1), 300)
     ELSE left(m, 300) END`,
  // The first line, at most 300 characters; one pass that marks quoted text, payloads in braces,
  // bracketed lists and every word that holds a digit. One condition tells the lines that may have
  // to be taken apart or cut from the others, since a CASE copies what it chooses; its words are
  // looked for by a part that begins with a rare letter.
  `CREATE MACRO mask(body) AS regexp_replace(CASE
       WHEN strlen(body) > 300 OR contains(body, chr(10)) OR (body >= '{' AND body < '|')
         OR contains(body, 'g=') OR contains(body, 'ge=') OR contains(body, 'HTTP/')
       THEN list_transform([message_of(body)], lambda m: first_line_of(m))[1] ELSE body END,
     '"[^"]*"|''[^''\\s]*''|\\{.*\\}|\\[[^\\[\\]]*[0-9,:"''{][^\\[\\]]*\\]|[A-Za-z_-]*[0-9][\\w-]*(?:[.:,]+[0-9][\\w-]*)*',
     '<*>', 'g')`,
  // The words of a masked line as hashes: the lowest bit tells a word of nothing but variables, of
  // which the plain one is 1.
  `CREATE MACRO hashed_words(masked) AS list_transform(
     list_filter(string_split(masked, ' '), lambda w: w <> ''),
     lambda w: CASE WHEN w = '<*>' THEN 1::UBIGINT
       WHEN starts_with(w, '<*>') AND regexp_full_match(w, '(?:<\\*>[,;|/]?)+') THEN hash(w) | 1
       ELSE hash(w) & 18446744073709551614::UBIGINT END)`,
];
