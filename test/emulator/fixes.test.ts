import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import type { Emulator } from "../../sandbox/emulator/emulator.ts";
import { startTestEmulator, withEmulator } from "../support/emulator.ts";
import { autoscalingProofs } from "./proofs/autoscaling.ts";
import { callProofs } from "./proofs/calls.ts";
import { ec2Proofs } from "./proofs/ec2.ts";

const proofs = { ...autoscalingProofs, ...callProofs, ...ec2Proofs };

let stock: Emulator;
let fixed: Emulator;
beforeAll(async () => {
  [stock, fixed] = await Promise.all([startTestEmulator("stock", { without: ["all"] }), withEmulator()]);
}, 120_000);

describe("fixes of moto", () => {
  it("each have a proof here", () => {
    const folder = fileURLToPath(new URL("../../sandbox/emulator/fixes", import.meta.url));
    const names = readdirSync(folder).filter((name) => /^[a-z].*\.py$/.test(name));
    expect(names.map((name) => name.replace(".py", "")).sort()).toEqual(Object.keys(proofs).sort());
  });

  for (const [fix, observations] of Object.entries(proofs)) {
    for (const [what, { observe, stock: expectedOfStock, fixed: expectedOfFixed }] of Object.entries(observations)) {
      it(`${fix}: ${what}`, { timeout: 120_000 }, async () => {
        expect(await observe(fixed), "with the fix").toEqual(expectedOfFixed);
        expect(await observe(stock), "moto itself: if this is as with the fix, remove the fix").toEqual(expectedOfStock);
      });
    }
  }
});
