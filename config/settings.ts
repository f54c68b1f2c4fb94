import { type Cidr, isPrivate, privateBlocks, readCidr, showAddress } from "./cidr.ts";
import { field, oneOf, oneRule } from "./fields.ts";
import { hostNameForm, isHostName, isOwnAddress, readOutboundHost } from "./hosts.ts";
import { architectureOf, partitionOf, reservedNames } from "./platforms.ts";
import { type Duration, durationForm, readDuration, readSize, type Size, sizeForm } from "./units.ts";

/** The rules of single settings; `schema.ts` puts them together, `rules.ts` joins several. */

const matches = (pattern: RegExp) => (value: unknown) => typeof value === "string" && pattern.test(value);
export const isText = (value: unknown): value is string => typeof value === "string";

export const environmentName = field<string>((value) => {
  const expected = "a lower-case letter, then 1 to 15 lower-case letters or digits";
  if (!matches(/^[a-z][a-z0-9]{1,15}$/)(value))
    return { wrong: "is not an environment's name", expected, todo: "Rename it; a hyphen would let a glob catch a neighbour" };
  const owner = reservedNames[String(value)];
  if (owner !== undefined) return { wrong: "is reserved", expected: `${expected}, but not ${value}`, todo: `Rename it; ${owner}` };
  return undefined;
});

export const accountId = oneRule<string>(matches(/^[0-9]{12}$/), {
  wrong: "is not an AWS account id",
  expected: "12 digits in quotes",
  todo: "Ask `aws sts get-caller-identity` for it",
});

export const regionProblem = {
  wrong: "is not an AWS region",
  expected: 'the name of a region, e.g. "eu-central-1"',
  todo: "Correct it; a region that is new at AWS is added in config/platforms.ts",
};
export const isRegion = (value: unknown) => isText(value) && partitionOf(value) !== undefined;

export const stateFolder = oneRule<string>(
  (value) => matches(/^[A-Za-z0-9._/-]{1,200}$/)(value) && !matches(/^(\.\/)?(cdktf\.out|\.build)(\/|$)/)(value),
  {
    wrong: "is not a folder for states",
    expected: "a path of letters, digits, dots, hyphens and slashes, not below cdktf.out or .build, which every synth makes anew",
    todo: 'Choose a folder that stays, e.g. "states"',
  },
);

const blockSizes = "a private IPv4 block of /16 to /20";
export const cidr = field<Cidr>((value) => {
  const range = readCidr(value);
  if (range === undefined)
    return { wrong: "is not an IPv4 block", expected: `${blockSizes}, e.g. "10.20.0.0/16"`, todo: "Write address/prefix" };
  if (range.prefix < 16 || range.prefix > 20)
    return {
      wrong: "has a prefix that does not fit",
      expected: blockSizes,
      todo: "AWS takes /16 at most, and subnets of three zones need /20 at least",
    };
  if (!isPrivate(range)) return { wrong: "is public", expected: `a block in ${privateBlocks.join(", ")}`, todo: "Choose a private block" };
  if (!range.aligned)
    return {
      wrong: "has bits set behind its prefix",
      expected: `the first address of the block, "${showAddress(range.first)}/${range.prefix}"`,
      todo: "Set the rest of the address to 0",
    };
  return undefined;
});

export const instanceType = oneRule<string>((value) => architectureOf(value) !== undefined, {
  wrong: "is not an instance type",
  expected: 'a name such as "t4g.medium"',
  todo: "Choose one of https://aws.amazon.com/ec2/instance-types",
});
export const arch = oneOf(["amd64", "arm64"], "Take the processor of the instance type");
const smallestDisk = 8;
export const disk = oneRule<Size>(
  (value) => {
    const mebibytes = readSize(value);
    return mebibytes !== undefined && mebibytes % 1024 === 0 && mebibytes >= smallestDisk * 1024 && mebibytes <= 16 * 1024 * 1024;
  },
  {
    wrong: "is not a disk size",
    expected: 'whole GB from "8 GB" (the image) to "16 TB" (the largest gp3 volume)',
    todo: 'Write it as "20 GB"',
  },
);

export const poolName = (value: unknown) => {
  const expected = "a lower-case letter, then up to 19 lower-case letters, digits or hyphens, no hyphen at the end";
  if (!matches(/^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$/)(value)) return { wrong: "is not a pool's name", expected, todo: "Rename the pool" };
  if (value === "all" || value === "default")
    return { wrong: "is a pool of Nomad's own", expected: `${expected}, not all or default`, todo: "Rename the pool" };
  return undefined;
};
export const domain = oneRule<string>(isHostName, {
  wrong: "is not a domain",
  expected: hostNameForm,
  todo: "Name the domain that the apps' host names end in",
});

export const appName = (value: unknown) =>
  matches(/^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/)(value)
    ? undefined
    : {
        wrong: "is not an app's name",
        expected: "a lower-case letter, then up to 39 lower-case letters, digits or hyphens, no hyphen at the end",
        todo: "Rename the app",
      };
export const route = oneRule<string>(isHostName, {
  wrong: "is not a host name",
  expected: hostNameForm,
  todo: "Name one host; paths belong to the app",
});
export const memory = oneRule<Size>((value) => (readSize(value) ?? 0) >= 1 && (readSize(value) ?? 0) <= 1024, {
  wrong: "is not an app's memory",
  expected: `"1 MB" to "1024 MB": ${sizeForm}`,
  todo: "It is the most that one request may use",
});
export const requestTimeout = oneRule<Duration>((value) => (readDuration(value) ?? 0) >= 1 && (readDuration(value) ?? 0) <= 300_000, {
  wrong: "is not a time for one request",
  expected: `"1 millisecond" to "5 minutes": ${durationForm}`,
  todo: "Longer work belongs in a queue",
});
export const outboundHost = field<string>((value) => {
  const target = readOutboundHost(value);
  const expected = 'a lower-case host name or an IPv4 address, with a port if it is not 443, e.g. "api.example.com" or "10.0.0.5:5432"';
  if (target === undefined) return { wrong: "is not a host", expected, todo: "Name each host; there are no wildcards" };
  if (isOwnAddress(target.host))
    return {
      wrong: "is the machine's own address",
      expected,
      todo: "Name another host; credentials and agents of the machine are not for apps",
    };
  return undefined;
});
export const variableName = (value: unknown) =>
  matches(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/)(value)
    ? undefined
    : {
        wrong: "is not a variable's name",
        expected: "letters, digits and underscores, no digit first, 128 at most",
        todo: "Rename the variable",
      };
export const variableValue = oneRule<string>(isText, {
  wrong: "is not a text",
  expected: "a text",
  todo: "Write it in quotes; secrets do not belong here",
});
