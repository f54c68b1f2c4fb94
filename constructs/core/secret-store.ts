/**
 * Where a region keeps its secrets. Containers exist before any machine boots; values are written by machines and
 * never pass through Terraform's state, user data or the node bundle.
 */
export interface SecretStore {
  /** The value, or undefined while nobody has written one. Rejects when the store cannot be asked. */
  get(name: string): Promise<string | undefined>;
  /**
   * Writes the first value: of any number of writers one wins, and everybody is given the winner's value. Where a
   * value exists already nothing is written.
   */
  createOnce(name: string, value: string): Promise<string>;
  /** Replaces the value. For the one writer that keeps short-lived parts fresh. */
  rotate(name: string, value: string): Promise<void>;
}
