import type { ProviderMetadata } from "./types.js";

/** What a provider says, without the probabilities of tokens: they would show what is withheld. */
export function withoutLogprobs<Said extends { readonly providerMetadata?: ProviderMetadata }>(said: Said): Said {
  if (said.providerMetadata === undefined) return said;
  const metadata = Object.entries(said.providerMetadata).map(([provider, { logprobs: _, ...rest }]) => [
    provider,
    rest,
  ]);
  return { ...said, providerMetadata: Object.fromEntries(metadata) };
}
