import {
  aws_cloudwatch_actions as actions,
  CfnOutput,
  aws_cloudwatch as cloudwatch,
  Duration,
  aws_iam as iam,
  type Stack,
  aws_sns as sns,
  aws_sqs as sqs,
  aws_sns_subscriptions as subscriptions,
} from "aws-cdk-lib";

/**
 * A topic that alarms of this account name as their action; what Shodo reads stands in the queue.
 */
export function alarmQueue(stack: Stack, email: string | undefined): sqs.Queue {
  const kept = { enforceSSL: true, retentionPeriod: Duration.days(14) };
  const lost = new sqs.Queue(stack, "Lost", kept);
  // Shodo puts aside what it cannot read. Only outages count up to this, some 16 hours of them.
  const deadLetterQueue = { queue: lost, maxReceiveCount: 1_000 };
  const visibilityTimeout = Duration.seconds(60);
  const queue = new sqs.Queue(stack, "Alarms", { ...kept, deadLetterQueue, visibilityTimeout });
  const topic = alarmTopic(stack, "AlarmTopic");
  topic.addSubscription(new subscriptions.SqsSubscription(queue, { deadLetterQueue: lost }));
  new CfnOutput(stack, "AlarmAction", { value: topic.topicArn });

  const trouble = alarmTopic(stack, "Trouble");
  if (email) trouble.addSubscription(new subscriptions.EmailSubscription(email));
  const watched: readonly [string, cloudwatch.Metric, number][] = [
    ["AlarmsLost", lost.metricApproximateNumberOfMessagesVisible({ statistic: "Maximum" }), 1],
    ["AlarmsWait", queue.metricApproximateAgeOfOldestMessage({ statistic: "Maximum" }), 300],
  ];
  for (const [id, metric, threshold] of watched) {
    new cloudwatch.Alarm(stack, id, {
      ...{ metric, threshold, evaluationPeriods: 1 },
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    }).addAlarmAction(new actions.SnsAction(trouble));
  }
  return queue;
}

/** A policy of its own replaces the one by which CloudWatch may publish, so that says it again. */
function alarmTopic(stack: Stack, id: string): sns.Topic {
  const topic = new sns.Topic(stack, id, { enforceSSL: true });
  topic.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal("cloudwatch.amazonaws.com")],
      ...{ actions: ["sns:Publish"], resources: [topic.topicArn] },
      conditions: { StringEquals: { "aws:SourceAccount": stack.account } },
    }),
  );
  return topic;
}
