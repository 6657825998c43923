import type { Secret } from '../../domain/secrets/secret.ts'
import type { CaptchaShown } from '../../store/store.ts'
import type { Deps } from '../context.ts'

/** What a solution is worth for this secret; it isn't verified where none is asked for. */
export async function checkCaptcha(
  { captcha }: Deps,
  { slug, captcha: asked }: Pick<Secret, 'slug' | 'captcha'>,
  solution: string | undefined,
): Promise<CaptchaShown> {
  if (!asked || solution === undefined) return 'missing'
  return captcha.verify(slug, solution)
}
