import type { Secret } from '../../domain/secrets/secret.ts'
import type { CaptchaShown } from '../../store/store.ts'
import type { Deps } from '../context.ts'

/** Verifies a captcha solution, if the secret requires one. */
export async function checkCaptcha(
  { captcha }: Deps,
  { slug, captcha: required }: Pick<Secret, 'slug' | 'captcha'>,
  solution: string | undefined,
): Promise<CaptchaShown> {
  if (!required || solution === undefined) return 'missing'
  return captcha.verify(slug, solution)
}
