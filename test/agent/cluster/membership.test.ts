import { describe, expect, test } from "vitest";
import { Membership } from "../../../agent/cluster/membership.ts";

/** `true`: token known, `false`: refused, `"down"`: no server answers. Returns after how many rounds it asked to rejoin. */
async function rejoinsAfter(answers: readonly (boolean | "down")[]): Promise<number[]> {
  const asked: number[] = [];
  let round = 0;
  const membership = new Membership({
    nomad: {
      tokenWorks: async () => {
        const answer = answers[round];
        round += 1;
        if (answer === "down") throw new Error("connection refused");
        return answer === true;
      },
    },
    rejoin: () => asked.push(round),
  });
  for (const _ of answers) await membership.round().catch(() => undefined);
  return asked;
}

describe("a client's membership", () => {
  test("asks for new credentials when two rounds in a row fail, and again while that lasts", async () => {
    expect(await rejoinsAfter([true, false, false])).toEqual([3]);
    expect(await rejoinsAfter([false, false, false, false, true])).toEqual([2, 4]);
  });

  test("asks as well when nobody answers: a client that is refused may stay silent, and servers may have moved", async () => {
    expect(await rejoinsAfter(["down", "down", true])).toEqual([2]);
    expect(await rejoinsAfter([false, "down"])).toEqual([2]);
  });

  test("takes one failure for an election", async () => {
    expect(await rejoinsAfter([false, true, "down", true])).toEqual([]);
  });
});
