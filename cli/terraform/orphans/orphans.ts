import type { AwsClients } from "../../aws.ts";
import { messageOf, UserErrors } from "../../errors.ts";
import type { Stack } from "../stacks.ts";
import type { StateResource } from "../state-file.ts";
import { keptKinds } from "./kept.ts";
import type { Found, OrphanKind, Owner } from "./kind.ts";
import { machineKinds } from "./machines.ts";
import { networkKinds } from "./network.ts";

/** Every type that our stacks declare and that a second apply would make twice or be refused. In the order of deletion. */
export const orphanKinds: readonly OrphanKind[] = [...machineKinds, ...networkKinds, ...keptKinds];

/**
 * What a killed run made and could not write into its state: all things of the stack, by the default tags or a declared
 * name, less those the state holds.
 */
export async function findOrphans(
  clients: AwsClients,
  environment: string,
  stack: Stack,
  state: readonly StateResource[],
): Promise<Found[]> {
  const owner: Owner = { environment, stack: stack.kind, region: stack.region, names: declaredNames(stack) };
  const declared = new Set(Object.keys(stack.resources).map(typeOf));
  const known = knownIds(state);
  const kinds = orphanKinds.filter(({ types }) => types.some((type) => declared.has(type)));
  const found = await Promise.all(kinds.map((kind) => kind.list(clients, owner)));
  return found.flat().filter(({ type, id, known: ids = [id] }) => !ids.some((one) => known.has(`${type} ${one}`)));
}

/** Deletes orphans, those first that others hang on. What cannot go yet because of another one is tried again after it. */
export async function deleteOrphans(clients: AwsClients, orphans: readonly Found[], say: (text: string) => void): Promise<void> {
  let left = [...orphans];
  while (left.length > 0) {
    const refused: { found: Found; why: string }[] = [];
    for (const found of left) {
      const kind = orphanKinds.find(({ types }) => types.includes(found.type));
      say(`deletes ${found.type} ${found.id}, which a killed run left`);
      try {
        await kind?.remove(clients, found);
      } catch (error) {
        refused.push({ found, why: messageOf(error) });
      }
    }
    if (refused.length === left.length) {
      throw new UserErrors(
        refused.map(
          ({ found, why }) =>
            `${found.type} ${found.id}: left by a killed run, not deleted, got ${why}. Delete it by hand, then run this command again.`,
        ),
      );
    }
    left = refused.map(({ found }) => found);
  }
}

/** The error of a real account: one command for each orphan, which takes it into the state. */
export function importErrors(stack: Stack, state: readonly StateResource[], orphans: readonly Found[]): UserErrors {
  const taken = new Set(state.map(({ address }) => address));
  const lines = orphans.map((found) => {
    const addresses = addressesOf(stack, found).filter((address) => !taken.has(address));
    const address =
      addresses.length === 1 ? addresses[0] : `<${addresses.length === 0 ? `no declaration: delete it` : addresses.join(" | ")}>`;
    return `  terraform -chdir=cdktf.out/stacks/${stack.name} import '${address}' '${found.id}'`;
  });
  return new UserErrors([
    `${stack.name}: a killed run left ${orphans.length} ${orphans.length === 1 ? "thing" : "things"} that the state lacks; expected none. Take each into the state (or delete it), then run this command again:`,
    ...lines,
  ]);
}

/** Declarations it may belong to: by its name where it has one, else all of its type. */
function addressesOf(stack: Stack, found: Found): string[] {
  const ofType = Object.entries(stack.resources).filter(([address]) => typeOf(address) === found.type);
  const named = ofType.filter(([, args]) => found.name !== undefined && nameOf(args) === found.name);
  return (named.length > 0 ? named : ofType).map(([address]) => address);
}

function declaredNames(stack: Stack): Record<string, string[]> {
  const names: Record<string, string[]> = {};
  for (const [address, args] of Object.entries(stack.resources)) {
    const name = nameOf(args);
    if (name === undefined || name.includes("${")) continue;
    const ofType = names[typeOf(address)] ?? [];
    ofType.push(name);
    names[typeOf(address)] = ofType;
  }
  return names;
}

function nameOf(args: Readonly<Record<string, unknown>>): string | undefined {
  const name = args.bucket ?? args.name;
  return typeof name === "string" ? name : undefined;
}

function knownIds(resources: readonly StateResource[]): Set<string> {
  const ids = new Set<string>();
  for (const { type, attributes } of resources) {
    for (const key of ["id", "arn"]) if (typeof attributes[key] === "string") ids.add(`${type} ${attributes[key]}`);
    if (type === "aws_route") {
      const destination = attributes.destination_cidr_block || attributes.destination_ipv6_cidr_block;
      ids.add(`${type} ${attributes.route_table_id}_${destination}`);
    }
  }
  return ids;
}

function typeOf(address: string): string {
  return address.slice(0, address.indexOf("."));
}
