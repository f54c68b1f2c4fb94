import type { NomadClient } from "../nomad/client.ts";

export interface MembershipInput {
  /** Carries the pool's token. */
  readonly nomad: Pick<NomadClient, "tokenWorks">;
  /** Asks for the pool's credentials and the servers' addresses as they are now, and for joining with them. */
  readonly rejoin: () => void;
}

/** One failure may be an election; two in a row, a round apart, are servers that were rebuilt or have moved. */
const failuresToRejoin = 2;

/**
 * Whether the servers still know what this machine was given. Servers that were rebuilt do not: their leader writes new
 * credentials into the pool's secret, and this machine has to take them up without waiting for its next renewal.
 * A Nomad client that is refused does not always say so: it may not answer at all. So no answer counts as well; where
 * nothing has changed, asking changes nothing.
 */
export class Membership {
  readonly #input: MembershipInput;
  #failures = 0;

  constructor(input: MembershipInput) {
    this.#input = input;
  }

  async round(): Promise<void> {
    const works = await this.#input.nomad.tokenWorks().catch(() => false);
    this.#failures = works ? 0 : this.#failures + 1;
    if (this.#failures < failuresToRejoin) return;
    this.#failures = 0;
    this.#input.rejoin();
  }
}
