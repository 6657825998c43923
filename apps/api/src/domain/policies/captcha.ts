import type { Policy } from './policy.ts'

/** A solved challenge of this secret's, not used before. */
export const captcha: Policy = ({ captcha }) => {
  if (captcha === 'missing') return { code: 'CAPTCHA_REQUIRED' }
  return captcha === 'wrong' ? { code: 'CAPTCHA_WRONG' } : null
}
