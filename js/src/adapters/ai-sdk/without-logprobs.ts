import type { ProviderMetadata } from "./types.js";

/** What a provider says, without the probabilities of tokens: they would show what is withheld. */
export function withoutLogprobs<Said extends { readonly providerMetadata?: ProviderMetadata }>(said: Said): Said {
  if (!said.providerMetadata) return said;
  const metadata = Object.entries(said.providerMetadata).map(([provider, told]) => {
    const { logprobs: _, ...rest } = told ?? {};
    return [provider, rest];
  });
  return { ...said, providerMetadata: Object.fromEntries(metadata) };
}
