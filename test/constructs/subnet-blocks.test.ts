import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { subnetBlocks } from "../../constructs/aws/subnet-blocks.ts";
import { messageOf } from "../support/message-of.ts";

const range = (cidr: string): { first: number; last: number } => {
  const [address = "", prefix] = cidr.split("/");
  const first = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  return { first, last: first + 2 ** (32 - Number(prefix)) - 1 };
};

describe("blocks of subnets", () => {
  test("a /16 over three zones", () => {
    expect(subnetBlocks("10.30.0.0/16", 3)).toEqual({
      private: ["10.30.0.0/19", "10.30.32.0/19", "10.30.64.0/19"],
      public: ["10.30.128.0/19", "10.30.160.0/19", "10.30.192.0/19"],
    });
  });

  test("lie in the VPC's block, one beside the other, on their own boundary", () => {
    fc.assert(
      fc.property(fc.integer({ min: 16, max: 20 }), fc.nat(2 ** 16 - 1), fc.integer({ min: 1, max: 4 }), (prefix, seed, zones) => {
        const size = 2 ** (32 - prefix);
        const address = 10 * 2 ** 24 + (seed % 2 ** (prefix - 8)) * size;
        const cidr = `${[24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".")}/${prefix}`;
        const blocks = subnetBlocks(cidr, zones);
        const ranges = [...blocks.private, ...blocks.public].map(range).sort((a, b) => a.first - b.first);
        expect(ranges).toHaveLength(2 * zones);
        for (const [index, { first, last }] of ranges.entries()) {
          expect(first).toBeGreaterThanOrEqual(range(cidr).first);
          expect(last).toBeLessThanOrEqual(range(cidr).last);
          expect(first % (last - first + 1)).toBe(0);
          expect(first).toBeGreaterThan(ranges[index - 1]?.last ?? -1);
        }
      }),
    );
  });

  test("a zone keeps its block when one is added", () => {
    const [three, four] = [subnetBlocks("10.0.0.0/16", 3), subnetBlocks("10.0.0.0/16", 4)];
    expect(four.private.slice(0, 3)).toEqual(three.private);
    expect(four.public.slice(0, 3)).toEqual(three.public);
  });

  test.each(["10.30.0.0/15", "10.30.0.0/21", "10.30.1.0/16", "10.300.0.0/16", "10.30.0.0", ""])("%j is refused", (cidr) => {
    expect(messageOf(() => subnetBlocks(cidr, 5)).split("\n")).toEqual([
      "subnet blocks cannot be made:",
      `  cidr: not a block for a VPC, got ${JSON.stringify(cidr)}; expected the first address of a private IPv4 block with its prefix, /16 to /20. Write it as 10.30.0.0/16`,
      "  zones: not a number of zones that fits, got 5; expected 1 to 4. Name up to four zones of the region",
    ]);
  });
});
