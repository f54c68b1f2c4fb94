/** An IPv4 block, e.g. `"10.30.0.0/16"`. */
export type Cidr = `${number}.${number}.${number}.${number}/${number}`;

/** First and last address of a block as 32-bit numbers. */
export interface AddressRange {
  readonly first: number;
  readonly last: number;
  readonly prefix: number;
  /** False where bits are set behind the prefix: `10.30.1.0/16`. */
  readonly aligned: boolean;
}

const pattern = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/;

/** Range of an IPv4 block; undefined for anything else. */
export function readCidr(value: unknown): AddressRange | undefined {
  const parsed = readParts(value);
  if (parsed?.prefix === undefined || parsed.prefix > 32) return undefined;
  const size = 2 ** (32 - parsed.prefix);
  const first = Math.floor(parsed.address / size) * size;
  return { first, last: first + size - 1, prefix: parsed.prefix, aligned: first === parsed.address };
}

/** A single IPv4 address as a range of one; undefined for anything else. */
export function readAddress(value: unknown): AddressRange | undefined {
  const parsed = readParts(value);
  if (parsed === undefined || parsed.prefix !== undefined) return undefined;
  return { first: parsed.address, last: parsed.address, prefix: 32, aligned: true };
}

export function overlap(one: AddressRange, other: AddressRange): boolean {
  return one.first <= other.last && other.first <= one.last;
}

export function contains(outer: AddressRange, inner: AddressRange): boolean {
  return outer.first <= inner.first && inner.last <= outer.last;
}

/** `10.30.0.0` of the number 169738240. */
export function showAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

/** RFC 1918: no public machine is hidden behind such an address. */
export const privateBlocks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"] as const;

export function isPrivate(range: AddressRange): boolean {
  return privateBlocks.some((block) => {
    const outer = readCidr(block);
    return outer !== undefined && contains(outer, range);
  });
}

function readParts(value: unknown): { readonly address: number; readonly prefix: number | undefined } | undefined {
  const match = typeof value === "string" ? pattern.exec(value) : null;
  if (match === null) return undefined;
  const numbers = match.slice(1, 6).map((part) => (part === undefined ? undefined : decimal(part)));
  const [a, b, c, d, prefix] = numbers;
  if (a === undefined || b === undefined || c === undefined || d === undefined) return undefined;
  if (match[5] !== undefined && prefix === undefined) return undefined;
  if ([a, b, c, d].some((part) => part > 255)) return undefined;
  return { address: ((a * 256 + b) * 256 + c) * 256 + d, prefix };
}

/** A leading zero means octal to some programs, so it means nothing here. */
function decimal(text: string): number | undefined {
  return text.length > 1 && text.startsWith("0") ? undefined : Number(text);
}
