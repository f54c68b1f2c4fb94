/** One failing case for each rule of the schema: what is changed in the example, and every line that is said. */
export interface RuleCase {
  readonly rule: string;
  readonly change: readonly (readonly [path: string, value: unknown])[];
  readonly says: readonly string[];
}
