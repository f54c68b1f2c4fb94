import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadEnvironments } from "../../config/load.ts";
import { environmentNamed, resourcesOf, stackOf, synthesiseEnvironment, theResource } from "../support/synth.ts";
import { statefulAddresses, statefulTypes, statelessTypes } from "./stateful.ts";

const sandbox = environmentNamed("sandbox");
const withDestroy = (allowDestroy: boolean) => synthesiseEnvironment({ ...sandbox, allowDestroy });
const all = loadEnvironments().map((environment) => synthesiseEnvironment(environment));

describe("data", () => {
  test("every type of resource is known to hold data or not", () => {
    const types = all.flatMap((stacks) => Object.values(stacks).flatMap(({ resource }) => Object.keys(resource ?? {})));
    expect([...new Set(types)].filter((type) => ![...statefulTypes, ...statelessTypes].includes(type))).toEqual([]);
  });

  test.each([true, false])("allowDestroy %s reaches whatever holds data", (allowDestroy) => {
    const stacks = Object.values(withDestroy(allowDestroy));
    const stateful = stacks.flatMap((stack) =>
      statefulTypes.flatMap((type) => Object.values(resourcesOf(stack, type)).map((block) => ({ type, block }))),
    );
    expect(stateful.length).toBeGreaterThanOrEqual(7);
    for (const { type, block } of stateful) {
      expect(block.lifecycle).toMatchObject({ prevent_destroy: !allowDestroy });
      if (type === "aws_s3_bucket") expect(block.force_destroy).toBe(allowDestroy);
      if (type === "aws_secretsmanager_secret") expect(block.recovery_window_in_days).toBe(allowDestroy ? 0 : 30);
      if (type === "aws_kms_key")
        expect(block).toMatchObject({ deletion_window_in_days: allowDestroy ? 7 : 30, enable_key_rotation: true });
    }
    const platform = stackOf(withDestroy(allowDestroy), "platform");
    expect(theResource(platform, "aws_lb").enable_deletion_protection).toBe(!allowDestroy);
    for (const group of Object.values(resourcesOf(platform, "aws_autoscaling_group"))) expect(group.force_delete).toBe(allowDestroy);
  });

  const locked = readFileSync(new URL("../addresses.lock", import.meta.url), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  const present = all.flatMap(statefulAddresses).sort();
  const moved = all.flatMap((stacks) =>
    Object.entries(stacks).flatMap(([id, { moved: moves = [] }]) => moves.map(({ from }) => `${id}/${from}`)),
  );

  test("no stateful address vanishes without a `moved`: Terraform would destroy it", () => {
    expect(locked.filter((address) => !present.includes(address) && !moved.includes(address))).toEqual([]);
  });

  test("a new stateful address is written into test/addresses.lock", () => {
    expect(present.filter((address) => !locked.includes(address))).toEqual([]);
    expect(locked).toEqual([...locked].sort());
  });
});

describe("keep", () => {
  const keep = stackOf(synthesiseEnvironment(sandbox), "keep");

  test("uses no key and no data from outside", () => {
    expect(keep.data).toBeUndefined();
    const keys = [
      ...Object.values(resourcesOf(keep, "aws_secretsmanager_secret")).map(({ kms_key_id }) => kms_key_id),
      ...JSON.stringify(resourcesOf(keep, "aws_s3_bucket_server_side_encryption_configuration")).matchAll(/\$\{aws_kms_key[^}]+\}/g),
    ].map(String);
    expect(keys).toHaveLength(3);
    for (const key of keys) expect(key).toMatch(/^\$\{aws_kms_key\.(secrets|backups)-key_[0-9A-F]{8}\.arn\}$/);
  });

  test("has a secret for the servers and for each pool", () => {
    const names = Object.values(resourcesOf(keep, "aws_secretsmanager_secret")).map(({ name }) => name);
    expect(names.sort()).toEqual(["sandbox/pool-web", "sandbox/servers"]);
  });

  test("every bucket is versioned, encrypted, closed to the public and to plain HTTP, and forgets after 30 days", () => {
    const buckets = Object.keys(resourcesOf(keep, "aws_s3_bucket"));
    expect(buckets).toHaveLength(2);
    for (const type of [
      "aws_s3_bucket_versioning",
      "aws_s3_bucket_server_side_encryption_configuration",
      "aws_s3_bucket_public_access_block",
      "aws_s3_bucket_ownership_controls",
      "aws_s3_bucket_lifecycle_configuration",
      "aws_s3_bucket_policy",
    ]) {
      const blocks = Object.values(resourcesOf(keep, type));
      expect(blocks.map(({ bucket }) => bucket).sort()).toEqual(buckets.map((id) => `\${aws_s3_bucket.${id}.id}`).sort());
    }
    for (const block of Object.values(resourcesOf(keep, "aws_s3_bucket_public_access_block")))
      expect(block).toMatchObject({
        block_public_acls: true,
        block_public_policy: true,
        ignore_public_acls: true,
        restrict_public_buckets: true,
      });
    for (const block of Object.values(resourcesOf(keep, "aws_s3_bucket_versioning")))
      expect(block.versioning_configuration).toEqual({ status: "Enabled" });
    for (const block of Object.values(resourcesOf(keep, "aws_s3_bucket_lifecycle_configuration")))
      expect(block.rule).toMatchObject([{ status: "Enabled", noncurrent_version_expiration: [{ noncurrent_days: 30 }] }]);
    for (const { policy } of Object.values(resourcesOf(keep, "aws_s3_bucket_policy")))
      expect(JSON.parse(String(policy)).Statement).toMatchObject([
        { Effect: "Deny", Principal: "*", Action: "s3:*", Condition: { Bool: { "aws:SecureTransport": "false" } } },
      ]);
  });

  test("its keys are used through their service, by this account only", () => {
    const services = Object.values(resourcesOf(keep, "aws_kms_key")).map(({ policy }) => {
      const [administration, use, ...more] = JSON.parse(String(policy)).Statement;
      expect(more).toEqual([]);
      expect(administration.Principal).toEqual({ AWS: "arn:aws:iam::000000000000:root" });
      expect(use.Condition.StringEquals["kms:CallerAccount"]).toBe("000000000000");
      return use.Condition.StringEquals["kms:ViaService"];
    });
    expect(services.sort()).toEqual(["s3.us-east-1.amazonaws.com", "secretsmanager.us-east-1.amazonaws.com"]);
  });
});
