/**
 * Machine images: environment -> region -> architecture -> AMI id. Fixed ids, so an untouched environment plans
 * nothing; `fleet images update <environment>` renews them. An absent id stops the plan of that environment only.
 */
export type ImagesLock = {
  readonly [environment: string]: {
    readonly [region: string]: { readonly [arch in "amd64" | "arm64"]?: string };
  };
};
