/** A dimension as CloudWatch names it. */
export interface Dimension {
  readonly name: string;
  readonly value: string;
}

/**
 * Dimensions that name a service, in the order they are asked: what the user's own code says, then
 * the thing that serves (an ECS service, a function, an API), then what stands before it, then the
 * stores and queues it uses, which are services of their own.
 */
const serviceDimensions = [
  ...["service", "service.name", "servicename", "service_name", "app", "application"],
  ...["functionname", "apiname", "apiid", "targetgroup", "loadbalancer", "statemachinearn"],
  ...["dbclusteridentifier", "dbinstanceidentifier", "tablename", "queuename", "topicname"],
  ...["streamname", "cacheclusterid", "replicationgroupid", "bucketname", "distributionid"],
  ...["rulename", "natgatewayid", "autoscalinggroupname", "instanceid", "clustername"],
];

/**
 * The service a metric speaks of: the value of the first dimension of the list above, shortened
 * (`app/checkout/50dc6c` and `targetgroup/checkout/73e2d` are `checkout`), renamed by the setting
 * `services`; a metric without such a dimension belongs to the last word of its namespace. `by` is
 * the dimension that said so.
 */
export function serviceOf(
  namespace: string,
  dimensions: readonly Dimension[],
  names: Readonly<Record<string, string>>,
): { readonly service: string; readonly by: Dimension | null } {
  for (const dimension of dimensions) {
    const named = names[dimension.value] ?? names[shortName(dimension.value)];
    if (named) return { service: named, by: dimension };
  }
  for (const wanted of serviceDimensions) {
    const found = dimensions.find(({ name }) => name.toLowerCase() === wanted);
    if (found?.value) return { service: shortName(found.value), by: found };
  }
  const service = names[namespace] ?? namespace.split("/").at(-1) ?? namespace;
  return { service, by: null };
}

/** `/aws/lambda/checkout`, `/ecs/checkout` and `/prod/checkout` are `checkout`. */
export function serviceOfLogGroup(group: string, names: Readonly<Record<string, string>>): string {
  const plain = group.replace(/^arn:[^/]*:log-group:/, "").replace(/^\d{12}:|:\*$/g, "");
  const last = plain.split("/").filter(Boolean);
  // An API Gateway group ends in its stage; Container Insights groups end in what they hold.
  const tail = /^(application|dataplane|host|performance|access-logs)$/;
  const word = tail.test(last.at(-1) ?? "") ? last.at(-2) : last.at(-1);
  return names[plain] ?? names[word ?? ""] ?? word ?? plain;
}

function shortName(value: string): string {
  const balancer = /^(?:app|net|gwy|targetgroup)\/([^/]+)\//.exec(value);
  if (balancer?.[1]) return balancer[1];
  return value.startsWith("arn:") ? (value.split(/[:/]/).at(-1) ?? value) : value;
}
