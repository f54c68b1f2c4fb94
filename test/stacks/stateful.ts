import type { SynthesisedStack } from "../support/synth.ts";

/** Types of resource whose loss loses data, or the key to it. */
export const statefulTypes = ["aws_kms_key", "aws_s3_bucket", "aws_secretsmanager_secret"];

/** Types that can be made again from the configuration. A new type belongs to one of the two lists. */
export const statelessTypes = [
  "aws_autoscaling_group",
  "aws_default_security_group",
  "aws_eip",
  "aws_iam_instance_profile",
  "aws_iam_role",
  "aws_iam_role_policy",
  "aws_internet_gateway",
  "aws_kms_alias",
  "aws_launch_template",
  "aws_lb",
  "aws_lb_listener",
  "aws_lb_target_group",
  "aws_nat_gateway",
  "aws_route",
  "aws_route_table",
  "aws_route_table_association",
  "aws_s3_bucket_lifecycle_configuration",
  "aws_s3_bucket_ownership_controls",
  "aws_s3_bucket_policy",
  "aws_s3_bucket_public_access_block",
  "aws_s3_bucket_server_side_encryption_configuration",
  "aws_s3_bucket_versioning",
  "aws_s3_object",
  "aws_security_group",
  "aws_subnet",
  "aws_vpc",
  "aws_vpc_endpoint",
  "aws_vpc_security_group_egress_rule",
  "aws_vpc_security_group_ingress_rule",
];

/** Addresses of everything stateful, `<stack>/<type>.<id>`. */
export function statefulAddresses(stacks: Readonly<Record<string, SynthesisedStack>>): string[] {
  return Object.entries(stacks).flatMap(([stack, { resource }]) =>
    statefulTypes.flatMap((type) => Object.keys(resource?.[type] ?? {}).map((id) => `${stack}/${type}.${id}`)),
  );
}
