import type { AwsClients } from "../../aws.ts";

/** Something that exists in the account. */
export interface Found {
  /** Terraform's type. */
  readonly type: string;
  /** As `terraform import` takes it. */
  readonly id: string;
  /** What a state holds of it: one of these is an `id` or `arn` of a resource of this type. Default: `[id]`. */
  readonly known?: readonly string[];
  /** Its name or bucket, to find the declaration that it belongs to. */
  readonly name?: string;
}

/** Whose things are looked for. */
export interface Owner {
  readonly environment: string;
  /** Value of the default tag `stack`. */
  readonly stack: string;
  readonly region: string;
  /** Literal names declared in the stack, per type: what has no tags is found by these. */
  readonly names: Readonly<Record<string, readonly string[]>>;
}

/** How things of some types are found and deleted. The order of the kinds is the order in which they can be deleted. */
export interface OrphanKind {
  readonly types: readonly string[];
  list(clients: AwsClients, owner: Owner): Promise<Found[]>;
  remove(clients: AwsClients, found: Found): Promise<void>;
}

type TagList = readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined;
type KmsTagList = readonly { readonly TagKey?: string | undefined; readonly TagValue?: string | undefined }[] | undefined;

/** Whether default tags say that it belongs to the owner's environment and stack. */
export function isTagged(tags: TagList, owner: Owner): boolean {
  const value = (key: string): string | undefined => tags?.find((tag) => tag.Key === key)?.Value;
  return value("environment") === owner.environment && value("stack") === owner.stack && value("region") === owner.region;
}

export function isKmsTagged(tags: KmsTagList, owner: Owner): boolean {
  return isTagged(
    tags?.map(({ TagKey, TagValue }) => ({ Key: TagKey, Value: TagValue })),
    owner,
  );
}

/** Whether a declaration of the stack gives it this name. */
export function isNamed(type: string, name: string | undefined, owner: Owner): boolean {
  return name !== undefined && (owner.names[type] ?? []).includes(name);
}

/** All pages of a listing. */
export async function allPages<Page, Item>(
  ask: (token: string | undefined) => Promise<Page>,
  next: (page: Page) => string | undefined,
  items: (page: Page) => readonly Item[] | undefined,
): Promise<Item[]> {
  const all: Item[] = [];
  let token: string | undefined;
  do {
    const page = await ask(token);
    all.push(...(items(page) ?? []));
    token = next(page) || undefined;
  } while (token !== undefined);
  return all;
}
