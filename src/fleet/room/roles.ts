/** Each may do what those before it may: look, act, and say yes to what another has begun. */
export const roles = ['viewer', 'operator', 'approver'] as const
export type Role = (typeof roles)[number]

export function mayAs(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed)
}
