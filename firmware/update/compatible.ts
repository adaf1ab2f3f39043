/** What a bundle for this variant of the image calls itself, so that no board takes another's. */
export function compatibleOf(variant: string): string {
  return `tunggal-${variant}`
}
