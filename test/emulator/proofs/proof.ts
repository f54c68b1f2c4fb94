import type { Emulator } from "../../../sandbox/emulator/emulator.ts";

/** A fix is needed as long as moto answers `stock`; a test that fails on that says which fix to remove. */
export interface Proof {
  readonly observe: (emulator: Emulator) => Promise<unknown>;
  readonly stock: unknown;
  readonly fixed: unknown;
}

/** Fix -> what is observed -> proof. */
export type Proofs = Record<string, Record<string, Proof>>;

/** Status of a call that succeeds or fails. */
export const status = (call: Promise<unknown>) => call.then(() => 200).catch((error) => error.$metadata?.httpStatusCode ?? String(error));
