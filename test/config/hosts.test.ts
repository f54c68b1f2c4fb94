import fc from "fast-check";
import { expect, test } from "vitest";
import { isBelow, isHostName, isOwnAddress, readOutboundHost } from "../../config/hosts.ts";

const longLabel = "a".repeat(63);

test.each([
  "apps.localhost",
  "a.b",
  "xn--bcher-kva.example",
  "3com.example",
  "a-b.example",
  `${longLabel}.example`,
  `${`${longLabel}.`.repeat(3)}${"b".repeat(61)}`,
])("%s is a host name", (name) => expect(isHostName(name)).toBe(true));

test.each([
  "",
  "localhost",
  "Example.com",
  "example.com.",
  ".example.com",
  "a..b",
  "-a.example",
  "a-.example",
  "a_b.example",
  "*.example.com",
  "example.com:80",
  "http://example.com",
  "example.com/path",
  "10.0.0.1",
  "a.1",
  "bücher.example",
  "a b.example",
  "example.com\n",
  `a${longLabel}.example`,
  `${`${longLabel}.`.repeat(3)}${"b".repeat(62)}`,
  7,
  null,
  undefined,
  {},
])("%j is none", (name) => expect(isHostName(name)).toBe(false));

test("a name is below a domain with one label or more before it, never beside it", () => {
  const name = fc.array(fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/), { minLength: 2, maxLength: 4 }).map((labels) => labels.join("."));
  fc.assert(
    fc.property(name, name, fc.stringMatching(/^[a-z]{1,5}$/), (domain, sub, glued) => {
      expect(isBelow(`${sub}.${domain}`, domain)).toBe(true);
      expect(isBelow(domain, domain)).toBe(false);
      expect(isBelow(`${glued}${domain}`, domain)).toBe(false);
      expect(isBelow(`.${domain}`, domain)).toBe(false);
    }),
  );
});

test.each([
  ["api.example.com", { host: "api.example.com", port: 443 }],
  ["api.example.com:8443", { host: "api.example.com", port: 8443 }],
  ["10.0.0.5:65535", { host: "10.0.0.5", port: 65_535 }],
  ["10.0.0.5", { host: "10.0.0.5", port: 443 }],
  ["api.example.com:0", undefined],
  ["api.example.com:65536", undefined],
  ["api.example.com:080", undefined],
  ["api.example.com:", undefined],
  ["api.example.com:80:80", undefined],
  ["api.example.com/v1", undefined],
  ["API.example.com", undefined],
  ["10.0.0.256", undefined],
  ["10.0.0.0/8", undefined],
  ["[::1]:80", undefined],
  ["*.example.com", undefined],
  ["0x7f.1", undefined],
  ["2130706433", undefined],
])("%s is read as %j", (text, expected) => expect(readOutboundHost(text)).toEqual(expected));

test.each([
  ["127.0.0.1", true],
  ["127.255.255.254", true],
  ["169.254.169.254", true],
  ["0.0.0.0", true],
  ["localhost", true],
  ["hello.apps.localhost", true],
  ["10.0.0.1", false],
  ["128.0.0.1", false],
  ["169.253.0.1", false],
  ["notlocalhost.example", false],
])("%s is the machine's own: %s", (host, expected) => expect(isOwnAddress(host)).toBe(expected));
