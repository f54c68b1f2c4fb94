import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { regionNames, reservedNames } from "../../config/platforms.ts";
import {
  artefactBucketName,
  type BucketNameParts,
  bucketName,
  type NameKind,
  nameLimits,
  physicalName,
  poolRole,
  secretName,
  serverRole,
  stateBucketName,
} from "../../constructs/core/names.ts";

const kinds = Object.keys(nameLimits).filter((kind): kind is NameKind => kind !== "bucket");
/** What every kind takes: AWS allows more in some, but no name may differ by kind. */
const takenByAll = /^[a-z][a-z0-9-]*[a-z0-9]$/;

const parts: fc.Arbitrary<BucketNameParts> = fc.record({
  environment: fc.stringMatching(/^[a-z][a-z0-9]{1,15}$/).filter((name) => reservedNames[name] === undefined),
  region: fc.constantFrom(...regionNames),
  // Long ones often share their beginning, as pools of one kind do.
  id: fc.oneof(
    fc.stringMatching(/^[a-z0-9]{1,4}(-{1,2}[a-z0-9]{1,5}){0,3}$/),
    fc.stringMatching(/^[ab]{1,3}$/).map((end) => `${"pool-with-a-long-name-".repeat(12)}${end}`),
  ),
  accountId: fc.stringMatching(/^[0-9]{12}$/),
});

describe.each(kinds)("a name of kind %s", (kind) => {
  test("is under AWS's limit, in characters that every kind takes, without a reserved beginning", () => {
    fc.assert(
      fc.property(parts, (given) => {
        const name = physicalName(kind, given);
        expect(name.length).toBeLessThanOrEqual(nameLimits[kind]);
        expect(name).toMatch(takenByAll);
        expect(name).not.toMatch(/^(internal|sg|sthree)-/);
        expect(name.startsWith(`${given.environment}-`)).toBe(true);
        // A name that is cut behind a hyphen does not get two of them.
        if (!given.id.includes("--")) expect(name).not.toContain("--");
      }),
    );
  });

  test("is the same for the same parts and another for others", () => {
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        const same = one.environment === other.environment && one.region === other.region && one.id === other.id;
        expect(physicalName(kind, one)).toBe(physicalName(kind, { ...one }));
        expect(physicalName(kind, one) === physicalName(kind, other)).toBe(same);
      }),
    );
  });
});

describe("a bucket's name", () => {
  test("follows S3's rules", () => {
    fc.assert(
      fc.property(parts, (given) => {
        const name = bucketName(given);
        expect(name.length).toBeGreaterThanOrEqual(3);
        expect(name.length).toBeLessThanOrEqual(63);
        expect(name).toMatch(takenByAll);
        expect(name).not.toMatch(/^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3|-an)$/);
      }),
    );
  });

  test("is another for each account, environment, region and id", () => {
    fc.assert(
      fc.property(parts, parts, fc.subarray(["environment", "region", "id", "accountId"] as const), (one, other, changed) => {
        const mixed = { ...one, ...Object.fromEntries(changed.map((key) => [key, other[key]])) };
        const same = changed.every((key) => one[key] === other[key]);
        expect(bucketName(one) === bucketName(mixed)).toBe(same);
      }),
    );
  });

  test("is never cut for states and artefacts, so that people can read the account in it", () => {
    fc.assert(
      fc.property(parts, ({ environment, region, accountId }) => {
        expect(stateBucketName({ environment, region, accountId })).toBe(`${environment}-${region}-state-${accountId}`);
        expect(artefactBucketName({ environment, region, accountId })).toBe(`${environment}-${region}-artefacts-${accountId}`);
      }),
    );
  });
});

/** A change of these would replace what exists: bucket with data, secrets, load balancer. */
test("names stay what they are", () => {
  const place = { environment: "exampleaws", region: "eu-central-1" };
  expect(physicalName("role", { ...place, id: "servers" })).toBe("exampleaws-eu-central-1-servers");
  expect(physicalName("loadBalancer", { ...place, id: "ingress" })).toBe("exampleaws-eu-central-1-ingress");
  expect(physicalName("targetGroup", { environment: "productioneurope", region: "ap-northeast-1", id: "http" })).toBe(
    "productioneurope-ap-nor-19a5b0f6",
  );
  expect(artefactBucketName({ ...place, accountId: "111122223333" })).toBe("exampleaws-eu-central-1-artefacts-111122223333");
  expect(secretName({ environment: "exampleaws", role: serverRole })).toBe("exampleaws/servers");
  expect(secretName({ environment: "exampleaws", role: poolRole("web") })).toBe("exampleaws/pool-web");
});

test("no pool's secret is the servers'", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z][a-z0-9-]{0,18}[a-z0-9]$/), (pool) => {
      expect(secretName({ environment: "sandbox", role: poolRole(pool) })).not.toBe(
        secretName({ environment: "sandbox", role: serverRole }),
      );
    }),
  );
});

const word =
  "expected lower-case letters, digits and hyphens, no hyphen first or last. Give a name that is known at synth; a value from Terraform is not";

test.each([
  [{ id: "web/1" }, `id: cannot be part of a name, got "web/1"; ${word}`],
  [{ id: "" }, `id: cannot be part of a name, got ""; ${word}`],
  [{ id: "web-" }, `id: cannot be part of a name, got "web-"; ${word}`],
  [{ id: "Web" }, `id: cannot be part of a name, got "Web"; ${word}`],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what a token of CDKTF looks like.
  [{ region: "${TfToken[Region.1]}" }, `region: cannot be part of a name, got "\${TfToken[Region.1]}"; ${word}`],
  [
    { environment: "my-env" },
    'environment: cannot be part of a name, got "my-env"; expected a lower-case letter, then 1 to 15 lower-case letters or digits, not keep, internal, sg, sthree. Rename the environment',
  ],
  [
    { environment: "sg" },
    'environment: cannot be part of a name, got "sg"; expected a lower-case letter, then 1 to 15 lower-case letters or digits, not keep, internal, sg, sthree. Rename the environment',
  ],
  [{ accountId: "1" }, 'accountId: cannot be part of a name, got "1"; expected 12 digits. Give the id of the account, known at synth'],
])("fails for %j", (wrong, message) => {
  const right = { environment: "sandbox", region: "us-east-1", id: "web", accountId: "000000000000" };
  expect(() => bucketName({ ...right, ...wrong })).toThrow(new Error(message));
});
