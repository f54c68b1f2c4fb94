import {
  DeleteInstanceProfileCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetInstanceProfileCommand,
  ListAttachedRolePoliciesCommand,
  ListInstanceProfilesCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
  ListRoleTagsCommand,
  RemoveRoleFromInstanceProfileCommand,
} from "@aws-sdk/client-iam";
import {
  DeleteAliasCommand,
  DescribeKeyCommand,
  ListAliasesCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import { DeleteBucketCommand, GetBucketTaggingCommand, ListBucketsCommand } from "@aws-sdk/client-s3";
import { DeleteSecretCommand, ListSecretsCommand } from "@aws-sdk/client-secrets-manager";
import { awsErrorName } from "../../aws.ts";
import { emptyBucket } from "../../buckets.ts";
import { allPages, isKmsTagged, isNamed, isTagged, type OrphanKind } from "./kind.ts";

const instanceProfiles: OrphanKind = {
  types: ["aws_iam_instance_profile"],
  async list({ iam }, owner) {
    const all = await allPages(
      (Marker) => iam.send(new ListInstanceProfilesCommand(Marker === undefined ? {} : { Marker })),
      (page) => page.Marker,
      (page) => page.InstanceProfiles,
    );
    const found = [];
    for (const { InstanceProfileName: name } of all) {
      if (name === undefined || !name.startsWith(`${owner.environment}-`)) continue;
      const named = isNamed("aws_iam_instance_profile", name, owner);
      const profile = named ? undefined : (await iam.send(new GetInstanceProfileCommand({ InstanceProfileName: name }))).InstanceProfile;
      if (named || isTagged(profile?.Tags, owner)) found.push({ type: "aws_iam_instance_profile", id: name, name });
    }
    return found;
  },
  async remove({ iam }, { id }) {
    const { InstanceProfile } = await iam.send(new GetInstanceProfileCommand({ InstanceProfileName: id }));
    for (const { RoleName } of InstanceProfile?.Roles ?? []) {
      await iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName: id, RoleName }));
    }
    await iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName: id }));
  },
};

const roles: OrphanKind = {
  types: ["aws_iam_role"],
  async list({ iam }, owner) {
    const all = await allPages(
      (Marker) => iam.send(new ListRolesCommand(Marker === undefined ? {} : { Marker })),
      (page) => page.Marker,
      (page) => page.Roles,
    );
    const found = [];
    for (const { RoleName: name } of all) {
      if (name === undefined || !name.startsWith(`${owner.environment}-`)) continue;
      const named = isNamed("aws_iam_role", name, owner);
      const { Tags } = named ? { Tags: [] } : await iam.send(new ListRoleTagsCommand({ RoleName: name }));
      if (named || isTagged(Tags, owner)) found.push({ type: "aws_iam_role", id: name, name });
    }
    return found;
  },
  async remove({ iam }, { id: RoleName }) {
    const { PolicyNames } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
    for (const PolicyName of PolicyNames ?? []) await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
    const { AttachedPolicies } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
    for (const { PolicyArn } of AttachedPolicies ?? []) await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
    await iam.send(new DeleteRoleCommand({ RoleName }));
  },
};

const buckets: OrphanKind = {
  types: ["aws_s3_bucket"],
  async list({ s3 }, owner) {
    const { Buckets } = await s3.send(new ListBucketsCommand({}));
    const found = [];
    for (const { Name: name } of Buckets ?? []) {
      if (name === undefined || !name.startsWith(`${owner.environment}-`)) continue;
      const tags = await s3.send(new GetBucketTaggingCommand({ Bucket: name })).then(
        ({ TagSet }) => TagSet,
        (error: unknown) => {
          if (awsErrorName(error) === "NoSuchTagSet") return [];
          throw error;
        },
      );
      if (isTagged(tags, owner) || isNamed("aws_s3_bucket", name, owner)) found.push({ type: "aws_s3_bucket", id: name, name });
    }
    return found;
  },
  async remove({ s3 }, { id }) {
    await emptyBucket(s3, id);
    await s3.send(new DeleteBucketCommand({ Bucket: id }));
  },
};

const secrets: OrphanKind = {
  types: ["aws_secretsmanager_secret"],
  async list({ secrets: client }, owner) {
    const all = await allPages(
      (NextToken) => client.send(new ListSecretsCommand(NextToken === undefined ? {} : { NextToken })),
      (page) => page.NextToken,
      (page) => page.SecretList,
    );
    return all.flatMap(({ ARN, Name, Tags, DeletedDate }) =>
      ARN !== undefined &&
      Name !== undefined &&
      DeletedDate === undefined &&
      (isTagged(Tags, owner) || isNamed("aws_secretsmanager_secret", Name, owner))
        ? [{ type: "aws_secretsmanager_secret", id: ARN, name: Name }]
        : [],
    );
  },
  async remove({ secrets: client }, { id }) {
    await client.send(new DeleteSecretCommand({ SecretId: id, ForceDeleteWithoutRecovery: true }));
  },
};

const keyAliases: OrphanKind = {
  types: ["aws_kms_alias"],
  async list({ kms }, owner) {
    const all = await allPages(
      (Marker) => kms.send(new ListAliasesCommand(Marker === undefined ? {} : { Marker })),
      (page) => page.NextMarker,
      (page) => page.Aliases,
    );
    // Aliases take no tags.
    return all.flatMap(({ AliasName: name }) =>
      name !== undefined && isNamed("aws_kms_alias", name, owner) ? [{ type: "aws_kms_alias", id: name, name }] : [],
    );
  },
  async remove({ kms }, { id }) {
    await kms.send(new DeleteAliasCommand({ AliasName: id }));
  },
};

const keys: OrphanKind = {
  types: ["aws_kms_key"],
  async list({ kms }, owner) {
    const all = await allPages(
      (Marker) => kms.send(new ListKeysCommand(Marker === undefined ? {} : { Marker })),
      (page) => page.NextMarker,
      (page) => page.Keys,
    );
    const found = [];
    for (const { KeyId } of all) {
      if (KeyId === undefined) continue;
      const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
      if (KeyMetadata?.KeyManager !== "CUSTOMER" || KeyMetadata.KeyState === "PendingDeletion") continue;
      const { Tags } = await kms.send(new ListResourceTagsCommand({ KeyId }));
      if (isKmsTagged(Tags, owner)) found.push({ type: "aws_kms_key", id: KeyId });
    }
    return found;
  },
  async remove({ kms }, { id }) {
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: 7 }));
  },
};

/** What no network hangs on: identities, and what `keep` holds. */
export const keptKinds: readonly OrphanKind[] = [instanceProfiles, roles, buckets, secrets, keyAliases, keys];
