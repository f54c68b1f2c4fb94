import { BlockList, isIPv4 } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { contains, isPrivate, overlap, readAddress, readCidr, showAddress } from "../../config/cidr.ts";

const address = fc.nat({ max: 2 ** 32 - 1 }).map(showAddress);
const prefix = fc.integer({ min: 0, max: 32 });
const block = fc.tuple(address, prefix).map(([first, bits]) => `${first}/${bits}`);

function range(text: string) {
  const found = readCidr(text);
  if (found === undefined) throw new Error(`${text} is no block`);
  return found;
}

test.each([
  ["10.30.0.0/16", "10.30.0.0", "10.30.255.255", true],
  ["10.30.1.0/16", "10.30.0.0", "10.30.255.255", false],
  ["192.168.240.0/20", "192.168.240.0", "192.168.255.255", true],
  ["0.0.0.0/0", "0.0.0.0", "255.255.255.255", true],
  ["255.255.255.255/32", "255.255.255.255", "255.255.255.255", true],
])("%s goes from %s to %s", (text, first, last, aligned) => {
  const found = range(text);
  expect([showAddress(found.first), showAddress(found.last), found.aligned]).toEqual([first, last, aligned]);
});

test.each([
  "",
  "10.0.0.0",
  "10.0.0/16",
  "10.0.0.0.0/16",
  "10.0.0.256/16",
  "10.0.0.0/33",
  "10.0.0.0/-1",
  "10.0.0.0/",
  "10.0.0.0/08",
  "10.01.0.0/16",
  "10.0.0.0/16 ",
  "a.b.c.d/16",
  "::/16",
  "10.0.0.0/16\n",
])("%j is no block", (text) => expect(readCidr(text)).toBeUndefined());

test("a block has the addresses that the system says it has", () => {
  fc.assert(
    fc.property(address, prefix, address, (first, bits, probe) => {
      const list = new BlockList();
      list.addSubnet(first, bits, "ipv4");
      const one = readAddress(probe);
      expect(one !== undefined && contains(range(`${first}/${bits}`), one)).toBe(list.check(probe, "ipv4"));
    }),
  );
});

test("what is an address for the system is one here", () => {
  fc.assert(
    fc.property(fc.oneof(address, fc.ipV4Extended(), fc.string(), block), (text) => {
      expect(readAddress(text) !== undefined).toBe(isIPv4(text));
    }),
  );
});

test("the first address of a block with its prefix is the same block, aligned", () => {
  fc.assert(
    fc.property(block, (text) => {
      const found = range(text);
      expect(range(`${showAddress(found.first)}/${found.prefix}`)).toEqual({ ...found, aligned: true });
      expect(found.last - found.first + 1).toBe(2 ** (32 - found.prefix));
    }),
  );
});

test("blocks overlap in both directions, and only where one contains the other", () => {
  fc.assert(
    fc.property(block, block, (one, other) => {
      const [a, b] = [range(one), range(other)];
      expect(overlap(a, b)).toBe(overlap(b, a));
      expect(overlap(a, b)).toBe(contains(a, b) || contains(b, a));
    }),
  );
});

test.each([
  ["10.0.0.0/8", true],
  ["10.255.0.0/16", true],
  ["172.16.0.0/12", true],
  ["172.31.240.0/20", true],
  ["172.32.0.0/16", false],
  ["172.15.0.0/16", false],
  ["192.168.0.0/16", true],
  ["192.169.0.0/16", false],
  ["8.0.0.0/6", false],
  ["100.64.0.0/16", false],
])("%s is private: %s", (text, expected) => expect(isPrivate(range(text))).toBe(expected));
