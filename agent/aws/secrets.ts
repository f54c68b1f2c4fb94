import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { SecretStore } from "../../constructs/core/secret-store.ts";

/**
 * The same for every first writer, so that Secrets Manager takes one and refuses the others:
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
 */
export const firstWriterToken = "00000000-0000-4000-8000-000000000001";

/** Secret store on AWS: containers are Secrets Manager secrets that Terraform made without a value. */
export class SecretsManagerStore implements SecretStore {
  readonly #client: SecretsManagerClient;

  constructor(client: SecretsManagerClient) {
    this.#client = client;
  }

  async get(name: string): Promise<string | undefined> {
    const { GetSecretValueCommand, ResourceNotFoundException } = await import("@aws-sdk/client-secrets-manager");
    try {
      const { SecretString } = await this.#client.send(new GetSecretValueCommand({ SecretId: name }));
      return SecretString;
    } catch (error) {
      // A container without a value and no container at all give the same error.
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }

  async createOnce(name: string, value: string): Promise<string> {
    const { PutSecretValueCommand, ResourceExistsException } = await import("@aws-sdk/client-secrets-manager");
    const existing = await this.get(name);
    if (existing !== undefined) return existing;
    try {
      await this.#client.send(new PutSecretValueCommand({ SecretId: name, ClientRequestToken: firstWriterToken, SecretString: value }));
    } catch (error) {
      if (!(error instanceof ResourceExistsException)) throw error;
    }
    const winner = await this.get(name);
    if (winner === undefined)
      throw new Error(`${name}: no value after the first was written, got nothing; expected the first writer's value`);
    return winner;
  }

  async rotate(name: string, value: string): Promise<void> {
    const { PutSecretValueCommand } = await import("@aws-sdk/client-secrets-manager");
    await this.#client.send(new PutSecretValueCommand({ SecretId: name, SecretString: value }));
  }
}
