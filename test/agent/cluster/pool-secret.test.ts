import fc from "fast-check";
import { expect, test } from "vitest";
import { renewalReason } from "../../../agent/cluster/pool-secret.ts";
import { stableUuid } from "../../../agent/cluster/stable-uuid.ts";
import type { PoolSecret } from "../../../constructs/core/secrets.ts";

const issued = Date.parse("2026-01-01T00:00:00Z");
const hour = 3_600_000;
const secret: PoolSecret = {
  caCertificate: "ca",
  nomadCertificate: "",
  nomadKey: "",
  consulCertificate: "",
  consulKey: "",
  consulGossipKey: "gossip",
  consulToken: "",
  nomadIntroductionToken: "",
  nomadToken: "",
  issuedAt: new Date(issued).toISOString(),
  expiresAt: new Date(issued + 24 * hour).toISOString(),
};
const server = { caCertificate: "ca", consulGossipKey: "gossip" };
const reasonAt = (time: number, change: Partial<PoolSecret> = {}) => renewalReason({ ...secret, ...change }, server, new Date(time));

test("a pool's secret is renewed after a third of its life, and not before", () => {
  expect(reasonAt(issued)).toBeUndefined();
  expect(reasonAt(issued + 8 * hour - 1)).toBeUndefined();
  expect(reasonAt(issued + 8 * hour)).toBe("a third of its life is over");
  expect(reasonAt(issued + 100 * hour)).toBe("a third of its life is over");
});
test("it is renewed when the cluster is another, or its time makes no sense", () => {
  expect(renewalReason(undefined, server, new Date(issued))).toBe("it has no value yet");
  expect(reasonAt(issued, { caCertificate: "other" })).toBe("its authority is another");
  expect(reasonAt(issued, { consulGossipKey: "other" })).toBe("its gossip key is another");
  expect(reasonAt(issued - 61_000)).toBe("it was issued in the future");
  expect(reasonAt(issued, { expiresAt: secret.issuedAt })).toBe("a third of its life is over");
});
test("an accessor follows from its secret, is a UUID, and differs for another secret", () => {
  fc.assert(
    fc.property(fc.uuid(), fc.uuid(), (a, b) => {
      expect(stableUuid(a)).toBe(stableUuid(a));
      expect(stableUuid(a)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(stableUuid(a)).not.toBe(a);
      if (a !== b) expect(stableUuid(a)).not.toBe(stableUuid(b));
    }),
  );
});
