import { expect, test } from "vitest";
import { architectureOf, partitionOf } from "../../config/platforms.ts";

test.each([
  ["m7i.large", "amd64"],
  ["m7i-flex.xlarge", "amd64"],
  ["t3a.nano", "amd64"],
  ["c6in.32xlarge", "amd64"],
  ["g4dn.xlarge", "amd64"],
  ["g6e.48xlarge", "amd64"],
  ["i3en.metal", "amd64"],
  ["m7i.metal-24xl", "amd64"],
  ["u7i-12tb.224xlarge", "amd64"],
  ["t4g.medium", "arm64"],
  ["m7gd.16xlarge", "arm64"],
  ["c7gn.metal", "arm64"],
  ["g5g.xlarge", "arm64"],
  ["im4gn.large", "arm64"],
  ["is4gen.medium", "arm64"],
  ["r8gb.metal-48xl", "arm64"],
  ["hpc7g.4xlarge", "arm64"],
  ["a1.medium", "arm64"],
  ["m7i", undefined],
  ["m7i.", undefined],
  ["m7i.huge", undefined],
  ["m7i.0xlarge", undefined],
  ["M7i.large", undefined],
  ["m7i.large\n", undefined],
  ["db.m7i.large", undefined],
  [7, undefined],
  [undefined, undefined],
])("%j runs on %s", (type, expected) => expect(architectureOf(type)).toBe(expected));

test.each([
  ["eu-central-1", "aws"],
  ["us-east-1", "aws"],
  ["cn-north-1", "aws-cn"],
  ["us-gov-west-1", "aws-us-gov"],
  ["eu-central-9", undefined],
  ["constructor", undefined],
])("%s is in %s", (region, expected) => expect(partitionOf(region)).toBe(expected));
