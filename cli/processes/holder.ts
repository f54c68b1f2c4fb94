import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../errors.ts";
import { writeWhole } from "../folders.ts";
import { pause } from "../wait.ts";
import { identify, isAlive, type ProcessIdentity } from "./identity.ts";

/** One command at a time works on an environment from this machine; Terraform's own lock guards against other machines. */
export interface Hold {
  release(): void;
}

const claimSchema = z.object({
  pid: z.number(),
  startTime: z.string(),
  bootId: z.string(),
  host: z.string(),
  user: z.string(),
  command: z.string(),
  since: z.string(),
  held: z.boolean(),
});
type Claim = z.output<typeof claimSchema>;

/**
 * Takes the environment, or throws who has it since when. Each claimant writes a file of its own and then looks at the
 * others', so no moment exists in which two take over from a dead one: a file of a dead process may be removed by
 * anybody, because nobody ever writes it again. Of two that claim at once the smaller file name goes on.
 */
export async function hold(folder: string, environment: string, command: string): Promise<Hold> {
  const self = identify(process.pid);
  if (self === undefined) return { release: () => {} }; // No /proc: this machine has no sandbox either; Terraform's lock remains.
  mkdirSync(folder, { recursive: true });
  const name = `${self.pid}-${self.startTime}-${randomUUID()}.json`;
  const file = join(folder, name);
  const claim: Claim = { ...self, command, since: new Date().toISOString(), held: false };
  const release = (): void => rmSync(file, { force: true });
  writeWhole(file, JSON.stringify(claim));
  for (;;) {
    const others = livingClaims(folder).filter((other) => other.name !== name);
    const holder = others.find((other) => other.claim.held) ?? others.find((other) => other.name < name && !other.claim.held);
    if (holder !== undefined) {
      release();
      throw heldBy(environment, holder.claim);
    }
    if (others.length === 0) break;
    await pause(20); // A later claimant has seen us or will: it withdraws, or it was first and holds now.
  }
  writeWhole(file, JSON.stringify({ ...claim, held: true }));
  return { release };
}

function heldBy(environment: string, holder: ProcessIdentity & { command: string; since: string }): UserError {
  return new UserError(
    `environment ${environment}: in use, got \`${holder.command}\` (pid ${holder.pid} of ${holder.user} on ${holder.host}) since ${holder.since}; expected nobody`,
    "Wait until it ends, then run this command again",
  );
}

function livingClaims(folder: string): { name: string; claim: Claim }[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => {
      const claim = readClaim(join(folder, name));
      if (claim === undefined) return [];
      if (isAlive(claim)) return [{ name, claim }];
      rmSync(join(folder, name), { force: true });
      return [];
    });
}

function readClaim(file: string): Claim | undefined {
  try {
    return claimSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined; // Withdrawn between listing and reading.
  }
}
