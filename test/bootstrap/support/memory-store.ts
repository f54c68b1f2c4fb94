import type { SecretStore } from "../../../constructs/core/secret-store.ts";

/** Keeps the contract of `SecretStore`, and counts what is asked. */
export class MemoryStore implements SecretStore {
  readonly values = new Map<string, string>();
  gets = 0;
  /** Set: every call rejects with it. */
  failure: Error | undefined;

  async get(name: string): Promise<string | undefined> {
    this.gets += 1;
    if (this.failure !== undefined) throw this.failure;
    return this.values.get(name);
  }

  async createOnce(name: string, value: string): Promise<string> {
    if (this.failure !== undefined) throw this.failure;
    const winner = this.values.get(name) ?? value;
    this.values.set(name, winner);
    return winner;
  }

  async rotate(name: string, value: string): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    this.values.set(name, value);
  }
}
