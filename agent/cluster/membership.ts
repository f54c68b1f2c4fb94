import type { NomadClient } from "../nomad/client.ts";

export interface MembershipInput {
  /** Carries the pool's token. */
  readonly nomad: Pick<NomadClient, "tokenWorks">;
  /** Asks for the pool's credentials as they are now, and for joining with them. */
  readonly rejoin: () => void;
}

/** One refusal may be a server that has not caught up; two in a row, a round apart, are servers that were rebuilt. */
const refusalsToRejoin = 2;

/**
 * Whether the servers still know what this machine was given. Servers that were rebuilt do not: their leader writes new
 * credentials into the pool's secret, and this machine has to take them up without waiting for its next renewal.
 */
export class Membership {
  readonly #input: MembershipInput;
  #refusals = 0;

  constructor(input: MembershipInput) {
    this.#input = input;
  }

  async round(): Promise<void> {
    // No answer is no refusal: it fails the round and counts for nothing.
    this.#refusals = (await this.#input.nomad.tokenWorks()) ? 0 : this.#refusals + 1;
    if (this.#refusals < refusalsToRejoin) return;
    this.#refusals = 0;
    this.#input.rejoin();
  }
}
