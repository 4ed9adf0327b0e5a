CREATE EXTERNAL TABLE IF NOT EXISTS cloudtrail (
  eventversion string,
  useridentity struct<type:string, principalid:string, arn:string, accountid:string,
    invokedby:string, username:string>,
  eventtime string, eventsource string, eventname string, awsregion string,
  sourceipaddress string, useragent string, errorcode string, errormessage string,
  requestparameters string, responseelements string, requestid string, eventid string,
  readonly string, eventtype string, recipientaccountid string
)
PARTITIONED BY (day string)
ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'
STORED AS INPUTFORMAT 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION 's3://YOUR-BUCKET/AWSLogs/YOUR-ACCOUNT/CloudTrail/YOUR-REGION/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy/MM/dd',
  'projection.day.range' = '2026/01/01,NOW',
  'projection.day.interval' = '1',
  'projection.day.interval.unit' = 'DAYS',
  'storage.location.template' = 's3://YOUR-BUCKET/AWSLogs/YOUR-ACCOUNT/CloudTrail/YOUR-REGION/${day}'
);
