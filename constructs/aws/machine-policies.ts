import { artefactKeys, artefactPrefixes } from "../core/artefacts.ts";
import { poolRole, secretName, serverRole } from "../core/names.ts";
import { bucketArn, secretArn } from "./partition.ts";

/** One statement of an IAM policy; these only ever allow. */
export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

export interface MachinePolicyProps {
  readonly environment: string;
  readonly region: string;
  readonly accountId: string;
  /** Name of the region's artefact bucket. */
  readonly artefactBucket: string;
}

/** EC2's describe actions know no resources: the one place for a wildcard. */
const findServers: PolicyStatement = { Sid: "FindServers", Effect: "Allow", Action: ["ec2:DescribeInstances"], Resource: ["*"] };

/**
 * What servers may do: read what the region is made of, publish what apps there are and what state they are in, pass
 * on the right to write a compiled component (one key at a time, by presigned request), keep every role's secret.
 */
export function serverPolicy(props: MachinePolicyProps & { readonly pools: readonly string[] }): PolicyStatement[] {
  const bucket = bucketArn(props.region, props.artefactBucket);
  const { apps, bundles, compiled, components, releases } = artefactPrefixes;
  const secrets = [serverRole, ...props.pools.map(poolRole)].map((role) =>
    secretArn({ ...props, name: secretName({ environment: props.environment, role }) }),
  );
  return [
    { Sid: "ListArtefacts", Effect: "Allow", Action: ["s3:ListBucket"], Resource: [bucket] },
    {
      Sid: "ReadArtefacts",
      Effect: "Allow",
      Action: ["s3:GetObject"],
      Resource: [bundles, releases, apps, components, compiled].map((prefix) => `${bucket}/${prefix}*`),
    },
    {
      Sid: "PublishIndexAndStatus",
      Effect: "Allow",
      Action: ["s3:PutObject"],
      Resource: [`${bucket}/${artefactKeys.index}`, `${bucket}/${artefactKeys.status}`, `${bucket}/${compiled}*`],
    },
    { Sid: "KeepSecrets", Effect: "Allow", Action: ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"], Resource: secrets },
    findServers,
  ];
}

/** What the machines of one pool may do: read what they serve and their own secret. They write nothing. */
export function poolPolicy(props: MachinePolicyProps & { readonly pool: string }): PolicyStatement[] {
  const bucket = bucketArn(props.region, props.artefactBucket);
  const { bundles, compiled, releases } = artefactPrefixes;
  return [
    {
      Sid: "ReadArtefacts",
      Effect: "Allow",
      Action: ["s3:GetObject"],
      Resource: [`${bundles}*`, `${releases}*`, artefactKeys.index, artefactKeys.app("*"), `${compiled}*`].map((key) => `${bucket}/${key}`),
    },
    {
      Sid: "ReadOwnSecret",
      Effect: "Allow",
      Action: ["secretsmanager:GetSecretValue"],
      Resource: [secretArn({ ...props, name: secretName({ environment: props.environment, role: poolRole(props.pool) }) })],
    },
    findServers,
  ];
}
