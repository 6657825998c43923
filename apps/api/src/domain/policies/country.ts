import type { Policy } from './policy.ts'

/** The caller's country must be in the list; an unknown country is in no list. */
export const country: Policy = ({ secret, country }) => {
  if (secret.geolocation === null) return null
  return country !== null && secret.geolocation.includes(country) ? null : { code: 'GEO_DENIED' }
}
